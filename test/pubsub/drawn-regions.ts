import type { Random } from '../../src/gossip/random.ts'
import { type Box, checkEvent, FilterError, parseFilter, toBoxes, toPoint } from '../../src/pubsub/index.ts'
import { nextDown, nextUp } from '../../src/pubsub/ordering.ts'
import { Region } from '../../src/pubsub/region.ts'
import { drawEvent, drawFilter, NAMES } from './drawn.ts'

/** All axes on which drawn filters may have a side. */
const CHUNKS = ['', '6', '12', '18'].flatMap(chunk => [`:text${chunk}`, `:reversed${chunk}`])
export const AXES = NAMES.flatMap(name => ['', ':truth', ...CHUNKS].map(mark => name + mark))

export const numberOf = (axis: string) => AXES.indexOf(axis)

/** What a region and a point are made of, for slow twins, and these themselves. */
export interface DrawnRegion {
  boxes: Box[]
  region: Region
}

/** The boxes of a drawn filter that does not contradict itself. */
export function drawRegion(random: Random): DrawnRegion {
  for (;;) {
    try {
      const boxes = toBoxes(parseFilter(drawFilter(random)))
      return { boxes, region: new Region(boxes, numberOf) }
    } catch (err) {
      if (!(err instanceof FilterError)) {
        throw err
      }
    }
  }
}

/** An event's point, or a corner of a box and what is next to it. */
export function drawPlace(random: Random, boxes: readonly Box[]): Map<string, number> {
  const place = toPoint(checkEvent(drawEvent(random)))

  for (const [axis, { low, high }] of boxes[random.below(boxes.length)]) {
    const near = [low, high, nextUp(low), nextDown(low), nextUp(high), nextDown(high), low / 2 + high / 2]
    const value = near[random.below(near.length)]

    if (random.below(8) > 0 && Number.isFinite(value)) {
      place.set(axis, value)
    }
  }

  return place
}

/** The same as a protocol core has it. */
export function toArray(place: ReadonlyMap<string, number>): Float64Array {
  return Float64Array.from(AXES, axis => place.get(axis) ?? Number.NaN)
}
