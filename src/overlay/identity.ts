import { ParameterError } from '../gossip/parameters.ts'
import { MAX_PROFILE_NAME } from '../live/profiles.ts'
import { PROTOCOL, ROUTE_PROTOCOL } from './limits.ts'

/** What tells an overlay from others: only peers of the same name and space are in it. */
export interface OverlayIdentity {
  /** The libp2p protocol ids. */
  exchange: string
  route: string
  /** The key of the position in a signed record. */
  profile: string
  /** Begins the name of every metric. */
  metricsPrefix: string
}

/**
 * @param name - of the overlay; the space's own name says nothing more
 * @throws ParameterError `name` or `space`
 */
export function identityOf(space: string, name: string): OverlayIdentity {
  const parts = name === space ? [space] : [checkName('name', name), space].reverse()
  checkName('space', space)
  const profile = `overlay ${parts.join('/')}`

  if (profile.length > MAX_PROFILE_NAME) {
    throw new ParameterError(
      'name',
      `"${parts.join('/')}" has more than ${MAX_PROFILE_NAME - 'overlay '.length} characters`
    )
  }

  const path = parts.map(encodeURIComponent).join('/')

  return {
    exchange: `${PROTOCOL}/${path}`,
    route: `${ROUTE_PROTOCOL}/${path}`,
    profile,
    metricsPrefix: `gossip_peer_overlay_${parts.join('_').replace(/[^a-zA-Z0-9]+/g, '_')}`
  }
}

/** Slashes stand between the parts, or two overlays could have the same key. */
function checkName(parameter: string, name: string): string {
  if (name.length === 0 || name.includes('/') || !name.isWellFormed()) {
    throw new ParameterError(parameter, `"${name}" is not a name: text without a slash`)
  }

  return name
}
