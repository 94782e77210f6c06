import { Random } from '../../gossip/random.ts'
import { Vivaldi } from '../../vivaldi/vivaldi.ts'
import { type CoordinateChart, type CoordinateMap, hundredths } from '../coordinates/chart.ts'
import { CoordinateExchange } from '../coordinates/exchange.ts'
import { landmarkErrors } from '../coordinates/landmark-errors.ts'
import { CoordinateLiars } from '../coordinates/liars.ts'
import { CoordinateMeter, type ErrorMeasures } from '../coordinates/meter.ts'
import { NEAREST, type NearestMeasures, NearestMeter, NO_NEAREST } from '../coordinates/nearest-meter.ts'
import { NearestOverlay } from '../coordinates/nearest-overlay.ts'
import { FixedNeighbours } from '../coordinates/neighbours.ts'
import {
  type CoordinateOptions,
  type CoordinateParameters,
  coordinateParameters,
  describeCoordinates
} from '../coordinates/parameters.ts'
import { flatten } from '../coordinates/principal-axes.ts'
import { quantileOf } from '../coordinates/ranks.ts'
import type { Driver, ExchangeCounts } from '../driver.ts'
import type { Experiment, Run } from '../experiment.ts'
import { LatencyMatrix } from '../latency/latency-matrix.ts'
import { ReplayedRoundTrips } from '../latency/replay.ts'
import { createRoundTrips, type RoundTrips } from '../latency/round-trips.ts'
import { Network } from '../network.ts'
import { NETWORK_OPTIONS } from '../parameters.ts'
import { slotsNeeded } from '../world.ts'
import { coordinatesFigure } from './coordinates-figure.ts'

/** What positions by landmarks come to, measured when the run is over. NaN before that, and where there are none. */
export interface LandmarkMeasures {
  landmarkMedianRelativeError: number
  landmarkP90RelativeError: number
}

export interface CoordinateMeasures extends ErrorMeasures, LandmarkMeasures, NearestMeasures {}

/** Up to so many nodes there is a map: beyond that it is a blot. */
const MAX_SHOWN_NODES = 20_000

/** Measurements in a run, where nothing is said: a smooth line. */
const MEASUREMENTS = 50

/** Network coordinates over peer sampling: how near predicted round trips are to the true ones. */
export const coordinates: Experiment<CoordinateOptions, CoordinateParameters, CoordinateMeasures> = {
  name: 'coordinates',
  description: 'Network coordinates: round trips predicted without measuring them, and the nearest peers by them',
  options: [
    ...NETWORK_OPTIONS.filter(name => name !== 'delay'),
    'topology',
    'replay',
    'dimensions',
    'height',
    'filter',
    'rule',
    'neighbours',
    'noise',
    'liars',
    'landmarks',
    'landmarkDimensions',
    'proximity'
  ],
  measureEvery: ({ rounds }) => Math.max(1, Math.floor(rounds / MEASUREMENTS)),
  parameters: coordinateParameters,
  describe: describeCoordinates,
  start: (parameters, random) => new CoordinatesRun(parameters, random),
  figure: coordinatesFigure
}

class CoordinatesRun implements Run<CoordinateMeasures> {
  private readonly parameters: CoordinateParameters
  private readonly network: Network
  private readonly truth: RoundTrips
  private readonly exchange: CoordinateExchange
  private readonly driver: Driver
  private readonly meter: CoordinateMeter
  private readonly overlay: NearestOverlay | undefined
  private readonly nearest: NearestMeter | undefined
  /** Measurements draw from sources of their own: they are the same however often one measures. */
  private readonly seed: number
  /** Of positions by landmarks, and after which round. */
  private byLandmarks: { round: number; errors: Float64Array } | undefined

