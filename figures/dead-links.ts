import { captionOf } from '../src/sim/caption.ts'
import type { SamplingMeasures } from '../src/sim/experiments/index.ts'
import { sampling } from '../src/sim/experiments/index.ts'
import type { Figure } from '../src/sim/plot/figure.ts'
import type { SweptResult } from '../src/sim/sweep.ts'
import { percent, table } from './markdown.ts'
import { DECAYS } from './published.ts'
import { runAll, type Study } from './study.ts'

/** When half of all nodes crash, and the rounds after it that are looked at. */
const CRASH = 50
const AFTER = [5, 10, 20, 40, 45, 90]

/** How fast the dead are forgotten. */
export const deadLinks: Study = {
  name: 'dead-links',
  async run(show) {
    const network = { nodes: 10_000, view: 30, rounds: CRASH + 90, crash: [{ share: 0.5, round: CRASH }] }
    const cases = DECAYS.map(({ label, options }) => ({ label, options: { ...network, ...options } }))
    const results = await runAll(sampling, cases, { seed: 1, times: 3, measureEvery: 5 }, show)

    const rows = results.map(({ label, result }, i) => [
      label,
      ...AFTER.map(after =>
        percent(result.rounds.find(({ round }) => round === CRASH + after)?.deadLinks ?? Number.NaN)
      ),
      DECAYS[i].published || '-'
    ])

    return {
      results,
      figure: figureOf(results),
      text: `## Dead links

Share of the links of the living that lead to the dead, so many rounds after half of ${network.nodes} nodes crashed at once;
mean of three seeds. A failed contact drops the partner. Where the others let it stay, they forget more slowly: with the
drop left out, this program has 44 % after 10 rounds for H=1, S=14 and 27 % after 90 for blind, as they do. Swapper has twice
as many left after 40 rounds as they found, and one link of 450,000 after 45; healer is as fast as theirs at first, and faster
after that.

${table(['variant', ...AFTER.map(after => `after ${after}`), 'others'], rows)}

At the end the living made ${inOnePiece(results) ? 'one network in every run' : 'more than one network in some run'}.`
    }
  }
}

function inOnePiece(results: Array<SweptResult<SamplingMeasures>>): boolean {
  return results.every(({ result }) => result.repeated?.runs.every(({ final }) => final.components === 1))
}

function figureOf(results: Array<SweptResult<SamplingMeasures>>): Figure {
  return {
    title: 'Peer sampling: how fast the dead are forgotten',
    caption: captionOf(results),
    panels: [
      {
        x: { label: 'rounds since half of the nodes crashed' },
        y: { label: 'links to the dead (%)', scale: 'log' },
        series: results.map(({ label, result }) => ({
          label,
          points: result.rounds
            .filter(({ round }) => round >= CRASH)
            .map(({ round, deadLinks: share }) => [round - CRASH, share * 100])
        }))
      }
    ]
  }
}
