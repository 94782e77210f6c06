import type { PrivateKey } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { VerifiedRecord } from '../../src/live/records.ts'
import type { Coordinate } from '../../src/vivaldi/index.ts'
import { PROFILE } from '../../src/vivaldi/limits.ts'
import { lax } from '../support/stranger.ts'

/** Numbers as they are in a record: 32 bits each, the low byte first. */
export function floats(...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4)
  values.forEach((value, i) => {
    new DataView(bytes.buffer).setFloat32(i * 4, value, true)
  })
  return bytes
}

/** A point on the first axis, in so many dimensions. */
export function pointAt(x: number, dimensions: number, { height = 0, error = 0.5 } = {}): Coordinate {
  return { position: Array.from({ length: dimensions }, (_, i) => (i === 0 ? x : 0)), height, error }
}

/** A record of a peer that says so of its coordinate, whatever that is. */
export async function signed(
  key: PrivateKey,
  value: Uint8Array<ArrayBuffer> | undefined,
  { seq = 1n, addresses = [multiaddr('/ip4/127.0.0.1/tcp/1')] } = {}
): Promise<VerifiedRecord> {
  return await lax.seal(key, addresses, seq, new Map(value == null ? [] : [[PROFILE, value]]))
}

/** Lies about a coordinate, and why each is none. */
export function lies(dimensions: number): Array<[reason: string, what: string, value: Uint8Array<ArrayBuffer>]> {
  const but = (at: number, value: number) =>
    floats(...Array.from({ length: dimensions + 2 }, (_, i) => (i === at ? value : 0.5)))
  const [last, height, error] = [dimensions - 1, dimensions, dimensions + 1]

  return [
    ['not-finite', 'no number', but(0, Number.NaN)],
    ['not-finite', 'an infinite last number', but(last, Number.NEGATIVE_INFINITY)],
    ['not-finite', 'a height that is no number', but(height, Number.NaN)],
    ['not-finite', 'an infinite height', but(height, Number.POSITIVE_INFINITY)],
    ['not-finite', 'an error that is no number', but(error, Number.NaN)],
    ['out-of-range', 'a huge number', but(0, 3e38)],
    ['out-of-range', 'a number just too large', but(last, 20_001)],
    ['out-of-range', 'a number just too small', but(0, -20_001)],
    ['out-of-range', 'a negative height', but(height, -0.001)],
    ['out-of-range', 'a height too large', but(height, 10_001)],
    ['out-of-range', 'a negative error', but(error, -0.001)],
    ['out-of-range', 'an error too large', but(error, 1.6)],
    ['bad-profile', 'nothing', floats()],
    ['bad-profile', 'a number too few', but(0, 0.5).slice(4)],
    ['bad-profile', 'a number too many', floats(...Array(dimensions + 3).fill(0.5))],
    ['bad-profile', 'a byte too few', but(0, 0.5).slice(1)],
    ['bad-profile', 'a byte too many', Uint8Array.of(...but(0, 0.5), 0)]
  ]
}
