import type { PeerId } from '@libp2p/interface'
import { NOBODY } from '../gossip/exchange.ts'
import type { PeerTable } from '../gossip/peer-table.ts'
import { MAX_AGE } from '../gossip/views.ts'
import type { Codec } from '../live/driver.ts'
import { SELF } from '../live/population.ts'
import type { Records, VerifiedRecord } from '../live/records.ts'
import { RefusalError } from '../live/refusal.ts'
import { MAX_MESSAGE_BYTES, MAX_VIEW_SIZE } from './constants.ts'
import type { SamplingMessage } from './message.ts'
import { type Descriptor, Exchange } from './messages.ts'

/** Bytes of a descriptor beside its record, at most: tags, lengths, the age. */
const DESCRIPTOR_OVERHEAD = 16

const NOTHING = new Uint8Array(0)

/** A message whose records are verified. Nothing has been changed by it yet. */
export interface OpenedExchange {
  joining: boolean
  records: VerifiedRecord[]
  ages: number[]
}

export interface SamplingCodecInit {
  records: Records
  peers: PeerTable<VerifiedRecord>
  /** This peer's own record, as it is now. */
  self(): VerifiedRecord
  /** Another peer holds a newer record of this peer than it has itself: its clock went back. */
  onNewerSelf(seq: bigint): void
  createMessage(): SamplingMessage
}

/** Between peer numbers and ages on this side, and signed records and ages on the wire. */
export class SamplingCodec implements Codec<SamplingMessage, OpenedExchange> {
  private readonly init: SamplingCodecInit
  /** What this peer's own variant can use of a message. Peers with larger views send more. */
  private readonly capacity: number

  constructor(init: SamplingCodecInit) {
    this.init = init
    this.capacity = init.createMessage().peers.length
  }

  createMessage(): SamplingMessage {
    return this.init.createMessage()
  }

  /** Ends before the message gets too long for the receiver, which only large views of large records can make it. */
  encode(message: SamplingMessage): Uint8Array {
    const descriptors = []
    let bytes = 0

    for (let i = 0; i < message.size; i++) {
      const peer = message.peers[i]
      const record = peer === SELF ? this.init.self() : this.init.peers.get(peer)

      if (record == null) {
        continue
      }

      bytes += record.envelope.byteLength + DESCRIPTOR_OVERHEAD

      if (bytes > MAX_MESSAGE_BYTES) {
        break
      }

      descriptors.push({ record: record.envelope, age: message.ages[i] })
    }

    return Exchange.encode({ joining: message.joining, descriptors })
  }

  open(bytes: Uint8Array, kind: 'request' | 'reply', from: PeerId): OpenedExchange | Promise<OpenedExchange> {
    const { joining, descriptors } = this.decode(bytes)
    const opened: OpenedExchange = { joining, records: [], ages: [] }
    const unknown: number[] = []

    for (let i = 0; i < descriptors.length && i < this.capacity; i++) {
      const { record, age } = descriptors[i]

      if (record == null) {
        throw new RefusalError('bad-record', 'a descriptor without a record')
      }

      if (age > MAX_AGE) {
        throw new RefusalError('age-out-of-range', `an age of ${age} exchanges, more than ${MAX_AGE}`)
      }

      const known = this.init.records.known(record)

      if (known == null) {
        unknown.push(i)
      } else {
        opened.records[i] = known
      }

      opened.ages[i] = age
    }

    if (unknown.length === 0) {
      return this.check(opened, kind, from)
    }

    return this.verify(opened, unknown, descriptors).then(() => this.check(opened, kind, from))
  }

  private decode(bytes: Uint8Array): Exchange {
    try {
      return Exchange.decode(bytes, { limits: { descriptors: MAX_VIEW_SIZE + 1 } })
    } catch (err) {
      const tooMany = err instanceof Error && err.name === 'MaxLengthError'
      throw new RefusalError(tooMany ? 'too-many-descriptors' : 'malformed', String(err))
    }
  }

  /** One after the other: the first bad record ends the message, and costs its receiver no more than itself. */
  private async verify(opened: OpenedExchange, unknown: number[], descriptors: Descriptor[]): Promise<void> {
    for (const i of unknown) {
      opened.records[i] = await this.init.records.verify(descriptors[i].record ?? NOTHING)
    }
  }

  private check(opened: OpenedExchange, kind: 'request' | 'reply', from: PeerId): OpenedExchange {
    if (new Set(opened.records.map(record => record.key)).size < opened.records.length) {
      throw new RefusalError('duplicate', 'a message with the same peer twice')
    }

    if (kind === 'request' && opened.records[0]?.key !== from.toString()) {
      throw new RefusalError('not-the-sender', 'a request that does not begin with its sender')
    }

    return opened
  }

  adopt(opened: OpenedExchange, from: PeerId, out: SamplingMessage): number {
    const self = this.init.self()
    const { records, ages } = opened
    const fromKey = from.toString()
    out.clear()
    out.joining = opened.joining
    let sender = NOBODY

    for (let i = 0; i < records.length; i++) {
      const record = records[i]

      if (record.key === self.key) {
        out.add(SELF, ages[i])

        if (record.seq > self.seq) {
          this.init.onNewerSelf(record.seq)
        }

        continue
      }

      // whoever listens nowhere may ask, but is of no use to anybody as a member
      if (record.multiaddrs.length === 0) {
        continue
      }

      const peer = this.number(record)
      const own = record.key === fromKey
      // nobody knows a peer's age better than the peer itself: a claim that it is old is nonsense
      out.add(peer, own ? 0 : ages[i])

      if (own) {
        sender = peer
      }
    }

    return sender
  }

  /** The peer's number. Of two records of a peer the newer one is kept. */
  number(record: VerifiedRecord): number {
    const { peers } = this.init
    const known = peers.number(record.key)
    const held = known == null ? undefined : peers.get(known)
    // set either way: who was just named must not lose its number to somebody named later in the same message
    return peers.set(record.key, held != null && held.seq >= record.seq ? held : record)
  }
}
