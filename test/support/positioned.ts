import type { PrivateKey } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { identityOf } from '../../src/overlay/identity.ts'
import { type Space, torus } from '../../src/overlay/index.ts'
import { lax } from './stranger.ts'

export const SPACE: Space<number[]> = torus(50, 50)
export const { profile: PROFILE } = identityOf(SPACE.name, SPACE.name)

/** A record of a peer that says so of its position, whatever that is. */
export async function positioned(
  key: PrivateKey,
  position: number[] | Uint8Array | undefined,
  { seq = 1n, profile = PROFILE, addresses = [multiaddr('/ip4/127.0.0.1/tcp/1')] } = {}
): Promise<VerifiedRecord> {
  const value = position instanceof Uint8Array || position == null ? position : SPACE.encode(position)
  const profiles = new Map(value == null ? [] : [[profile, value.slice()]])
  return await lax.seal(key, addresses, seq, profiles)
}
