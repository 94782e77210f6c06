import {
  ERROR_GAIN,
  FIRST_ERROR,
  GRAVITY_DISTANCE,
  LEAST_STEP,
  MAX_CORRECTION,
  MAX_DEVIATION,
  MAX_ERROR,
  MAX_NEARNESS,
  MAX_STEP,
  MIN_ERROR,
  MIN_HEIGHT,
  POSITION_GAIN,
  SAMPLES_AFTER_SURPRISE,
  SETTLING_SAMPLES,
  SURPRISE,
  TYPICAL_SAMPLES,
  USUAL_SAMPLES
} from '../../src/vivaldi/constants.ts'
import type { Coordinate } from '../../src/vivaldi/coordinate.ts'
import type { Rule } from '../../src/vivaldi/parameters.ts'

/** A vector with a height (Vivaldi, section 5.4). */
interface Vector {
  x: number[]
  height: number
}

/** Heights add on subtraction: a packet goes down one access link and up the other. */
function minus(a: Vector, b: Vector): Vector {
  return { x: a.x.map((x, i) => x - b.x[i]), height: a.height + b.height }
}

function plus(a: Vector, b: Vector): Vector {
  return { x: a.x.map((x, i) => x + b.x[i]), height: a.height + b.height }
}

function times(a: Vector, factor: number): Vector {
  return { x: a.x.map(x => x * factor), height: a.height * factor }
}

function length(a: Vector): number {
  return Math.hypot(...a.x) + a.height
}

/** All that a node knows of itself, and the rules as one reads them. */
export interface PlainNode {
  at: Vector
  error: number
  usual: number
  typical: number
  samples: number
}

export function plainNode(dimensions: number, hasHeight: boolean): PlainNode {
  const at = { x: new Array<number>(dimensions).fill(0), height: hasHeight ? MIN_HEIGHT : 0 }
  return { at, error: FIRST_ERROR, usual: FIRST_ERROR, typical: 0, samples: 0 }
}

const within = (least: number, value: number, most: number) => Math.min(most, Math.max(least, value))

/** The node after a sample. The two must not be at the same point. */
export function after(
  rule: Rule,
  node: PlainNode,
  hasHeight: boolean,
  roundTrip: number,
  remote: Coordinate
): PlainNode {
  return (rule === 'published' ? published : relative)(node, hasHeight, roundTrip, remote)
}

/** Vivaldi, figure 3 with the heights of section 5.4; besides, errors have bounds and heights a least value. */
function published(node: PlainNode, hasHeight: boolean, roundTrip: number, remote: Coordinate): PlainNode {
  const difference = minus(node.at, { x: [...remote.position], height: remote.height })
  const predicted = length(difference)
  const w = node.error / (node.error + remote.error)
  const es = Math.abs(predicted - roundTrip) / roundTrip
  const error = within(MIN_ERROR, es * ERROR_GAIN * w + node.error * (1 - ERROR_GAIN * w), MAX_ERROR)
  const unit = times(difference, 1 / predicted)
  const at = plus(node.at, times(unit, POSITION_GAIN * w * (roundTrip - predicted)))
  at.height = hasHeight ? Math.max(MIN_HEIGHT, at.height) : 0
  return { ...node, at, error, usual: error, samples: node.samples + 1 }
}

/** Our own. */
function relative(node: PlainNode, hasHeight: boolean, roundTrip: number, remote: Coordinate): PlainNode {
  const difference = minus(node.at, { x: [...remote.position], height: remote.height })
  const distance = Math.hypot(...difference.x)
  const predicted = length(difference)
  const share = (samples: number) => 1 / Math.min(node.samples + 1, samples)

  // nobody is believed more than oneself, and no deviation beyond three times one's error
  const weight = node.error / (node.error + Math.max(node.error, remote.error))
  const deviation = Math.abs(predicted - roundTrip) / roundTrip
  const counted = Math.min(deviation, MAX_DEVIATION * node.error)
  const error = within(MIN_ERROR, (1 - ERROR_GAIN * weight) * node.error + ERROR_GAIN * weight * counted, MAX_ERROR)
  const typical = (1 - share(TYPICAL_SAMPLES)) * node.typical + share(TYPICAL_SAMPLES) * roundTrip
  const mean = (1 - share(USUAL_SAMPLES)) * node.usual + share(USUAL_SAMPLES) * error
  const isSurprised = node.samples > SAMPLES_AFTER_SURPRISE && error > SURPRISE * mean

  const settling = Math.max(LEAST_STEP, SETTLING_SAMPLES / (SETTLING_SAMPLES + node.samples))
  const nearness = Math.min(MAX_NEARNESS, typical / roundTrip)
  const step =
    Math.min(MAX_STEP, weight * settling * nearness) *
    (deviation === 0 ? 1 : Math.min(counted, MAX_CORRECTION) / deviation)
  const force = step * (roundTrip - predicted)
  const moved = node.at.x.map((x, i) => x + (difference.x[i] / distance) * force)
  const height = node.at.height + (difference.height / predicted) * force

  const fromOrigin = Math.hypot(...moved) / typical
  const pull = Math.min(0.5, (step * fromOrigin) / GRAVITY_DISTANCE ** 2)
  return {
    at: { x: moved.map(x => x * (1 - pull)), height: hasHeight ? Math.max(MIN_HEIGHT, height) : 0 },
    error,
    usual: isSurprised ? error : mean,
    typical,
    samples: isSurprised ? SAMPLES_AFTER_SURPRISE : node.samples + 1
  }
}