  constructor(parameters: CoordinateParameters, random: Random) {
    const { nodes, vivaldi: variant, neighbours, liars, noise, proximity } = parameters
    this.parameters = parameters
    this.truth = truthOf(parameters, random.fork())
    this.network = new Network(parameters, random, undefined, this.truth)
    const { world, protocol: source } = this.network
    const [ofVivaldi, ofNoise, ofNeighbours, ofLiars, ofOverlay] = Array.from({ length: 5 }, () => random.fork())
    const played = liars === 0 ? undefined : new CoordinateLiars(world.slots, nodes, liars, variant, ofLiars)
    const vivaldi = new Vivaldi({ nodes: world.slots, parameters: variant, random: ofVivaldi })
    this.exchange = new CoordinateExchange({
      vivaldi,
      truth: this.truth,
      source,
      neighbours: neighbours === 0 ? undefined : new FixedNeighbours(world, neighbours, ofNeighbours),
      liars: played,
      noise,
      random: ofNoise
    })
    this.driver = this.network.stack(this.exchange)
    this.seed = random.next()
    this.meter = new CoordinateMeter(world, this.exchange, this.truth, played, this.seed)

    if (proximity) {
      this.overlay = new NearestOverlay(vivaldi, world, source, played, ofOverlay)
      this.network.stack(this.overlay)
      this.nearest = new NearestMeter(world, this.overlay, this.truth)
    }
  }

  /** Those that take samples. */
  get counts(): ExchangeCounts {
    return this.driver.counts
  }

  get bytesPerNode(): number {
    return this.network.bytesPerNode
  }

  advance(): void {
    this.overlay?.look()
    this.network.advance()

    if (this.truth instanceof ReplayedRoundTrips) {
      this.truth.advance(this.network.round)
    }
  }

  check(): void {
    this.network.check()
  }

  measure(): CoordinateMeasures {
    const { meter, network, nearest, seed } = this
    const { round } = network

    return {
      ...meter.measure(round),
      ...this.measureLandmarks(),
      ...(nearest?.measure(meter.honest(), new Random(seed + round)) ?? NO_NEAREST)
    }
  }

  private measureLandmarks(): LandmarkMeasures {
    const { rounds, landmarks } = this.parameters
    const isOver = this.network.round === rounds && landmarks > 0
    const errors = isOver ? this.landmarkErrors() : new Float64Array(0)

    return {
      landmarkMedianRelativeError: quantileOf(errors, 0.5),
      landmarkP90RelativeError: quantileOf(errors, 0.9)
    }
  }

  private landmarkErrors(): Float64Array {
    const { landmarks, landmarkDimensions } = this.parameters
    const { round } = this.network

    if (this.byLandmarks?.round !== round) {
      const errors = landmarkErrors(this.meter.honest(), this.truth, landmarks, landmarkDimensions, this.seed)
      this.byLandmarks = { round, errors }
    }

    return this.byLandmarks?.errors ?? new Float64Array(0)
  }

  get chart(): CoordinateChart {
    const errors = this.byLandmarks?.errors

    return {
      errors: hundredths(this.meter.errors().relative),
      landmarkErrors: errors === undefined ? undefined : hundredths(errors.slice()),
      map: this.network.world.count > MAX_SHOWN_NODES ? undefined : this.map(),
      toJSON: () => undefined
    }
  }

  private map(): CoordinateMap {
    const { overlay } = this
    const { rows, stride, width } = this.exchange.vivaldi
    const { living, count } = this.network.world
    const flat = flatten(count, width - 2, (point, i) => rows[living[point] * stride + i])
    const pointOf = new Map(Array.from(living.subarray(0, count), (node, point) => [node, point]))
    const found = new Int32Array(NEAREST)
    const links = new Set<number>()

    for (const [node, point] of overlay === undefined ? [] : pointOf) {
      for (const peer of found.subarray(0, overlay?.nearest(node, found))) {
        const other = pointOf.get(peer) as number
        links.add(Math.min(point, other) * count + Math.max(point, other))
      }
    }

    return { ...flat, links: Int32Array.from([...links].flatMap(link => [Math.floor(link / count), link % count])) }
  }
}

function truthOf({ source, replay, nodes, faults, rounds }: CoordinateParameters, random: Random): RoundTrips {
  const slots = slotsNeeded(nodes, faults, rounds)
  return source instanceof LatencyMatrix && replay.length > 0
    ? new ReplayedRoundTrips(source, replay, slots, random)
    : createRoundTrips(source, slots, random)
}
