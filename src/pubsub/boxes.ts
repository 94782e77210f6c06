import { CHUNKS, chunkAxis, LEAD, lead, reversedLead } from './axes.ts'
import type { Condition } from './condition.ts'
import { MAX_BOXES, MAX_INTERVALS } from './constants.ts'
import { utf8Length, type Value } from './event.ts'
import type { Filter } from './filter.ts'

/** Part of an axis; an infinite end is open. */
export interface Interval {
  low: number
  high: number
  lowOpen: boolean
  highOpen: boolean
}

/** Intervals by axis (see {@link toPoint}); an axis that is not named does not matter. */
export type Box = ReadonlyMap<string, Interval>

/** What a condition allows, on the axes that its attribute has by it. */
type Part = { axis: string; interval: Interval }[]

/**
 * The boxes of a filter, at least one and at most 64, of at most 512 intervals in all. Whatever matches lies in one of them; of what lies there, not all need match:
 * strings are told apart by 24 bytes at either end, and sets that would make too many boxes are covered by wider ones.
 */
export function toBoxes(filter: Filter): Box[] {
  let boxes: Map<string, Interval>[] = [new Map()]
  // small sets first: they gain most from boxes of their own
  const parts = [...filter.conditions]
    .map(([name, condition]) => partsOf(name, condition))
    .sort((a, b) => a.length - b.length)
  const axes = parts.reduce((sum, [first]) => sum + first.length, 0)
  const most = Math.min(MAX_BOXES, Math.floor(MAX_INTERVALS / Math.max(1, axes)))

  for (const all of parts) {
    const few = gather(all, Math.floor(most / boxes.length))
    boxes = boxes.flatMap(box =>
      few.map(part => new Map([...box, ...part.map(({ axis, interval }) => [axis, interval] as const)]))
    )
  }

  return boxes
}

/** Whether a point, as {@link toPoint} makes it, lies in the box. */
export function holds(box: Box, point: ReadonlyMap<string, number>): boolean {
  for (const [axis, { low, high, lowOpen, highOpen }] of box) {
    const at = point.get(axis)

    if (at === undefined || !(lowOpen ? at > low : at >= low) || !(highOpen ? at < high : at <= high)) {
      return false
    }
  }

  return true
}

/** In order along the first axis, none twice. All of one condition have the same axes. */
function partsOf(name: string, condition: Condition): Part[] {
  switch (condition.kind) {
    case 'range': {
      const { low, high, lowOpen, highOpen } = condition
      return [[{ axis: name, interval: { low, high, lowOpen, highOpen } }]]
    }
    case 'affixes': {
      const { starts, ends } = condition
      const text = beginning(starts, chunk => chunkAxis(name, ':text', chunk), lead)
      const reversed = ends === '' ? [] : beginning(ends, chunk => chunkAxis(name, ':reversed', chunk), reversedLead)
      return [[...text, ...reversed]]
    }
    case 'one-of':
      return distinct(condition.values.map(value => valuePart(name, value)))
  }
}

/** What begins like this, be it read backwards: sixes of bytes that are all there are told exactly, the next one by its first bytes. */
function beginning(text: string, axisOf: (chunk: number) => string, leadOf: typeof lead): Part {
  const count = Math.max(1, Math.min(CHUNKS, Math.ceil(utf8Length(text) / LEAD)))
  return Array.from({ length: count }, (_, chunk) => ({
    axis: axisOf(chunk),
    interval: closed(leadOf(text, 0, chunk), leadOf(text, 255, chunk))
  }))
}

function valuePart(name: string, value: Value): Part {
  switch (typeof value) {
    case 'number':
      return [{ axis: name, interval: closed(value, value) }]
    case 'boolean':
      return [{ axis: `${name}:truth`, interval: closed(Number(value), Number(value)) }]
    case 'string':
      return Array.from({ length: CHUNKS }, (_, chunk) => [
        exactly(chunkAxis(name, ':text', chunk), lead(value, 0, chunk)),
        exactly(chunkAxis(name, ':reversed', chunk), reversedLead(value, 0, chunk))
      ]).flat()
  }
}

function exactly(axis: string, place: number): Part[number] {
  return { axis, interval: closed(place, place) }
}

function closed(low: number, high: number): Interval {
  return { low, high, lowOpen: false, highOpen: false }
}

function distinct(parts: Part[]): Part[] {
  const key = (part: Part) => part.map(({ interval }) => interval.low).join(' ')
  return [...new Map(parts.map(part => [key(part), part])).values()]
}

/** So many parts or fewer: parted where the gaps along the first axis are widest, and covered in between. */
function gather(parts: Part[], most: number): Part[] {
  if (parts.length <= most) {
    return parts
  }

  const gap = (i: number) => parts[i][0].interval.low - parts[i - 1][0].interval.low
  const cuts = parts
    .map((_, i) => i)
    .slice(1)
    .sort((a, b) => gap(b) - gap(a))
    .slice(0, most - 1)
    .sort((a, b) => a - b)
  return [0, ...cuts].map((first, i) => cover(parts.slice(first, cuts[i])))
}

function cover(parts: Part[]): Part {
  return parts[0].map(({ axis }, i) => {
    const intervals = parts.map(part => part[i].interval)
    return {
      axis,
      interval: closed(Math.min(...intervals.map(({ low }) => low)), Math.max(...intervals.map(({ high }) => high)))
    }
  })
}
