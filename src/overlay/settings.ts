import type { PeerId } from '@libp2p/interface'
import { sha256 } from '@noble/hashes/sha2.js'
import { ParameterError, wholeNumber } from '../gossip/parameters.ts'
import { identityOf, type OverlayIdentity } from './identity.ts'
import { MAX_PERIOD, MIN_PERIOD } from './limits.ts'
import { type OverlayOptions, type OverlayParameters, overlayParameters } from './parameters.ts'
import { Positions } from './positions.ts'
import type { Space } from './space.ts'

/** What can be set of an overlay whatever its space. Everything has a default. */
export interface OverlaySettingsInit<P> extends Omit<OverlayOptions, 'selection'> {
  /**
   * Where this peer is. Default: derived from its id, where the space can do that.
   */
  position?: P

  /**
   * Tells overlays over the same space apart: only peers of the same name and space are in it. Text without a slash; with the
   * name of the space at most 55 characters. Default: the name of the space.
   */
  name?: string

  /** Milliseconds between two rounds, on average, from 1 to 3,600,000. Default: those of peer sampling. */
  period?: number
}

/** All that an overlay goes by, checked. */
export interface OverlaySettings<P> {
  name: string
  parameters: OverlayParameters
  period: number | undefined
  /** Where a peer begins. */
  start(id: PeerId): P
  positions: Positions<P>
  identity: OverlayIdentity
}

/** @throws ParameterError naming the first option that is impossible */
export function overlaySettings<P>(space: Space<P>, init: OverlaySettingsInit<P>): OverlaySettings<P> {
  const { view, message, psi, period, position, name = space.name } = init
  const identity = identityOf(space.name, name)
  const positions = new Positions(space, identity.profile)

  const start = startOf(space, position)

  if (position != null) {
    positions.encode(position)
  }

  return {
    name,
    parameters: overlayParameters({ view, message, psi }),
    period: period == null ? undefined : wholeNumber('period', period, MIN_PERIOD, MAX_PERIOD),
    start,
    positions,
    identity
  }
}

function startOf<P>(space: Space<P>, position: P | undefined): (id: PeerId) => P {
  const derive = space.derive?.bind(space)

  if (position != null) {
    return () => position
  }

  if (derive == null) {
    throw new ParameterError('position', `must be given: "${space.name}" derives none from the id of a peer`)
  }

  return id => derive(sha256(id.toMultihash().bytes))
}
