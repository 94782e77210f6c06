import type { Random } from '../gossip/random.ts'
import {
  CHANGE_THAT_MATTERS,
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
  MOVE_THAT_MATTERS,
  POSITION_GAIN,
  SAMPLES_AFTER_SURPRISE,
  SETTLING_SAMPLES,
  SURPRISE,
  TYPICAL_SAMPLES,
  USUAL_SAMPLES
} from './constants.ts'
import { type Coordinate, defectOf, isRoundTrip, type SampleDefect } from './coordinate.ts'
import { RoundTripFilter } from './filter.ts'
import type { VivaldiParameters } from './parameters.ts'

/** What a population of nodes with coordinates is made of. */
export interface VivaldiPopulation {
  /** How many nodes; their numbers are 0 to nodes - 1. */
  nodes: number
  parameters: VivaldiParameters
  /** Draws the directions in which nodes part that are at the same point. */
  random: Random
}

/** What a node keeps of itself behind its position, by distance from there. */
const HEIGHT = 0
/** Mean relative deviation of the last few samples. */
const ERROR = 1
/** The same over more samples: what the node tells others, and what surprises are measured by. */
const USUAL = 2
/** Mean round trip of its samples. */
const TYPICAL = 3
/** Samples so far, or since the last surprise and some. */
const SAMPLES = 4
const KEPT = 5

/** Numbers that a cache line holds: a row begins where one does. */
const CACHE_LINE = 8

/** What it shows of itself behind its position: height and error. */
const SHOWN = 2

/**
 * Vivaldi: each node is a point of a space, and each sample, a round trip to a peer whose point it is told, pulls or pushes it
 * like a spring towards where it would have predicted that round trip.
 *
 * A node has a raw coordinate, which every sample moves, and one that it shows to others and to the application, which follows when
 * that matters.
 *
 * Sources: F. Dabek, R. Cox, F. Kaashoek, R. Morris, "Vivaldi: a decentralized network coordinate system", SIGCOMM 2004; J. Ledlie,
 * P. Gardner, M. Seltzer, "Network coordinates in the wild", NSDI 2007. What the default rule does otherwise, and why, is in
 * docs/coordinates.md.
 */
export class Vivaldi {
  readonly nodes: number
  readonly parameters: VivaldiParameters
  /** Numbers of a coordinate as it is shown: position, height, error. */
  readonly width: number
  /**
   * A row for each node, `stride` numbers long, which begins with the coordinate that it shows. What it keeps for itself is behind that: a
   * node and a partner are two places in memory then, not three.
   */
  readonly rows: Float64Array
  readonly stride: number
  /** Samples that all nodes have taken. */
  samples = 0
  /** Times that a shown coordinate has changed. */
  moves = 0
  private readonly random: Random
  private readonly dimensions: number
  private readonly leastHeight: number
  private readonly isRelative: boolean
  private readonly filter: RoundTripFilter | undefined
  private readonly direction: Float64Array

  constructor({ nodes, parameters, random }: VivaldiPopulation) {
    const { dimensions, height, rule, filter } = parameters
    this.nodes = nodes
    this.parameters = parameters
    this.random = random
    this.dimensions = dimensions
    this.leastHeight = height ? MIN_HEIGHT : 0
    this.isRelative = rule === 'relative'
    this.filter = filter === 'none' ? undefined : new RoundTripFilter(nodes, filter)
    this.width = dimensions + SHOWN
    this.stride = Math.ceil((this.width + dimensions + KEPT) / CACHE_LINE) * CACHE_LINE
    this.rows = new Float64Array(nodes * this.stride)
    this.direction = new Float64Array(dimensions)
    this.newcomers(0, nodes)
  }

  /** Bytes of all arrays that it holds for its population. */
  get stateBytes(): number {
    return this.rows.byteLength + (this.filter?.stateBytes ?? 0)
  }

  /** The nodes from `first` to before `end` know nothing: they are at the origin. */
  newcomers(first: number, end: number): void {
    for (let node = first; node < end; node++) {
      this.filter?.clear(node)
      this.restart(node)
      this.show(node)
    }
  }

  /** The node's coordinate as every sample moves it. */
  raw(node: number): Coordinate {
    const { rows, dimensions } = this
    const behind = this.ownOf(node) + dimensions
    const position = Array.from(rows.subarray(behind - dimensions, behind))
    return { position, height: rows[behind + HEIGHT], error: rows[behind + USUAL] }
  }

