import type { Random } from '../gossip/random.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { LOST_PEER_LIFETIME, REMEMBERED_LOST_PEERS, REMEMBERED_PEERS } from './constants.ts'

/** A peer kept in mind longer than views do. */
export interface Remembered {
  record: VerifiedRecord
  /** When it last answered, in milliseconds since 1970. */
  seen: number
  /** It did not answer since. */
  lost: boolean
}

/**
 * The peers that a node finds its way back through: after a restart, and after the network was cut in two. Some that
 * lately answered, and some that no longer do. The latter matter most after a cut, when the whole other half has
 * dropped out of every view; so the lively ones never push them out.
 *
 * Where a list is full, a random one gives way. What stays is then a mix of old and new acquaintances.
 */
export class Memory {
  private readonly random: Random
  private readonly alive = new Map<string, Remembered>()
  private readonly lost = new Map<string, Remembered>()
  /** Something changed since it was last saved. */
  changed = false

  constructor(random: Random) {
    this.random = random
  }

  get size(): number {
    return this.alive.size + this.lost.size
  }

  /** The peer answered. */
  answered(record: VerifiedRecord, now: number): void {
    this.lost.delete(record.key)
    this.put(this.alive, REMEMBERED_PEERS, { record, seen: now, lost: false })
  }

  has(key: string): boolean {
    return this.alive.has(key) || this.lost.has(key)
  }

  /** The peer, a member or one that is remembered, does not answer. */
  failed(record: VerifiedRecord, now: number): void {
    const known = this.alive.get(record.key) ?? this.lost.get(record.key)
    const seen = known?.seen ?? now
    this.alive.delete(record.key)

    if (now - seen > LOST_PEER_LIFETIME) {
      this.lost.delete(record.key)
      this.changed = true
    } else {
      this.put(this.lost, REMEMBERED_LOST_PEERS, { record: known?.record ?? record, seen, lost: true })
    }
  }

  /** All of them, those that lately answered first. */
  all(): Remembered[] {
    return [...this.alive.values(), ...this.lost.values()]
  }

  /** Takes back what {@link all} gave before a restart, but for the lost that are too long gone. */
  restore(peers: Remembered[], now: number): void {
    for (const peer of peers) {
      if (peer.lost && now - peer.seen > LOST_PEER_LIFETIME) {
        continue
      }

      if (peer.lost) {
        this.put(this.lost, REMEMBERED_LOST_PEERS, peer)
      } else {
        this.put(this.alive, REMEMBERED_PEERS, peer)
      }
    }

    this.changed = false
  }

  /** A random one that is not excluded: somebody to find the rest of the network through. */
  pick(excluded: (key: string) => boolean): VerifiedRecord | undefined {
    const candidates = [...this.lost.values(), ...this.alive.values()].filter(peer => !excluded(peer.record.key))
    return candidates.length === 0 ? undefined : candidates[this.random.below(candidates.length)].record
  }

  private put(list: Map<string, Remembered>, limit: number, peer: Remembered): void {
    const { key } = peer.record

    if (!list.has(key) && list.size >= limit) {
      const keys = [...list.keys()]
      list.delete(keys[this.random.below(keys.length)])
    }

    list.set(key, peer)
    this.changed = true
  }
}
