import { hubAttack } from '../src/sim/experiments/index.ts'
import type { Figure } from '../src/sim/plot/figure.ts'
import { digits, table } from './markdown.ts'
import { runAll, type Study, thinned } from './study.ts'

/** The attack of the textbook's figure. */
const NETWORK = { nodes: 100_000, view: 30, attackers: 30, rounds: 300 } as const

/** The variants, and the rounds until half, 99 % and all of the honest had only attackers, as others found. */
const VARIANTS = [
  { label: 'newscast', options: { preset: 'newscast' }, published: '18 to 23 / 23 to 29 / 26 to 32' },
  {
    label: 'healer, rand',
    options: { preset: 'healer', selection: 'rand' },
    published: '22 to 26 / 36 to 39 / 56 to 61 (about 120 in a second program)'
  },
  { label: 'healer', options: { preset: 'healer' }, published: '48 to 50 / 99 to 102 / 157 to 190' },
  { label: 'swapper', options: { preset: 'swapper' }, published: 'never; polluted links level off near 11 %' },
  { label: 'default', options: {}, published: 'never; polluted links level off at 21.5 %' },
  { label: 'blind', options: { preset: 'blind' }, published: 'never; 8 % captured after 300' }
] as const

/** The panel of in-degrees is of the first two only: two lines each are as many as one can tell apart. */
function figureOf(results: Parameters<typeof hubAttack.figure>[0]): Figure {
  const all = hubAttack.figure(results)
  const few = hubAttack.figure(results.slice(0, 2))
  return {
    ...all,
    panels: all.panels.map((panel, i) => (panel.title?.startsWith('In-degrees') ? few.panels[i] : panel))
  }
}

/** How fast colluders take over a network that does nothing against it. */
export const hubAttackStudy: Study = {
  name: 'hub-attack',
  async run(show) {
    const cases = VARIANTS.map(({ label, options }) => ({ label, options: { ...NETWORK, ...options } }))
    const results = await runAll(hubAttack, cases, { seed: 1, times: 1 }, show)
    const honest = NETWORK.nodes - NETWORK.attackers

    const rows = results.map(({ label, result }, i) => {
      const until = (share: number) => {
        const found = result.rounds.find(({ isolatedNodes }) => isolatedNodes >= share * honest)
        return found == null ? 'never' : String(found.round)
      }
      const { pollutedLinks } = result.final
      return [label, until(0.5), until(0.99), until(1), `${digits(pollutedLinks * 100)} %`, VARIANTS[i].published]
    })

    return {
      results: thinned(results, 5),
      figure: figureOf(results),
      text: `## The hub attack, without a defence

Rounds until so many of the honest nodes had no honest peer in view, and links to attackers after 300 rounds: ${NETWORK.nodes}
nodes, views of ${NETWORK.view}, ${NETWORK.attackers} attackers who answer with each other only and start one exchange a round
each, from the first round on; one seed. Others found, for half / 99 % / all, what the last column says (two programs that
differ in the order of events within a round).

${table(['variant', 'half', '99 %', 'all', 'polluted links after 300', 'others'], rows)}

Whoever keeps what is fresh is lost within the textbook's 300 rounds. Where sent links are dropped (swapper, the default),
30 attackers hold a part of all links, and never all of them.`
    }
  }
}
