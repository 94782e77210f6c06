import { captionOf } from '../src/sim/caption.ts'
import { type PubSubMeasures, type PubSubOptions, pubsub } from '../src/sim/experiments/index.ts'
import { overTime } from '../src/sim/experiments/over-time.ts'
import { loadPanel } from '../src/sim/experiments/pubsub-figure.ts'
import type { Panel, Series } from '../src/sim/plot/figure.ts'
import type { SweptResult } from '../src/sim/sweep.ts'
import { digits, percent, table } from './markdown.ts'
import { type Case, runAll, type Shown, type Study, thinned } from './study.ts'

type Results = Array<SweptResult<PubSubMeasures>>

/** A case, and the least hit ratio that is aimed at for it, at once. */
interface Row extends Case<PubSubOptions> {
  aim: number
}

/** Rounds of which the tables have the means: the last ones. */
const LAST = 10

const SIZES: Row[] = [
  {
    label: '1,000 members, 2 attributes, 1 %, uniform',
    options: { nodes: 1_000 },
    aim: 1
  },
  {
    label: '10,000 members, 2 attributes, 1 %, uniform',
    options: { nodes: 10_000 },
    aim: 1
  },
  {
    label: '10,000 members, 3 attributes, 1 %, zipf',
    options: { nodes: 10_000, attributes: 3, placement: 'zipf' },
    aim: 0.999
  },
  {
    label: '10,000 members, 4 attributes, 10 %, uniform',
    options: { nodes: 10_000, attributes: 4, selectivity: 0.1, events: 20 },
    aim: 0.999
  },
  {
    label: '10,000 members, 4 attributes, 10 %, zipf',
    options: { nodes: 10_000, attributes: 4, selectivity: 0.1, placement: 'zipf', events: 20 },
    aim: 0.999
  }
]

const TROUBLED: Array<Case<PubSubOptions>> = [
  { label: '1 % replaced each round', options: { nodes: 2_000, selectivity: 0.02, churn: 0.01 } },
  {
    label: '30 % crash after round 30',
    options: { nodes: 2_000, selectivity: 0.02, crash: [{ share: 0.3, round: 30 }] }
  }
]

/** Who gets the events that they asked for, next to what is aimed at. */
export const pubSubStudy: Study = {
  name: 'pubsub',
  async run(show) {
    return shownOf(await runAll(pubsub, [...SIZES, ...TROUBLED], { seed: 1 }, show))
  }
}

/** What the results show. */
export function shownOf(results: Results): Shown {
  const [sizes, troubled] = [results.slice(0, SIZES.length), results.slice(SIZES.length)]

  return {
    results: thinned(results, 5),
    figure: {
      title: 'Content-based publish/subscribe',
      caption: [`sizes: ${captionOf(sizes)}`, `trouble: ${captionOf(troubled)}`].join('\n'),
      panels: [
        overRounds('Members that an event comes to at once', 'of those that match (%)', hits(sizes)),
        {
          ...overRounds('Members that it misses at once', 'of those that match (%)', missed(sizes)),
          y: { label: 'of those that match (%)', scale: 'log' }
        },
        overRounds('Where members come, go or crash', 'of those that match (%)', [
          ...hits(troubled).map(series => ({ ...series, label: `${series.label}, at once` })),
          ...repaired(troubled).map(series => ({ ...series, label: `${series.label}, repaired` }))
        ]),
        loadPanel([results[1], results[4]])
      ]
    },
    text: `## Publish/subscribe

Sub-2-Sub over peer sampling, views of 30, by rounds, seed 1. Means of the last ${LAST} of 50 rounds: the share of the matching members
that an event comes to at once, what is aimed at, and the share of the events that come to all of them; both of events of twelve rounds ago,
after repair, where 1 is aimed at. 100 events a round, with 10 % 20.

${table(
  ['', 'matching', 'hits', 'aim', 'complete', 'repaired', 'complete', 'spam', 'duplicates', 'hops', 'links'],
  sizes.map((one, i) => sizeRow(one, SIZES[i].aim))
)}

### Messages

Per event, all that it takes: questions of three searches for members to begin with, hand-offs, notices to who may have missed it, and what is
asked for then. Flooding hands it to the 30 members of every view; a tree of brokers at its best takes one message for each member that matches.

${table(
  [
    '',
    'asked',
    'hand-offs',
    'notices',
    'pulls',
    'all',
    'per matching member',
    'flooding',
    'tree',
    'most for one member'
  ],
  sizes.map(messageRow)
)}

### Members that come, go or crash

2,000 members, 2 attributes, 2 % of the space each. Where 1 % are replaced in each round, ratios are of members that have been there for 20
rounds (aim: 0.999). After a crash 0.99 is aimed at, and as before within 15 rounds. Means of the rounds that are named.

${table(['', 'rounds', 'hits at once', 'complete', 'newcomers included'], troubleRows(troubled))}`
  }
}

