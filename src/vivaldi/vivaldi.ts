import type { Random } from '../gossip/random.ts'
import {
  CHANGE_THAT_MATTERS,
  ERROR_GAIN,
  FIRST_ERROR,
  GRAVITY_DISTANCE,
  LEAST_STEP,
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
  /** The shown coordinates of all nodes, one after the other. */
  readonly shown: Float64Array
  /** Samples that all nodes have taken. */
  samples = 0
  /** Times that a shown coordinate has changed. */
  moves = 0
  private readonly random: Random
  private readonly dimensions: number
  private readonly leastHeight: number
  private readonly isRelative: boolean
  private readonly filter: RoundTripFilter | undefined
  /** Position, and what is behind it, of each node. */
  private readonly own: Float64Array
  private readonly stride: number
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
    this.stride = dimensions + KEPT
    this.own = new Float64Array(nodes * this.stride)
    this.shown = new Float64Array(nodes * this.width)
    this.direction = new Float64Array(dimensions)
    this.newcomers(0, nodes)
  }

  /** Bytes of all arrays that it holds for its population. */
  get stateBytes(): number {
    return this.own.byteLength + this.shown.byteLength + (this.filter?.stateBytes ?? 0)
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
    const { own, dimensions } = this
    const behind = node * this.stride + dimensions
    const position = Array.from(own.subarray(behind - dimensions, behind))
    return { position, height: own[behind + HEIGHT], error: own[behind + USUAL] }
  }

  /** The node's coordinate as it shows it. */
  coordinate(node: number): Coordinate {
    return coordinateAt(this.shown, node * this.width, this.dimensions)
  }

  /** Samples that the node has taken since it began, or since it was surprised and a few more. */
  experience(node: number): number {
    return this.own[node * this.stride + this.dimensions + SAMPLES]
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
    const { own, dimensions, isRelative } = this
    const first = node * this.stride
    const behind = first + dimensions
    const heights = own[behind + HEIGHT] + remote[at + dimensions]
    let square = 0

    for (let i = 0; i < dimensions; i++) {
      const difference = own[first + i] - remote[at + i]
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
      const height = own[behind + HEIGHT] + heights * (force / predicted)
      own[behind + HEIGHT] = Math.max(this.leastHeight, height)
    }

    if (distance === 0 && force > 0) {
      this.part(first, force)
    }

    // in the paper, position and height divide the force between them (section 5.4); in hashicorp/serf the position takes it all
    const share = distance > 0 ? force / (isRelative ? distance : predicted) : 0
    let fromOrigin = 0

    for (let i = 0; i < dimensions; i++) {
      const x = own[first + i] + (own[first + i] - remote[at + i]) * share
      own[first + i] = x
      fromOrigin += x * x
    }

    return this.fall(node, step, fromOrigin)
  }

  /**
   * What part of its distance from the truth a node goes by a sample, so that relative errors get small; and what it makes of the
   * sample besides.
   */
  private relativeStep(behind: number, roundTrip: number, deviation: number, remoteError: number): number {
    const { own } = this
    const error = own[behind + ERROR]
    const samples = own[behind + SAMPLES]
    // nobody is believed more than oneself: who claims to be sure may lie
    const weight = error / (error + Math.max(error, remoteError))
    const counted = Math.min(deviation, MAX_DEVIATION * error)
    const learned = Math.max(MIN_ERROR, error + (counted - error) * ERROR_GAIN * weight)
    own[behind + ERROR] = Math.min(MAX_ERROR, learned)
    own[behind + TYPICAL] += (roundTrip - own[behind + TYPICAL]) / Math.min(samples + 1, TYPICAL_SAMPLES)
    own[behind + USUAL] += (own[behind + ERROR] - own[behind + USUAL]) / Math.min(samples + 1, USUAL_SAMPLES)
    own[behind + SAMPLES]++

    if (samples > SAMPLES_AFTER_SURPRISE && own[behind + ERROR] > SURPRISE * own[behind + USUAL]) {
      own[behind + SAMPLES] = SAMPLES_AFTER_SURPRISE
      own[behind + USUAL] = own[behind + ERROR]
    }

    const settling = Math.max(LEAST_STEP, SETTLING_SAMPLES / (SETTLING_SAMPLES + samples))
    const nearness = Math.min(MAX_NEARNESS, own[behind + TYPICAL] / roundTrip)
    const believed = deviation > 0 ? counted / deviation : 1
    return Math.min(MAX_STEP, weight * settling * nearness) * believed
  }

  /** The same as in the paper (section 3.3). */
  private publishedStep(behind: number, deviation: number, remoteError: number): number {
    const { own } = this
    const error = own[behind + ERROR]
    const weight = error / (error + remoteError)
    own[behind + ERROR] = Math.min(MAX_ERROR, Math.max(MIN_ERROR, error + (deviation - error) * ERROR_GAIN * weight))
    own[behind + USUAL] = own[behind + ERROR]
    own[behind + SAMPLES]++
    return POSITION_GAIN * weight
  }

  /** From a node at the very same point one goes in any direction. */
  private part(first: number, force: number): void {
    const { own, direction, dimensions, random } = this
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
      own[first + i] += direction[i] * share
    }
  }

  /**
   * Gravity, weak near the origin and strong far from it, lest all nodes together drift away (Ledlie et al., section 5).
   *
   * @param fromOrigin - square of the distance from there
   * @returns how far the node's position is then from the one that it shows
   */
  private fall(node: number, step: number, fromOrigin: number): number {
    const { own, shown, dimensions } = this
    const first = node * this.stride
    const from = node * this.width
    const typical = own[first + dimensions + TYPICAL]
    const pull = typical > 0 ? (step * Math.sqrt(fromOrigin)) / (typical * GRAVITY_DISTANCE * GRAVITY_DISTANCE) : 0
    const kept = 1 - Math.min(0.5, pull)
    let square = 0

    for (let i = 0; i < dimensions; i++) {
      const x = own[first + i] * kept
      const difference = x - shown[from + i]
      own[first + i] = x
      square += difference * difference
    }

    return Math.sqrt(square)
  }

  /** Whether what the node shows is no longer near enough to what it is, when its position is so far from the shown one. */
  private matters(node: number, distance: number): boolean {
    const { own, shown, dimensions } = this
    const behind = node * this.stride + dimensions
    const shownBehind = node * this.width + dimensions
    const move = distance + Math.abs(own[behind + HEIGHT] - shown[shownBehind])
    const change = own[behind + USUAL] / shown[shownBehind + 1]
    // what has come to be no number matters too: showing it finds out
    return !(
      move <= MOVE_THAT_MATTERS * own[behind + TYPICAL] &&
      change <= CHANGE_THAT_MATTERS &&
      change >= 1 / CHANGE_THAT_MATTERS
    )
  }

  private show(node: number): void {
    const { own, shown, dimensions } = this
    const first = node * this.stride
    const from = node * this.width

    for (let i = 0; i <= dimensions; i++) {
      shown[from + i] = own[first + i]
    }

    shown[from + dimensions + 1] = own[first + dimensions + USUAL]

    if (defectOf(shown, from, dimensions) != null) {
      // others would refuse it. No sample can make it not finite, but whatever has must not spread
      this.restart(node)
      this.show(node)
    }
  }

  private restart(node: number): void {
    const { own, dimensions, stride } = this
    const first = node * stride
    own.fill(0, first, first + stride)
    own[first + dimensions + HEIGHT] = this.leastHeight
    own[first + dimensions + ERROR] = FIRST_ERROR
    own[first + dimensions + USUAL] = FIRST_ERROR
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
