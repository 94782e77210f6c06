import { oneOf, ParameterError, wholeNumber } from '../../gossip/parameters.ts'
import {
  OVERLAY_SELECTIONS,
  type OverlayParameters,
  type OverlaySelection,
  overlayParameters
} from '../../overlay/parameters.ts'
import { MIN_VIEW_SIZE } from '../../sampling/constants.ts'
import { type AtRound, checkAtRounds } from '../faults.ts'
import {
  describeNetwork,
  MAX_BYTES,
  type NetworkOptions,
  type NetworkParameters,
  networkParameters
} from '../parameters.ts'
import { slotsNeeded } from '../world.ts'

/** Points along each side: the textbook's. */
export const DEFAULT_SIDE = 50
export const MIN_SIDE = 2

/** Our choice: four million points, which is what fits in memory with a node on each. */
export const MAX_SIDE = 2_000

/** The last one that the textbook shows. */
export const DEFAULT_TORUS_ROUNDS = 20

/** Of the random layer, as large as that of the overlay. */
export const DEFAULT_RANDOM_VIEW = 20

/** Rounds after which the textbook shows the torus. */
const SHOWN_ROUNDS = [0, 5, 20]

/** Up to so many nodes the torus is drawn unasked: beyond that it is a grey square. */
const MAX_SHOWN_NODES = 20_000

/** Width and height of a torus, in points. */
export interface TorusSize {
  width: number
  height: number
}

/** How nodes are put on the points: one on each (`grid`), or each on a random one, so that some points are empty. */
export type PlacementKind = 'grid' | 'random'
export const PLACEMENTS: readonly PlacementKind[] = ['grid', 'random']

/** What a user may set of the experiment. What is said of peer sampling is said of the random layer below. */
export interface TorusOptions extends NetworkOptions {
  /** Points along each side of the torus, from 2 to 2,000. Default: 50. */
  side?: number
  /** Instead of `side`, width and height, each from 2 to 2,000. */
  torus?: TorusSize
  /** Of the overlay: descriptors in the view, from 5 to 100. Default: 20. */
  view?: number
  /** Of the overlay: descriptors in a message, from 2 to 100. Default: as many as in the view. */
  message?: number
  /** Of the overlay: partners are drawn from so many of the nearest, from 1 to the size of the view. Default: 5. */
  psi?: number
  /** Of the overlay. Default: `tman`. */
  neighbourSelection?: OverlaySelection
  /** View of the random layer; 0: there is none, and every node begins with `view` random peers. Default: 20. */
  randomView?: number
  /** Default: `grid`. */
  placement?: PlacementKind
  /** Parts of the torus, in its middle, in which all nodes die at once and for good. Default: none. */
  hole?: AtRound[]
  /** Rounds after which the torus is kept for the picture. Default: 0, 5 and 20, or the last if that comes sooner. */
  draw?: ReadonlySet<number>
}

export interface TorusParameters extends NetworkParameters {
  torus: TorusSize
  placement: PlacementKind
  overlay: OverlayParameters
  hasRandomLayer: boolean
  hole: AtRound[]
  draw: ReadonlySet<number>
}

/** What a node takes beside its views, in bytes and nearly: most of it is the overlay's quarantine. */
const BYTES_BESIDE_VIEWS = 380

/** Options of the random layer, which mean nothing where there is none. */
const OF_RANDOM_LAYER = [
  'preset',
  'healer',
  'swapper',
  'selection',
  'propagation',
  'defence',
  'statisticsShare',
  'start'
] as const

