import { oneOf, ParameterError, wholeNumber } from '../../gossip/parameters.ts'
import { MAX_DIMENSIONS } from '../../vivaldi/constants.ts'
import type { Filter } from '../../vivaldi/filter.ts'
import { MAX_LANDMARKS } from '../../vivaldi/landmarks.ts'
import { type Rule, type VivaldiParameters, vivaldiParameters } from '../../vivaldi/parameters.ts'
import type { LatencyMatrix } from '../latency/latency-matrix.ts'
import { checkReplays, type Replay } from '../latency/replay.ts'
import { TOPOLOGIES, type Topology } from '../latency/topologies.ts'
import {
  DEFAULT_NODES,
  describeNetwork,
  MAX_BYTES,
  type NetworkOptions,
  type NetworkParameters,
  networkParameters,
  share
} from '../parameters.ts'
import { slotsNeeded } from '../world.ts'
import { bytesPerNode } from './size.ts'

/** Rounds of a run: coordinates have all but settled by then. */
export const DEFAULT_COORDINATE_ROUNDS = 200

/** Something like the Internet. */
export const DEFAULT_TOPOLOGY: Topology = 'internet'

/** Most fixed neighbours of a node. */
export const MAX_NEIGHBOURS = 1_000

/** Largest mean of what a sample is longer than the truth, as a share of it. */
export const MAX_NOISE = 10

/** As published (T. S. E. Ng, H. Zhang, INFOCOM 2002). */
export const DEFAULT_LANDMARK_DIMENSIONS = 7

/** What a user may set of the experiment. */
export interface CoordinateOptions extends Omit<NetworkOptions, 'delay'> {
  /** Measured round-trip times. Nodes default to as many as it has hosts. By events, messages take half of them. */
  latencyMatrix?: LatencyMatrix
  /** Round-trip times that are generated, where there is no matrix. Default: `internet`. */
  topology?: Topology
  /** Other matrices of the same hosts, each of which holds from the end of a round on. Default: none. */
  replay?: Replay[]
  /** Dimensions beside the height, from 1 to 16. Default: 8. */
  dimensions?: number
  /** Whether coordinates have a height. Default: true. */
  height?: boolean
  /** What is taken of the last round trips to the same peer. Default: `none`, since without noise all are the same. */
  filter?: Filter
  /** Default: `relative`. */
  rule?: Rule
  /** Fixed partners of each node, up to 1,000, or all others where these are fewer; 0: random members. Default: 0. */
  neighbours?: number
  /** By what share samples are longer than the truth, on average, from 0 to 10. Default: 0. */
  noise?: number
  /** Share of the nodes at the start that claim random coordinates, 0 to 1. Default: 0. */
  liars?: number
  /** Landmarks that positions are computed by too, to compare, up to 32; 0: none. Default: 0. */
  landmarks?: number
  /** Dimensions of these positions, from 1 to 16. Default: 7. */
  landmarkDimensions?: number
  /** Whether an overlay over the coordinates finds each node its nearest. Default: false. */
  proximity?: boolean
}

export interface CoordinateParameters extends NetworkParameters {
  source: LatencyMatrix | Topology
  replay: Replay[]
  vivaldi: VivaldiParameters
  neighbours: number
  noise: number
  /** As it was asked for. */
  liarsShare: number
  /** How many these are. */
  liars: number
  landmarks: number
  landmarkDimensions: number
  proximity: boolean
}

