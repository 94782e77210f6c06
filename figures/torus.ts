import { captionOf } from '../src/sim/caption.ts'
import type { ExperimentResult } from '../src/sim/experiment.ts'
import { torus } from '../src/sim/experiments/index.ts'
import { overTime } from '../src/sim/experiments/over-time.ts'
import type { Panel } from '../src/sim/plot/figure.ts'
import type { ShapeMeasures } from '../src/sim/shape/meter.ts'
import type { TorusOptions } from '../src/sim/shape/parameters.ts'
import { mapPanel } from '../src/sim/shape/torus-map.ts'
import type { SweptResult } from '../src/sim/sweep.ts'
import { percent, table } from './markdown.ts'
import { type Case, runAll, type Study } from './study.ts'

type Shaped = SweptResult<ShapeMeasures>

const SMALL: TorusOptions = { torus: { width: 10, height: 5 }, view: 8, message: 8, psi: 4, rounds: 15 }
const square = (side: number, rounds: number): TorusOptions => ({ side, rounds, draw: new Set() })

/** What is built from random views, and in how many rounds others found it perfect. */
const BUILT: Array<Case<TorusOptions> & { published: string }> = [
  { label: '10 x 5', options: SMALL, published: '4' },
  { label: '10 x 5, upper layer alone', options: { ...SMALL, randomView: 0 }, published: '9' },
  { label: '50 x 50', options: square(50, 20), published: '10 to 14 (ideal random layer)' },
  { label: '128 x 128', options: square(128, 23), published: '23' },
  { label: '128 x 128, upper layer alone', options: { ...square(128, 60), randomView: 0 }, published: '28' }
]

/** Large: one seed is all that there is time for. */
const LARGE: Array<Case<TorusOptions> & { published: string }> = [
  { label: '362 x 362', options: square(362, 40), published: '37' }
]

/** When things go wrong, once the torus is perfect. */
const FAULT = 20
const CUT = 10
const AFTERWARDS: TorusOptions = square(50, 80)

const FAULTS: Array<Case<TorusOptions> & { from: number }> = [
  { label: 'a dead quarter, in one part', options: { hole: [{ share: 0.25, round: FAULT }] }, from: FAULT },
  { label: 'a dead quarter, at random', options: { crash: [{ share: 0.25, round: FAULT }] }, from: FAULT },
  {
    label: 'a cut of ten rounds',
    options: { partition: [{ from: FAULT, to: FAULT + CUT, parts: 2 }] },
    from: FAULT + CUT
  },
  { label: '1 % replaced each round', options: { churn: 0.01 }, from: 0 }
]

/** A torus that is built, and what it bears. */
export const torusStudy: Study = {
  name: 'torus',
  async run(show) {
    const built = await runAll(torus, BUILT, { seed: 1, times: 3 }, show)
    const large = await runAll(torus, LARGE, { seed: 1, times: 1 }, show)
    const cases = FAULTS.map(({ label, options }) => ({ label, options: { ...AFTERWARDS, ...options } }))
    const faulty = await runAll(torus, cases, { seed: 1, times: 3 }, show)
    const maps = [{ label: '50 x 50, drawn', options: { side: 50, rounds: 20 } }]
    const [drawn] = await runAll(torus, maps, { seed: 1, times: 1 }, show)
    const hole = { side: 50, rounds: 50, hole: [{ share: 0.25, round: FAULT }], draw: new Set([50]) }
    const [around] = await runAll(torus, [{ label: 'hole, drawn', options: hole }], { seed: 1, times: 1 }, show)
    const all = [...built, ...large]
    const published = [...BUILT, ...LARGE].map(one => one.published)
    const [ofHole, ofCrash, ofCut, ofChurn] = faulty

    return {
      results: [...all, ...faulty],
      figure: {
        title: 'A torus, built by gossip',
        caption: `${captionOf([drawn])}; the others as the table says, means of seeds 1 to 3, of 362 x 362 seed 1`,
        panels: [
          missingLinks('Missing links', all),
          missingLinks('Missing links of 50 x 50, with faults', faulty),
          ...(drawn.result.atlas?.maps ?? []).map(map =>
            mapPanel(map.round === 0 ? '50 x 50 at the start' : `After ${map.round} rounds`, map)
          ),
          ...(around.result.atlas?.maps ?? []).map(map =>
            mapPanel(`${map.round - FAULT} rounds after a quarter died`, map)
          )
        ]
      },
      text: `## A torus

Rounds until the nearest node in each of the four directions is the neighbour of every node: views and messages of 20
descriptors, partners among the 5 nearest, a random layer with views of 20; 10 x 5 with views and messages of 8 and partners
among the 4 nearest. Three seeds, of 362 x 362 one. Others drew partners from among the 10 nearest where nothing is said of it.

${table(
  ['torus', 'rounds to perfect', 'others', 'missing links after 10 rounds'],
  all.map(({ label, result }, i) => [
    label,
    span(runsOf(result).map(run => perfectAfter(run, 0))),
    published[i],
    percent(result.rounds.find(({ round }) => round === 10)?.missingLinks ?? Number.NaN)
  ])
)}

Of 50 x 50 nodes, after ${FAULT} rounds without a fault:

${table(
  ['fault', 'rounds until all links of the living are right, seed by seed'],
  [ofHole, ofCrash, ofCut].map(({ label, result }, i) => [
    label,
    runsOf(result)
      .map(run => words(perfectAfter(run, FAULTS[i].from)))
      .join(', ')
  ])
)}

Rounds are counted from the fault on, of the cut from its end, to the first one without a missing link. Around the hole a
few links may come and go after that too. With 1 % of all nodes replaced in each round,
${percent(1 - meanMissing(ofChurn))} of the right links were there, on average over the rounds from ${FAULT} on.`
    }
  }
}

function missingLinks(title: string, results: Shaped[]): Panel {
  return {
    title,
    x: { label: 'round' },
    y: { label: 'right links that nodes lack (%)', scale: 'log' },
    series: results.map(({ label, result }) => ({
      // a band around what ends at nothing hides it
      ...overTime(label, result, measures => measures.missingLinks * 100),
      spread: undefined
    }))
  }
}

function runsOf(result: ExperimentResult<ShapeMeasures>): Array<ExperimentResult<ShapeMeasures>> {
  return result.repeated?.runs ?? [result]
}

/** How many rounds after one of them nothing was missing for the first time. */
function perfectAfter({ rounds }: ExperimentResult<ShapeMeasures>, from: number): number {
  const found = rounds.find(({ round, missingLinks }) => round > from && missingLinks === 0)
  return (found?.round ?? Number.POSITIVE_INFINITY) - from
}

function span(rounds: number[]): string {
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)]
  return least === most ? words(least) : `${words(least)} to ${words(most)}`
}

function words(rounds: number): string {
  return Number.isFinite(rounds) ? String(rounds) : 'not in this run'
}

function meanMissing({ result }: Shaped): number {
  const settled = result.rounds.filter(({ round }) => round >= FAULT)
  return settled.reduce((sum, { missingLinks }) => sum + missingLinks, 0) / settled.length
}
