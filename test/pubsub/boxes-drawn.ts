import type { Random } from '../../src/gossip/random.ts'
import type { Box } from '../../src/pubsub/index.ts'
import { Region } from '../../src/pubsub/region.ts'

/** Boxes with sides of about a width within the unit cube, on so many axes. */
export function drawCubes(random: Random, count: number, dimensions: number, width: number): Region[] {
  return Array.from({ length: count }, () => {
    const box: Box = new Map(
      Array.from({ length: dimensions }, (_, axis) => {
        const side = width * (0.5 + random.fraction())
        const low = random.fraction() * (1 - Math.min(1, side))
        return [`${axis}`, { low, high: low + side, lowOpen: false, highOpen: true }]
      })
    )
    return new Region([box], Number)
  })
}

/** A point in the unit cube. */
export function drawInCube(random: Random, dimensions: number): Float64Array {
  return Float64Array.from({ length: dimensions }, () => random.fraction())
}
