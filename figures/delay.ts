import type { Preset } from '../src/sampling/parameters.ts'
import { captionOf } from '../src/sim/caption.ts'
import { type SamplingMeasures, sampling } from '../src/sim/experiments/index.ts'
import type { Series } from '../src/sim/plot/figure.ts'
import type { SweptResult } from '../src/sim/sweep.ts'
import { digits, percent, table } from './markdown.ts'
import { runAll, type Study } from './study.ts'

const PRESETS: Preset[] = ['default', 'healer', 'cyclon', 'newscast']

/** One-way delay of a message, mean of an exponential distribution, as a share of the period. */
const DELAYS = [0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 1]
const PERIOD = 1_000

const CRASH = 80
const AFTER = 10

/** What becomes of the figures when messages take time, up to a whole period. */
export const delay: Study = {
  name: 'delay',
  async run(show) {
    const network = { nodes: 5_000, view: 30, rounds: CRASH + AFTER, crash: [{ share: 0.5, round: CRASH }] }
    const byRounds = PRESETS.map(preset => ({ label: preset, options: { ...network, preset } }))
    const byEvents = PRESETS.flatMap(preset =>
      DELAYS.map(share => ({
        label: `${preset}, ${share}`,
        options: {
          ...network,
          preset,
          mode: 'events' as const,
          period: PERIOD,
          // long enough for nearly all answers
          exchangeTimeout: Math.max(PERIOD / 2, Math.ceil(8 * share * PERIOD)),
          delay: { kind: 'exponential' as const, mean: share * PERIOD }
        }
      }))
    )
    const results = await runAll(sampling, [...byRounds, ...byEvents], { seed: 1, measureEvery: AFTER }, show)
    const columns = PRESETS.map((_, i) => {
      const start = PRESETS.length + i * DELAYS.length
      return { rounds: results[i], events: results.slice(start, start + DELAYS.length) }
    })

    const series = (value: (result: SweptResult<SamplingMeasures>) => number): Series[] =>
      PRESETS.flatMap((preset, i) => [
        { label: preset, points: columns[i].events.map((result, j) => [DELAYS[j], value(result)]) }
      ])
    const x = { label: 'mean one-way delay (periods)', scale: 'log' as const }

    const tableOf = (cell: (result: SweptResult<SamplingMeasures>) => string) =>
      table(
        ['variant', 'by rounds', ...DELAYS.map(share => `${share} ${share === 1 ? 'period' : 'periods'}`)],
        PRESETS.map((preset, i) => [preset, cell(columns[i].rounds), ...columns[i].events.map(cell)])
      )

    return {
      results,
      figure: {
        title: 'Peer sampling by events: what becomes of it when messages take time',
        caption: captionOf(results),
        panels: [
          {
            title: 'Spread of in-degrees',
            x,
            y: { label: 'standard deviation (links)' },
            series: series(spreadBefore)
          },
          {
            title: 'Busy partners',
            x,
            y: { label: 'exchanges (%)' },
            series: series(result => busyShare(result) * 100)
          },
          {
            title: `Links to the dead, ${AFTER} rounds after half have crashed`,
            x,
            y: { label: 'links (%)' },
            series: series(result => deadAfter(result) * 100)
          }
        ]
      },
      text: `## Delay

By rounds, and by events with messages that take a random (exponential) time of so many periods on average; views of
${network.view}, ${network.nodes} nodes.

Spread of in-degrees after ${CRASH - AFTER} rounds:

${tableOf(result => digits(spreadBefore(result)))}

Share of links that lead to the dead, ${AFTER} rounds after half of the nodes crashed:

${tableOf(result => percent(deadAfter(result)))}

Share of exchanges in which the partner was busy:

${tableOf(result => percent(busyShare(result)))}`
    }
  }
}

function at(result: SweptResult<SamplingMeasures>, wanted: number): SamplingMeasures {
  return result.result.rounds.find(({ round }) => round === wanted) as SamplingMeasures & { round: number }
}

/** The last measurement before the crash: that of its own round already counts the living only. */
function spreadBefore(result: SweptResult<SamplingMeasures>): number {
  return at(result, CRASH - AFTER).inDegree.standardDeviation
}

function deadAfter(result: SweptResult<SamplingMeasures>): number {
  return at(result, CRASH + AFTER).deadLinks
}

function busyShare(result: SweptResult<SamplingMeasures>): number {
  const { busy, started } = at(result, CRASH - AFTER).exchanges
  return busy / started
}
