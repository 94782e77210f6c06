import { captionOf } from '../caption.ts'
import type { LabelledResult } from '../experiment.ts'
import type { Figure, Panel, Series } from '../plot/figure.ts'
import type { PubSubMeasures } from '../pubsub/meter.ts'
import { overTime } from './over-time.ts'

type Results = Array<LabelledResult<PubSubMeasures>>

/** Who gets the events that they asked for as links form, in how many messages, and how even the load is. */
export function pubSubFigure(results: Results): Figure {
  return {
    title: 'Content-based publish/subscribe',
    caption: captionOf(results),
    panels: [hitPanel(results), messagesPanel(results), loadPanel(results), hopsPanel(results)]
  }
}

function hitPanel(results: Results): Panel {
  const shares = (what: string, value: (measures: PubSubMeasures) => number) =>
    measured(results, what, measures => 100 * value(measures))

  return {
    title: 'Events that arrive',
    x: { label: 'round' },
    y: { label: 'of the matching members, of the events (%)' },
    series: [
      ...shares('members, at once', ({ hitRatio }) => hitRatio),
      ...shares('members, after repair', ({ hitRatioAfterRepair }) => hitRatioAfterRepair),
      ...shares('events that are complete at once', ({ completeEvents }) => completeEvents)
    ]
  }
}

function messagesPanel(results: Results): Panel {
  return {
    title: 'Messages',
    x: { label: 'round' },
    y: { label: 'messages per event', scale: 'log' },
    series: [
      ...measured(results, 'messages', ({ messagesPerEvent }) => messagesPerEvent),
      ...yardsticks(results, FLOODING, ({ flooding }) => flooding.messagesPerEvent),
      ...yardsticks(results, TREE, ({ tree }) => tree.messagesPerEvent)
    ]
  }
}

/** In the end. A mean of several runs is over what members got in each of them. */
export function loadPanel(results: Results): Panel {
  return {
    title: 'Load in the end',
    x: { label: 'messages per member and event', scale: 'log' },
    y: { label: 'members with no more (%)' },
    series: [
      ...results.map(
        ({ label, result }): Series => ({
          label: nameOf(label, 'messages'),
          points: distribution(result.final.load.histogram, Number(result.parameters.events))
        })
      ),
      ...results.flatMap(({ label, result: { final } }) => [
        upright(nameOf(label, FLOODING), final.flooding.messagesPerEvent / final.living),
        upright(nameOf(label, TREE), final.tree.messagesPerEvent / final.living)
      ])
    ]
  }
}

function hopsPanel(results: Results): Panel {
  return {
    title: 'Hops to the last member',
    x: { label: 'round' },
    y: { label: 'hops' },
    series: [
      ...measured(results, 'mean', ({ hops }) => hops.mean),
      ...measured(results, 'most', ({ hops }) => hops.max)
    ]
  }
}

const FLOODING = 'flooding'
const TREE = 'ideal tree'

function measured(results: Results, what: string, value: (measures: PubSubMeasures) => number): Series[] {
  return results.map(({ label, result }) => overTime(nameOf(label, what), result, value))
}

function yardsticks(results: Results, what: string, value: (measures: PubSubMeasures) => number): Series[] {
  return measured(results, what, value).map(series => ({ ...series, kind: 'yardstick' as const }))
}

/** What share of the members got so many messages or fewer. */
function distribution(histogram: number[], events: number): Array<[number, number]> {
  const members = histogram.reduce((sum, count) => sum + count, 0)
  let sum = 0

  return histogram.map((count, load) => {
    sum += count
    return [load / events, (100 * sum) / members]
  })
}

/** The same load for everybody. */
function upright(label: string, x: number): Series {
  return {
    label,
    kind: 'yardstick',
    points: [
      [x, 0],
      [x, 100]
    ]
  }
}

function nameOf(label: string, what: string): string {
  return label === '' ? what : `${label}, ${what}`
}
