import type { HubAttackOptions } from '../src/sim/experiments/index.ts'
import { hubAttack } from '../src/sim/experiments/index.ts'
import type { SweptResult } from '../src/sim/sweep.ts'
import { digits, table } from './markdown.ts'
import { runAll, type Study, thinned } from './study.ts'

/** A row: what is run, what is aimed at, and what others found. */
interface Row {
  options: HubAttackOptions
  aim: string
  others: string
}

/** The share of the rounds that count as the beginning, which the means leave out. */
const BEGINNING = 30

const statistics = (options: HubAttackOptions, aim: string, others: string): Row => ({
  options: { view: 30, rounds: 200, defence: 'statistics', ...options },
  aim,
  others
})

const ranking = (options: HubAttackOptions, aim: string, others: string): Row => ({
  options: { view: 50, rounds: 200, defence: 'ranking', attack: 'flood', ...options },
  aim,
  others
})

const STATISTICS: Row[] = [
  statistics(
    { nodes: 100_000, attackers: 30, rounds: 300 },
    'at most 1 % at round 300, nobody isolated, no relapse over 5 %',
    'peak 6.2 %, relapse to 4.8 %, 0.43 % at 300'
  ),
  statistics(
    { nodes: 100_000, attackers: 30, rounds: 300, preset: 'healer' },
    'better than others',
    'peak 83 %, 0.03 % at 50, 31 isolated'
  ),
  statistics(
    { nodes: 10_000, attackers: 100 },
    'better than others',
    'peak 38 to 44 %, then 0.04 to 0.7 % with relapses'
  ),
  statistics({ nodes: 10_000, attackers: 500 }, 'none', 'no protection'),
  statistics({ nodes: 1_000, attackers: 10 }, 'better than others', '2 to 5 %'),
  statistics({ nodes: 1_000, attackers: 100 }, 'better than others', '9 %, 68 isolated'),
  statistics({ nodes: 50, attackers: 5 }, 'better than others', '12 %'),
  statistics(
    { nodes: 10_000, attackers: 100, attack: 'cautious', honesty: 0.8 },
    'better than others',
    '2 to 10 %, hardly ever convicted'
  ),
  statistics({ nodes: 1_000, attackers: 10, attack: 'frame' }, 'no honest peer suspected by more than 5 %', '4 %'),
  statistics({ nodes: 10_000, attackers: 100, attack: 'frame' }, 'no honest peer suspected by more than 5 %', '4 %'),
  statistics({ nodes: 1_000, attackers: 10, attack: 'diluted' }, 'none', '-'),
  statistics({ nodes: 50, attackers: 0 }, 'under 1e-5 of pairs suspected', 'none suspected'),
  statistics({ nodes: 1_000, attackers: 0 }, 'under 1e-5 of pairs suspected', 'none suspected'),
  statistics({ nodes: 10_000, attackers: 0 }, 'under 1e-5 of pairs suspected', '5e-7')
]

const RANKING: Row[] = [
  ranking({ nodes: 1_000, attackers: 10 }, '2f in links, 1.5f in samples', '1.1 / 1.0 %'),
  ranking({ nodes: 1_000, attackers: 100 }, '2f in links, 1.5f in samples', '11.9 / 9.9 %'),
  ranking(
    { nodes: 1_000, attackers: 300 },
    'samples at most 33 % on average from round 31 on, nobody isolated',
    '35.7 / 31 %'
  ),
  ranking({ nodes: 10_000, attackers: 100, view: 100 }, '2f in links, 1.5f in samples', '1.6 / 1.1 %'),
  ranking({ nodes: 10_000, attackers: 500, view: 100 }, '2f in links, 1.5f in samples', '8.2 / 5.9 %'),
  ranking({ nodes: 10_000, attackers: 1_000, view: 100 }, '2f in links, 1.5f in samples', '16.7 / 11.3 %'),
  ranking({ nodes: 10_000, attackers: 100 }, 'none', '-'),
  ranking({ nodes: 10_000, attackers: 500 }, 'none', '-'),
  ranking({ nodes: 10_000, attackers: 1_000 }, 'none', '-'),
  ranking({ nodes: 10_000, attackers: 1_000, view: 30 }, 'none', 'captured'),
  ranking(
    { nodes: 100_000, attackers: 30, rounds: 300, attack: 'hub' },
    'at most 0.5 % over 300 rounds',
    '0.31 / 0.24 % at round 100, rising'
  ),
  ranking(
    { nodes: 100_000, attackers: 30, rounds: 300, attack: 'hub', view: 30 },
    'at most 0.5 % over 300 rounds',
    '-'
  ),
  ranking({ nodes: 50, attackers: 5, view: 30 }, '2f in links, 1.5f in samples', '9 to 11 %'),
  ranking({ nodes: 1_000, attackers: 100, attack: 'diluted' }, '2f in links, 1.5f in samples', '-'),
  ranking({ nodes: 1_000, attackers: 100, attack: 'cautious', honesty: 0.8 }, '2f in links, 1.5f in samples', '-'),
  ranking({ nodes: 1_000, attackers: 100, attack: 'eclipse', flood: 10 }, 'the victim is not isolated', '-')
]