  /** The node's coordinate as it shows it. */
  coordinate(node: number): Coordinate {
    return coordinateAt(this.rows, node * this.stride, this.dimensions)
  }

  /** Samples that the node has taken since it began, or since it was surprised and a few more. */
  experience(node: number): number {
    return this.rows[this.ownOf(node) + this.dimensions + SAMPLES]
  }

  /**
   * Takes a sample.
   *
   * @param peer - the other one's number: of the same peer the last few round trips are looked at together
   * @param roundTrip - milliseconds that an exchange with it took
   * @param remote - holds the coordinate that it shows, from `at` on
   * @returns why it was not taken, if so: then nothing has changed
   */
  observe(node: number, peer: number, roundTrip: number, remote: Float64Array, at = 0): SampleDefect | undefined {
    if (!isRoundTrip(roundTrip)) {
      return 'bad-time'
    }

    const defect = defectOf(remote, at, this.dimensions)

    if (defect != null) {
      return defect
    }

    this.samples++
    const move = this.spring(node, this.filter?.filter(node, peer, roundTrip) ?? roundTrip, remote, at)

    if (this.matters(node, move)) {
      this.moves++
      this.show(node)
    }

    return undefined
  }

  /**
   * One spring, released for a moment.
   *
   * @returns how far the node's position is then from the one that it shows
   */
  private spring(node: number, roundTrip: number, remote: Float64Array, at: number): number {
    const { rows, dimensions, isRelative } = this
    const first = this.ownOf(node)
    const behind = first + dimensions
    const heights = rows[behind + HEIGHT] + remote[at + dimensions]
    let square = 0

    for (let i = 0; i < dimensions; i++) {
      const difference = rows[first + i] - remote[at + i]
      square += difference * difference
    }

    const distance = Math.sqrt(square)
    const predicted = distance + heights
    const remoteError = remote[at + dimensions + 1]
    const deviation = Math.abs(roundTrip - predicted) / roundTrip
    const step = isRelative
      ? this.relativeStep(behind, roundTrip, deviation, remoteError)
      : this.publishedStep(behind, deviation, remoteError)
    const force = (roundTrip - predicted) * step

    if (this.leastHeight > 0) {
      const height = rows[behind + HEIGHT] + heights * (force / predicted)
      rows[behind + HEIGHT] = Math.max(this.leastHeight, height)
    }

    if (distance === 0 && force > 0) {
      this.part(first, force)
    }

    // in the paper, position and height divide the force between them (section 5.4); in hashicorp/serf the position takes it all
    const share = distance > 0 ? force / (isRelative ? distance : predicted) : 0
    let fromOrigin = 0

    for (let i = 0; i < dimensions; i++) {
      const x = rows[first + i] + (rows[first + i] - remote[at + i]) * share
      rows[first + i] = x
      fromOrigin += x * x
    }

    return this.fall(node, step, fromOrigin)
  }

  /**
   * What part of its distance from the truth a node goes by a sample, so that relative errors get small; and what it makes of the
   * sample besides.
   */
  private relativeStep(behind: number, roundTrip: number, deviation: number, remoteError: number): number {
    const { rows } = this
    const error = rows[behind + ERROR]
    const samples = rows[behind + SAMPLES]
    // nobody is believed more than oneself: who claims to be sure may lie
    const weight = error / (error + Math.max(error, remoteError))
    const counted = Math.min(deviation, MAX_DEVIATION * error)
    const learned = Math.max(MIN_ERROR, error + (counted - error) * ERROR_GAIN * weight)
    rows[behind + ERROR] = Math.min(MAX_ERROR, learned)
    rows[behind + TYPICAL] += (roundTrip - rows[behind + TYPICAL]) / Math.min(samples + 1, TYPICAL_SAMPLES)
    rows[behind + USUAL] += (rows[behind + ERROR] - rows[behind + USUAL]) / Math.min(samples + 1, USUAL_SAMPLES)
    rows[behind + SAMPLES]++

    if (samples > SAMPLES_AFTER_SURPRISE && rows[behind + ERROR] > SURPRISE * rows[behind + USUAL]) {
      rows[behind + SAMPLES] = SAMPLES_AFTER_SURPRISE
      rows[behind + USUAL] = rows[behind + ERROR]
    }

    const settling = Math.max(LEAST_STEP, SETTLING_SAMPLES / (SETTLING_SAMPLES + samples))
    const nearness = Math.min(MAX_NEARNESS, rows[behind + TYPICAL] / roundTrip)
    const believed = deviation > 0 ? Math.min(counted, MAX_CORRECTION) / deviation : 1
    return Math.min(MAX_STEP, weight * settling * nearness) * believed
  }