function overRounds(title: string, label: string, series: Series[]): Panel {
  return { title, x: { label: 'round' }, y: { label }, series }
}

function hits(results: Results): Series[] {
  return results.map(({ label, result }) => overTime(label, result, ({ hitRatio }) => 100 * hitRatio))
}

function missed(results: Results): Series[] {
  return results.map(({ label, result }) => overTime(label, result, ({ hitRatio }) => 100 * (1 - hitRatio)))
}

function repaired(results: Results): Series[] {
  return results.map(({ label, result }) => overTime(label, result, measures => 100 * measures.hitRatioAfterRepair))
}

/** Of the rounds from one to another, both included. */
function meanOf({ result }: Results[number], from: number, to: number, value: (measures: PubSubMeasures) => number) {
  const values = result.rounds.filter(({ round }) => round >= from && round <= to).map(value)
  return values.reduce((sum, one) => sum + one, 0) / values.length
}

function late(swept: Results[number], value: (measures: PubSubMeasures) => number): number {
  const { round } = swept.result.final
  return meanOf(swept, round - LAST + 1, round, value)
}

/** Nothing but 1 is shown as 1. */
function share(value: number): string {
  return value === 1 ? '1' : value.toFixed(value > 0.99999 ? 7 : 5)
}

function sizeRow(swept: Results[number], aim: number): string[] {
  const mean = (value: (measures: PubSubMeasures) => number) => late(swept, value)
  return [
    swept.label,
    digits(mean(({ tree }) => tree.messagesPerEvent)),
    share(mean(({ hitRatio }) => hitRatio)),
    String(aim),
    mean(({ completeEvents }) => completeEvents).toFixed(3),
    share(mean(({ hitRatioAfterRepair }) => hitRatioAfterRepair)),
    mean(({ completeEventsAfterRepair }) => completeEventsAfterRepair).toFixed(3),
    digits(mean(({ spam }) => spam)),
    digits(
      mean(({ duplicatesPerDelivery }) => duplicatesPerDelivery),
      2
    ),
    digits(mean(({ hops }) => hops.mean)),
    digits(mean(({ links }) => links.mean))
  ]
}

function messageRow(swept: Results[number]): string[] {
  const mean = (value: (measures: PubSubMeasures) => number) => digits(late(swept, value))
  return [
    swept.label,
    mean(({ messages }) => messages.search),
    mean(({ messages }) => messages.handOffs),
    mean(({ messages }) => messages.notices),
    mean(({ messages }) => messages.pulls),
    mean(({ messagesPerEvent }) => messagesPerEvent),
    mean(({ messagesPerEvent, tree }) => messagesPerEvent / tree.messagesPerEvent),
    mean(({ flooding }) => flooding.messagesPerEvent),
    mean(({ tree }) => tree.messagesPerEvent),
    mean(({ load }) => load.max)
  ]
}

function troubleRows([churn, crash]: Results): string[][] {
  const row = (swept: Results[number], from: number, to: number) => [
    swept.label,
    from === to ? String(from) : `${from} to ${to}`,
    share(meanOf(swept, from, to, ({ hitRatio }) => hitRatio)),
    percent(meanOf(swept, from, to, ({ completeEvents }) => completeEvents)),
    share(meanOf(swept, from, to, ({ hitRatioAll }) => hitRatioAll))
  ]
  return [row(churn, 31, 50), ...[30, 31, 35, 40, 45].map(round => row(crash, round, round)), row(crash, 46, 50)]
}