/** What the defences make of the attack: every aim, and how far it is reached. */
export const defences: Study = {
  name: 'defences',
  async run(show) {
    const rows = [...STATISTICS, ...RANKING]
    const cases = rows.map(({ options }) => ({ label: commandOf(options), options }))
    const results = await runAll(hubAttack, cases, { seed: 1, times: 1 }, show)
    const line = ({ aim, others }: Row, i: number) => rowOf(results[i], aim, others)
    const drawn = results.filter((_, i) => rows[i].options.nodes === 100_000)

    return {
      results: thinned(results, 10),
      figure: hubAttack.figure(drawn.map(({ label, ...rest }) => ({ ...rest, label: shortened(label) }))),
      text: `## What the defences make of the hub attack

Each row is one run with seed 1, repeated by \`gossip-peer sim hub-attack\` with the options shown and \`--seed 1\`. f is the
share of attackers, the optimum. Polluted links and samples are in percent: the highest of any round, the mean from round ${BEGINNING + 1}
on, and the last round. Isolated: honest nodes without an honest peer in view, at the end. Suspected: share of pairs of honest
observer and honest peer, and the largest share of observers that suspect one and the same honest peer. Aims and what others
found as far as there are any.

### Statistics

${table(TITLES, STATISTICS.map(line))}

### Ranking

${table(
  TITLES,
  RANKING.map((row, i) => line(row, STATISTICS.length + i))
)}`
    }
  }
}

const TITLES = [
  'options',
  'f',
  'links: peak / mean / end',
  'samples: mean / end',
  'isolated',
  'suspected: pairs / most',
  'aim',
  'others'
]

type Result = SweptResult<{
  pollutedLinks: number
  pollutedSamples: number
  isolatedNodes: number
  suspectedHonest: number
  suspectedMost: number
}>

function rowOf({ label, result }: Result, aim: string, others: string): string[] {
  const { final, rounds, parameters } = result
  const late = rounds.filter(({ round }) => round > BEGINNING)
  const mean = (value: (measured: Result['result']['final']) => number) =>
    late.reduce((sum, measured) => sum + value(measured), 0) / late.length
  const most = (value: (measured: Result['result']['final']) => number) => Math.max(...rounds.map(value))
  const percent = (...shares: number[]) => shares.map(share => digits(share * 100)).join(' / ')

  return [
    `\`${label}\``,
    `${percent((parameters.attackers as number) / (parameters.nodes as number))} %`,
    percent(
      most(({ pollutedLinks }) => pollutedLinks),
      mean(({ pollutedLinks }) => pollutedLinks),
      final.pollutedLinks
    ),
    percent(
      mean(({ pollutedSamples }) => pollutedSamples),
      final.pollutedSamples
    ),
    String(final.isolatedNodes),
    `${digits(
      most(({ suspectedHonest }) => suspectedHonest),
      2
    )} / ${percent(most(({ suspectedMost }) => suspectedMost))} %`,
    aim,
    others
  ]
}

/** The options as they are typed. */
function commandOf(options: HubAttackOptions): string {
  return Object.entries(options)
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} ${value}`)
    .join(' ')
}

function shortened(label: string): string {
  return label.replace(/--nodes \d+ |--attackers \d+ ?|--rounds \d+ |--/g, '').trim()
}
