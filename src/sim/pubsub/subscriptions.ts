import type { Random } from '../../gossip/random.ts'
import type { Box } from '../../pubsub/boxes.ts'
import { Region } from '../../pubsub/region.ts'
import type { PubSubParameters, SubscriptionPlacement } from './parameters.ts'

/** Cells that an axis has where placement is Zipf-like. */
const CELLS = 1_000

/** Widths are between these, as parts of their geometric mean. */
const NARROWEST = 0.5
const WIDEST = 1.5

/**
 * Draws subscriptions in the unit cube: boxes that all cover the same share of it, but differ in shape. Each is where its centre is drawn,
 * or beside it where it would stand out of the cube.
 */
export class Subscriptions {
  private readonly parameters: Pick<PubSubParameters, 'attributes' | 'selectivity'>
  private readonly random: Random
  private readonly centres: Array<() => number>

  constructor(parameters: Pick<PubSubParameters, 'attributes' | 'selectivity' | 'placement'>, random: Random) {
    this.parameters = parameters
    this.random = random
    this.centres = Array.from({ length: parameters.attributes }, () => centresOf(parameters.placement, random))
  }

  draw(): Region {
    const { attributes, selectivity } = this.parameters
    const box: Box = new Map(
      drawWidths(attributes, selectivity, this.random).map((width, axis) => {
        const low = Math.min(Math.max(0, this.centres[axis]() - width / 2), 1 - width)
        return [`a${axis}`, { low, high: low + width, lowOpen: false, highOpen: true }]
      })
    )
    return new Region([box], axis => Number(axis.slice(1)))
  }
}

/** Widths whose product is the selectivity, none above 1. */
export function drawWidths(attributes: number, selectivity: number, random: Random): number[] {
  const widths = Array.from({ length: attributes }, () => NARROWEST + (WIDEST - NARROWEST) * random.fraction())
  const isWhole = widths.map(() => false)

  for (;;) {
    const product = widths.reduce((volume, width, i) => (isWhole[i] ? volume : volume * width), 1)
    const scale = (selectivity / product) ** (1 / isWhole.filter(whole => !whole).length)
    const scaled = widths.map((width, i) => (isWhole[i] ? 1 : width * scale))
    const wide = scaled.findIndex((width, i) => !isWhole[i] && width > 1)

    if (wide === -1) {
      return scaled
    }

    // what is cut off here is made up for by the others
    isWhole[wide] = true

    if (isWhole.every(Boolean)) {
      return isWhole.map(() => 1)
    }
  }
}

/**
 * What centres on one axis are drawn by. Zipf-like: the cell of a thousand that has rank r is 1/r times as popular as the first; which one
 * has which rank is random, as it is with names and prices.
 */
function centresOf(placement: SubscriptionPlacement, random: Random): () => number {
  if (placement === 'uniform') {
    return () => random.fraction()
  }

  const cells = Int32Array.from({ length: CELLS }, (_, cell) => cell)
  random.shuffle(cells)
  const sums = new Float64Array(CELLS)

  for (let rank = 0, sum = 0; rank < CELLS; rank++) {
    sum += 1 / (rank + 1)
    sums[rank] = sum
  }

  return () => {
    const drawn = random.fraction() * sums[CELLS - 1]
    return (cells[sums.findIndex(sum => drawn < sum)] + random.fraction()) / CELLS
  }
}
