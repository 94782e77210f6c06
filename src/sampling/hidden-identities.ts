import type { PeerId } from '@libp2p/interface'
import { sha256 } from '@noble/hashes/sha2.js'
import type { PeerTable } from '../gossip/peer-table.ts'
import { Random } from '../gossip/random.ts'
import type { VerifiedRecord } from '../live/records.ts'

/** Words of a secret, of 32 bits each: too many to try. */
const SECRET_WORDS = 4

/**
 * What the core knows peers by beside their numbers, which are given away again: 32 bits for each, a digest of its id with
 * a secret of this node.
 *
 * They must be secret, and so different at every node: an identity costs next to nothing to make, and whoever could tell
 * what rank one has would make identities until some have the best ranks in a slot, or are counted in the cell of another
 * peer.
 */
export class HiddenIdentities {
  private readonly peers: PeerTable<VerifiedRecord>
  private readonly secret: Uint8Array
  /** By number; and of which record: the number may stand for somebody else by now. */
  private readonly digests: number[] = []
  private readonly records: VerifiedRecord[] = []

  constructor(peers: PeerTable<VerifiedRecord>, secret: Uint8Array) {
    this.peers = peers
    this.secret = secret
  }

  /** Those of the peer that the number stands for now. This node itself has none: 0. */
  of(peer: number): number {
    const record = this.peers.get(peer)

    if (record == null) {
      return 0
    }

    if (this.records[peer] !== record) {
      this.records[peer] = record
      this.digests[peer] = digestOf(record.id, this.secret)
    }

    return this.digests[peer]
  }
}

/**
 * A secret of a node's own.
 *
 * @param seed - of a run that is to be repeated; the secret is then only as secret as that. Default: from the system
 */
export function secretOf(seed?: number): Uint8Array {
  if (seed == null) {
    return crypto.getRandomValues(new Uint8Array(SECRET_WORDS * 4))
  }

  const random = new Random(seed)
  return new Uint8Array(Uint32Array.from({ length: SECRET_WORDS }, () => random.next()).buffer)
}

/** The first 32 bits of SHA-256 over the secret, whose length is fixed, and the id. */
export function digestOf(id: PeerId, secret: Uint8Array): number {
  const digest = sha256.create().update(secret).update(id.toMultihash().bytes).digest()
  return new DataView(digest.buffer, digest.byteOffset).getInt32(0)
}
