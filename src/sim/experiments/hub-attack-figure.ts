import type { Damage } from '../attack/damage.ts'
import { isEmptyBin, middleOf } from '../attack/in-degree-bins.ts'
import { captionOf } from '../caption.ts'
import type { LabelledResult, MeasuredRound } from '../experiment.ts'
import type { Figure, Panel, Series } from '../plot/figure.ts'
import { level, overTime } from './over-time.ts'

/** Pollution at which an attack is shown at work: later there is nothing left to see. */
const HALF = 0.5

/** How far the attackers come over time, and what the network looks like before and during the attack. */
export function hubAttackFigure(results: Array<LabelledResult<Damage>>): Figure {
  const overRounds = (title: string, label: string, value: (damage: Damage) => number): Panel => ({
    title,
    x: { label: 'round' },
    y: { label },
    series: results.map(one => overTime(labelOf(one), one.result, value))
  })
  const polluted = (title: string, label: string, value: (damage: Damage) => number): Panel => {
    const panel = overRounds(title, label, value)
    return { ...panel, series: [...panel.series, ...optima(results)] }
  }
  const panels = [
    overRounds('Isolated nodes', 'honest nodes that know no honest one', ({ isolatedNodes }) => isolatedNodes),
    inDegrees(results),
    polluted('Polluted links', 'links of the honest (%)', ({ pollutedLinks }) => pollutedLinks * 100),
    polluted('Polluted samples', 'samples of the honest (%)', ({ pollutedSamples }) => pollutedSamples * 100)
  ]

  if (results.some(({ result }) => result.final.victimPollutedLinks !== undefined)) {
    const ofVictim = ({ victimPollutedLinks = Number.NaN }: Damage) => victimPollutedLinks * 100
    panels.push(polluted('The victim of the eclipse', "polluted links in the victim's view (%)", ofVictim))
  }

  return { title: 'The hub attack', caption: captionOf(results), panels }
}

/** A run that needs no label, being alone, is told from the yardstick by its defence. */
function labelOf({ label, result }: LabelledResult<Damage>): string {
  return label === '' ? `defence ${result.parameters.defence}` : label
}

/** What no defence can go below in the long run: the share of attackers among the nodes. */
function optima(results: Array<LabelledResult<Damage>>): Series[] {
  const shares = results.map(
    ({ result: { parameters } }) => (Number(parameters.attackers) / Number(parameters.nodes)) * 100
  )
  const different = [...new Set(shares)]
  return different.map(share => level(results, `attackers among the nodes: ${Number(share.toPrecision(3))} %`, share))
}

function inDegrees(results: Array<LabelledResult<Damage>>): Panel {
  return {
    title: 'In-degrees before and during the attack',
    x: { label: 'in-degree in views of the honest (0 at 0.5)', scale: 'log' },
    y: { label: 'nodes (%)', scale: 'log' },
    series: results.flatMap(distributions)
  }
}

/** The last in-degrees before the attack, and those when half of the links are polluted, or at the end. */
function distributions({ label, result }: LabelledResult<Damage>): Series[] {
  const from = Number(result.parameters.attackFrom)
  const before = result.rounds.findLast(({ round }) => round <= from)
  const after = result.rounds.filter(({ round }) => round > from)
  const during = after.find(({ pollutedLinks }) => pollutedLinks >= HALF) ?? after.at(-1)
  const name = label === '' ? '' : `${label}, `

  return [
    ...(before === undefined ? [] : [distribution(`${name}before (round ${before.round})`, before)]),
    ...(during === undefined ? [] : [distribution(`${name}during (round ${during.round})`, during)])
  ]
}

function distribution(label: string, { inDegree }: MeasuredRound<Damage>): Series {
  const nodes = inDegree.distribution.reduce((sum, count) => sum + count, 0)
  const points = inDegree.distribution.flatMap((count, bin): Array<[number, number]> => {
    return isEmptyBin(bin) ? [] : [[middleOf(bin), (count / nodes) * 100]]
  })
  return { label, points }
}
