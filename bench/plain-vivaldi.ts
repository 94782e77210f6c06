import {
  ERROR_GAIN,
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
} from '../src/vivaldi/constants.ts'

/** Who takes each sample, of which peer, and the round trip to it. */
export interface Samples {
  nodes: Int32Array
  peers: Int32Array
  roundTrips: Float64Array
}

export type PlainLoop = (samples: Samples) => void

/** Nodes that begin at points of their own, so that none need part: a row each of a position and so many numbers. */
function rows(population: number, dimensions: number, behind: readonly number[]): Float64Array {
  const width = dimensions + behind.length
  return Float64Array.from({ length: population * width }, (_, i) => {
    const column = i % width
    return column < dimensions ? Math.sin(i) : behind[column - dimensions]
  })
}

/** Vivaldi as published, as one writes it for one experiment: no checks, and nothing is shown but what is. */
export function plainPublished(population: number, dimensions: number): PlainLoop {
  const width = dimensions + 2
  const all = rows(population, dimensions, [MIN_HEIGHT, 1])

  return ({ nodes, peers, roundTrips }) => {
    for (let sample = 0; sample < peers.length; sample++) {
      const own = nodes[sample] * width
      const remote = peers[sample] * width
      const roundTrip = roundTrips[sample]
      const height = own + dimensions
      const error = height + 1
      const heights = all[height] + all[remote + dimensions]
      let square = 0

      for (let i = 0; i < dimensions; i++) {
        const difference = all[own + i] - all[remote + i]
        square += difference * difference
      }

      const distance = Math.sqrt(square)
      const predicted = distance + heights
      const deviation = Math.abs(roundTrip - predicted) / roundTrip
      const weight = all[error] / (all[error] + all[remote + dimensions + 1])
      const force = (roundTrip - predicted) * POSITION_GAIN * weight
      const share = force / predicted
      all[error] = Math.min(MAX_ERROR, all[error] + (deviation - all[error]) * ERROR_GAIN * weight)

      for (let i = 0; i < dimensions; i++) {
        all[own + i] += (all[own + i] - all[remote + i]) * share
      }

      all[height] = Math.max(MIN_HEIGHT, all[height] + heights * (force / predicted))
    }
  }
}

/** The default rule, written in the same way. */
export function plainRelative(population: number, dimensions: number): PlainLoop {
  const width = dimensions + 5
  const all = rows(population, dimensions, [MIN_HEIGHT, 1, 1, 0, 0])

  return ({ nodes, peers, roundTrips }) => {
    for (let sample = 0; sample < peers.length; sample++) {
      const own = nodes[sample] * width
      const remote = peers[sample] * width
      const roundTrip = roundTrips[sample]
      const height = own + dimensions
      const usual = height + 2
      const typical = height + 3
      const experience = height + 4
      const heights = all[height] + all[remote + dimensions]
      let square = 0

      for (let i = 0; i < dimensions; i++) {
        const difference = all[own + i] - all[remote + i]
        square += difference * difference
      }

      const distance = Math.sqrt(square)
      const predicted = distance + heights
      const deviation = Math.abs(roundTrip - predicted) / roundTrip
      const before = all[height + 1]
      const samples = all[experience]
      const weight = before / (before + Math.max(before, all[remote + dimensions + 2]))
      const counted = Math.min(deviation, MAX_DEVIATION * before)
      const error = Math.min(MAX_ERROR, Math.max(MIN_ERROR, before + (counted - before) * ERROR_GAIN * weight))
      all[height + 1] = error
      all[typical] += (roundTrip - all[typical]) / Math.min(samples + 1, TYPICAL_SAMPLES)
      all[usual] += (error - all[usual]) / Math.min(samples + 1, USUAL_SAMPLES)
      all[experience]++

      if (samples > SAMPLES_AFTER_SURPRISE && error > SURPRISE * all[usual]) {
        all[experience] = SAMPLES_AFTER_SURPRISE
        all[usual] = error
      }

      const settling = Math.max(LEAST_STEP, SETTLING_SAMPLES / (SETTLING_SAMPLES + samples))
      const nearness = Math.min(MAX_NEARNESS, all[typical] / roundTrip)
      const step =
        Math.min(MAX_STEP, weight * settling * nearness) *
        (deviation > 0 ? Math.min(counted, MAX_CORRECTION) / deviation : 1)
      const force = (roundTrip - predicted) * step
      const share = force / distance
      let fromOrigin = 0

      for (let i = 0; i < dimensions; i++) {
        all[own + i] += (all[own + i] - all[remote + i]) * share
        fromOrigin += all[own + i] * all[own + i]
      }

      all[height] = Math.max(MIN_HEIGHT, all[height] + heights * (force / predicted))
      const pull = (step * Math.sqrt(fromOrigin)) / (all[typical] * GRAVITY_DISTANCE * GRAVITY_DISTANCE)

      for (let i = 0; i < dimensions; i++) {
        all[own + i] *= 1 - Math.min(0.5, pull)
      }
    }
  }
}