/** @throws ParameterError naming the first option that is impossible */
export function torusParameters(options: TorusOptions = {}): TorusParameters {
  const { view, message, psi, neighbourSelection = 'tman', randomView = DEFAULT_RANDOM_VIEW, hole = [] } = options
  const torus = sizeOf(options)
  const selection = oneOf('neighbourSelection', neighbourSelection, OVERLAY_SELECTIONS)
  const overlay = overlayParameters({ view, message, psi, selection })
  const placement = oneOf('placement', options.placement ?? 'grid', PLACEMENTS)
  const points = torus.width * torus.height

  if (placement === 'grid' && options.nodes != null && options.nodes !== points) {
    throw new ParameterError('nodes', `with placement grid there is one for each of the ${points} points`)
  }

  if (randomView === 0) {
    checkAlone(options, selection)
  }

  const { nodes = points, rounds = DEFAULT_TORUS_ROUNDS } = options
  const network = networkOf({ ...options, nodes, rounds, view: randomView === 0 ? MIN_VIEW_SIZE : randomView })
  checkAtRounds('hole', hole, rounds)
  checkMemory(network, overlay)
  const draw = options.draw ?? new Set(nodes > MAX_SHOWN_NODES ? [] : SHOWN_ROUNDS.map(one => Math.min(one, rounds)))

  for (const round of draw) {
    wholeNumber('draw', round, 0, rounds)
  }

  return { ...network, torus, placement, overlay, hasRandomLayer: randomView !== 0, hole, draw }
}

function sizeOf({ side, torus }: TorusOptions): TorusSize {
  if (side != null && torus != null) {
    throw new ParameterError('torus', 'either a side or a width and a height, not both')
  }

  const length = (parameter: string, value: number) => wholeNumber(parameter, value, MIN_SIDE, MAX_SIDE)

  if (torus != null) {
    return { width: length('torus', torus.width), height: length('torus', torus.height) }
  }

  const width = length('side', side ?? DEFAULT_SIDE)
  return { width, height: width }
}

function checkMemory({ nodes, rounds, faults, sampling }: NetworkParameters, { view }: OverlayParameters): void {
  const slots = slotsNeeded(nodes, faults, rounds)

  if (slots * ((view + sampling.view) * 6 + BYTES_BESIDE_VIEWS) > MAX_BYTES) {
    throw new ParameterError(
      'view',
      `views of ${view} above views of ${sampling.view} at ${slots} nodes take more than 4 GiB`
    )
  }
}

function checkAlone(options: TorusOptions, selection: OverlaySelection): void {
  if (selection === 'closest') {
    throw new ParameterError('randomView', 'selection closest asks the random layer, so that there must be one')
  }

  const odd = OF_RANDOM_LAYER.find(name => options[name] != null)

  if (odd != null) {
    throw new ParameterError(odd, 'has a meaning with a random layer only, and its view is 0')
  }
}

/** The network and its random layer, whose view has a name of its own here. */
function networkOf(options: NetworkOptions): NetworkParameters {
  try {
    return networkParameters(options)
  } catch (err) {
    if (err instanceof ParameterError && err.parameter === 'view') {
      throw new ParameterError('randomView', err.message.replace('view: ', ''))
    }

    throw err
  }
}

/** Reads `128x64`. */
export function parseTorus(text: string): TorusSize {
  const [, width, height] = /^(\d{1,9})x(\d{1,9})$/.exec(text) ?? []

  if (width == null) {
    throw new Error(`"${text}" is not a width and a height (example: 128x64)`)
  }

  return { width: Number(width), height: Number(height) }
}

/** Reads `0,5,20`. */
export function parseDrawnRounds(text: string): ReadonlySet<number> {
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text)) {
    throw new Error(`"${text}" is not a list of rounds (example: 0,5,20)`)
  }

  return new Set(text.split(',').map(Number))
}

/** The parameters as a result shows them. */
export function describeTorus(parameters: TorusParameters): Record<string, unknown> {
  const { torus, placement, overlay, hasRandomLayer, hole } = parameters
  const { nodes, rounds, start, preset, view, healer, swapper, peerSelection, propagation, defence, ...others } =
    describeNetwork(parameters)
  const { selection, ...exchange } = overlay
  const random = { start, preset, healer, swapper, peerSelection, propagation, defence }

  return {
    torus: `${torus.width}x${torus.height}`,
    placement,
    nodes,
    rounds,
    ...exchange,
    selection,
    randomView: hasRandomLayer ? view : 0,
    ...(hasRandomLayer ? Object.fromEntries(Object.entries(random).filter(([, value]) => value !== undefined)) : {}),
    ...others,
    hole: hole.map(({ share, round }) => `${share}@${round}`)
  }
}