  /** The same as in the paper (section 3.3). */
  private publishedStep(behind: number, deviation: number, remoteError: number): number {
    const { rows } = this
    const error = rows[behind + ERROR]
    const weight = error / (error + remoteError)
    rows[behind + ERROR] = Math.min(MAX_ERROR, Math.max(MIN_ERROR, error + (deviation - error) * ERROR_GAIN * weight))
    rows[behind + USUAL] = rows[behind + ERROR]
    rows[behind + SAMPLES]++
    return POSITION_GAIN * weight
  }

  /** From a node at the very same point one goes in any direction. */
  private part(first: number, force: number): void {
    const { rows, direction, dimensions, random } = this
    let square = 0

    // a point in the cube that is also in the ball would be fairer, and in many dimensions take for ever to draw
    do {
      square = 0

      for (let i = 0; i < dimensions; i++) {
        direction[i] = random.fraction() - 0.5
        square += direction[i] * direction[i]
      }
    } while (square === 0)

    const share = force / Math.sqrt(square)

    for (let i = 0; i < dimensions; i++) {
      rows[first + i] += direction[i] * share
    }
  }

  /**
   * Gravity, weak near the origin and strong far from it, lest all nodes together drift away (Ledlie et al., section 5).
   *
   * @param fromOrigin - square of the distance from there
   * @returns how far the node's position is then from the one that it shows
   */
  private fall(node: number, step: number, fromOrigin: number): number {
    const { rows, dimensions } = this
    const from = node * this.stride
    const first = this.ownOf(node)
    const typical = rows[first + dimensions + TYPICAL]
    const pull = typical > 0 ? (step * Math.sqrt(fromOrigin)) / (typical * GRAVITY_DISTANCE * GRAVITY_DISTANCE) : 0
    const kept = 1 - Math.min(0.5, pull)
    let square = 0

    for (let i = 0; i < dimensions; i++) {
      const x = rows[first + i] * kept
      const difference = x - rows[from + i]
      rows[first + i] = x
      square += difference * difference
    }

    return Math.sqrt(square)
  }

  /** Whether what the node shows is no longer near enough to what it is, when its position is so far from the shown one. */
  private matters(node: number, distance: number): boolean {
    const { rows, dimensions } = this
    const shownBehind = node * this.stride + dimensions
    const behind = this.ownOf(node) + dimensions
    const move = distance + Math.abs(rows[behind + HEIGHT] - rows[shownBehind])
    const change = rows[behind + USUAL] / rows[shownBehind + 1]
    // what has come to be no number matters too: showing it finds out
    return !(
      move <= MOVE_THAT_MATTERS * rows[behind + TYPICAL] &&
      change <= CHANGE_THAT_MATTERS &&
      change >= 1 / CHANGE_THAT_MATTERS
    )
  }

  private show(node: number): void {
    const { rows, dimensions } = this
    const from = node * this.stride
    const first = this.ownOf(node)

    for (let i = 0; i <= dimensions; i++) {
      rows[from + i] = rows[first + i]
    }

    rows[from + dimensions + 1] = rows[first + dimensions + USUAL]

    if (defectOf(rows, from, dimensions) != null) {
      // others would refuse it. No sample can make it not finite, but whatever has must not spread
      this.restart(node)
      this.show(node)
    }
  }

  /** Where in its row begins what a node keeps for itself: its position first. */
  private ownOf(node: number): number {
    return node * this.stride + this.width
  }

  private restart(node: number): void {
    const { rows, dimensions } = this
    const first = this.ownOf(node)
    rows.fill(0, first, first + dimensions + KEPT)
    rows[first + dimensions + HEIGHT] = this.leastHeight
    rows[first + dimensions + ERROR] = FIRST_ERROR
    rows[first + dimensions + USUAL] = FIRST_ERROR
  }
}

/** Reads a coordinate that is written as its position, its height and its error. */
export function coordinateAt(values: Float64Array, at: number, dimensions: number): Coordinate {
  return {
    position: Array.from(values.subarray(at, at + dimensions)),
    height: values[at + dimensions],
    error: values[at + dimensions + 1]
  }
}
