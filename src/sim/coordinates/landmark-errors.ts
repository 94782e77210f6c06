import { Random } from '../../gossip/random.ts'
import { type Coordinate, isRoundTrip, predict } from '../../vivaldi/coordinate.ts'
import { placeByLandmarks, placeLandmarks } from '../../vivaldi/landmarks.ts'
import { sample } from '../graph/sample.ts'
import type { RoundTrips } from '../latency/round-trips.ts'
import { forEachPair, pairsOf } from './node-pairs.ts'

/** Most nodes that are placed: each takes a millisecond or so. */
const MAX_PLACED = 1_000

/**
 * Relative errors of positions by landmarks, in no order: random nodes are the landmarks, and true round trips what all measure. Of
 * more than 1,000 nodes, those of a sample. None where a node has too few round trips that count.
 *
 * @param nodes - those that are placed, the landmarks among them
 * @param seed - of all that is drawn
 */
export function landmarkErrors(
  nodes: Int32Array,
  truth: RoundTrips,
  landmarks: number,
  dimensions: number,
  seed: number
): Float64Array {
  const random = new Random(seed)
  const drawn = nodes.slice()
  random.shuffle(drawn)
  const chosen = drawn.subarray(0, landmarks)
  const placed = sample(nodes, MAX_PLACED, random)
  const measured = (node: number) =>
    Array.from(chosen, landmark => {
      const roundTrip = landmark === node ? Number.NaN : truth.roundTrip(node, landmark)
      return isRoundTrip(roundTrip) ? roundTrip : undefined
    })
  const isEnough = (row: Array<number | undefined>) => row.filter(one => one !== undefined).length > dimensions

  if (chosen.length < landmarks || ![...chosen, ...placed].every(node => isEnough(measured(node)))) {
    return new Float64Array(0)
  }

  const positions = placeLandmarks(Array.from(chosen, measured), { dimensions, random })
  const coordinates = new Map<number, Coordinate>(Array.from(chosen, (node, i) => [node, positions[i]]))

  for (const node of placed) {
    coordinates.set(node, coordinates.get(node) ?? placeByLandmarks(positions, measured(node), { random }))
  }

  const errors = new Float64Array(pairsOf(placed.length))
  forEachPair(placed, random, (from, to, i) => {
    const roundTrip = truth.roundTrip(from, to)
    const predicted = predict(coordinates.get(from) as Coordinate, coordinates.get(to) as Coordinate)
    errors[i] = Math.abs(predicted - roundTrip) / roundTrip
  })
  return errors
}