/** @throws ParameterError naming the first option that is impossible */
export function coordinateParameters(options: CoordinateOptions = {}): CoordinateParameters {
  const { latencyMatrix, topology, replay = [], dimensions, height, filter = 'none', rule, ...others } = options

  if (latencyMatrix != null && topology != null) {
    throw new ParameterError('topology', 'either a topology or a latency matrix, not both')
  }

  const source = latencyMatrix ?? oneOf('topology', topology ?? DEFAULT_TOPOLOGY, TOPOLOGIES)
  const vivaldi = vivaldiParameters({ dimensions, height, filter, rule })
  const nodes = options.nodes ?? latencyMatrix?.hosts ?? DEFAULT_NODES
  const network = networkParameters({ ...others, nodes, rounds: options.rounds ?? DEFAULT_COORDINATE_ROUNDS })

  if (replay.length > 0 && latencyMatrix == null) {
    throw new ParameterError('replay', 'has a meaning with a latency matrix only')
  }

  if (latencyMatrix != null) {
    checkReplays(latencyMatrix, replay, network.rounds)
  }

  const neighbours = wholeNumber('neighbours', options.neighbours ?? 0, 0, MAX_NEIGHBOURS)
  const noise = options.noise ?? 0

  if (!(noise >= 0 && noise <= MAX_NOISE)) {
    throw new ParameterError('noise', `${noise} is not a share from 0 to ${MAX_NOISE}`)
  }

  const liarsShare = share('liars', options.liars ?? 0)
  const liars = Math.round(liarsShare * network.nodes)

  if (network.nodes - liars < 2) {
    throw new ParameterError('liars', `${liarsShare} of ${network.nodes} nodes leave no two that are honest`)
  }

  const proximity = options.proximity ?? false
  const parameters = { ...network, source, replay, vivaldi, neighbours, noise, liarsShare, liars, proximity }
  checkMemory(parameters)
  return { ...parameters, ...landmarksOf(options, network.nodes - liars) }
}

function landmarksOf(
  options: CoordinateOptions,
  honest: number
): Pick<CoordinateParameters, 'landmarks' | 'landmarkDimensions'> {
  const landmarks = wholeNumber('landmarks', options.landmarks ?? 0, 0, MAX_LANDMARKS)
  const landmarkDimensions = wholeNumber(
    'landmarkDimensions',
    options.landmarkDimensions ?? DEFAULT_LANDMARK_DIMENSIONS,
    1,
    MAX_DIMENSIONS
  )

  if (landmarks === 0 && options.landmarkDimensions != null) {
    throw new ParameterError('landmarkDimensions', 'has a meaning with landmarks only')
  }

  // each is placed by the others, and a position takes a round trip more than it has dimensions
  const least = landmarkDimensions + 2

  if (landmarks > 0 && landmarks < least) {
    throw new ParameterError(
      'landmarks',
      `${landmarks} are too few for ${landmarkDimensions} dimensions: at least ${least}`
    )
  }

  if (landmarks > honest) {
    throw new ParameterError('landmarks', `${landmarks} of them are more than there are honest nodes, ${honest}`)
  }

  return { landmarks, landmarkDimensions }
}

function checkMemory(parameters: Omit<CoordinateParameters, 'landmarks' | 'landmarkDimensions'>): void {
  const slots = slotsNeeded(parameters.nodes, parameters.faults, parameters.rounds)

  if (slots * bytesPerNode(parameters) > MAX_BYTES) {
    throw new ParameterError('nodes', `what coordinates keep at ${slots} nodes takes more than 4 GiB`)
  }
}

/** Reads a share that may be more than 1: `0.1`, `2`. */
export function parseNoise(text: string): number {
  const value = /^\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN

  if (!(value <= MAX_NOISE)) {
    throw new Error(`"${text}" is not a share from 0 to ${MAX_NOISE} (example: 0.1)`)
  }

  return value
}

/** The parameters as a result shows them. */
export function describeCoordinates(parameters: CoordinateParameters): Record<string, unknown> {
  const { source, replay, vivaldi, neighbours, noise, liarsShare, landmarks, landmarkDimensions, proximity } =
    parameters
  // messages take half of a round trip
  const network = Object.entries(describeNetwork(parameters)).filter(([name]) => name !== 'delay')

  return {
    ...Object.fromEntries(network),
    ...(typeof source === 'string' ? { topology: source } : { latencyMatrix: source.name }),
    replay: replay.map(({ matrix, round }) => `${matrix.name}@${round}`),
    ...vivaldi,
    neighbours,
    noise,
    liars: liarsShare,
    landmarks,
    ...(landmarks > 0 ? { landmarkDimensions } : {}),
    proximity
  }
}
