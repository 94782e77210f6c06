import type { PeerId } from '@libp2p/interface'
import { NOBODY } from '../gossip/exchange.ts'
import { MAX_AGE } from '../gossip/views.ts'
import type { Codec } from '../live/driver.ts'
import type { OwnRecord } from '../live/own-record.ts'
import { SELF } from '../live/population.ts'
import type { Records, VerifiedRecord } from '../live/records.ts'
import { RefusalError } from '../live/refusal.ts'
import { MAX_VIEW_SIZE } from './constants.ts'
import type { KnownPeers } from './known-peers.ts'
import { MAX_MESSAGE_BYTES } from './limits.ts'
import type { OverlayMessage } from './message.ts'
import { Exchange } from './messages.ts'
import { openRecords } from './open-records.ts'
import type { Positions } from './positions.ts'

/** Bytes of a descriptor beside its record, at most: tags, lengths, the age. */
const DESCRIPTOR_OVERHEAD = 16

/** A message whose records are verified. Nothing has been changed by it yet. */
export interface OpenedExchange {
  records: VerifiedRecord[]
  ages: number[]
}

export interface OverlayCodecInit {
  createMessage(): OverlayMessage
  peers: KnownPeers<unknown>
  positions: Positions<unknown>
  /** Asked for when there is a message: before the first start there is none. */
  underlay(): { readonly records: Records; readonly own: OwnRecord }
}

/** Between peer numbers and ages on this side, and signed records and ages on the wire. */
export class OverlayCodec implements Codec<OverlayMessage, OpenedExchange> {
  private readonly init: OverlayCodecInit
  /** What this peer can use of a message. Peers with larger ones send more. */
  private readonly capacity: number

  constructor(init: OverlayCodecInit) {
    this.init = init
    this.capacity = init.createMessage().peers.length
  }

  createMessage(): OverlayMessage {
    return this.init.createMessage()
  }

  /** Ends before the message gets too long for the receiver, which only large messages of large records can get. */
  encode({ peers, ages, size }: OverlayMessage): Uint8Array {
    const descriptors = []
    let bytes = 0

    for (let i = 0; i < size; i++) {
      const record = this.recordOf(peers[i])

      if (record == null) {
        continue
      }

      bytes += record.envelope.byteLength + DESCRIPTOR_OVERHEAD

      if (bytes > MAX_MESSAGE_BYTES) {
        break
      }

      descriptors.push({ record: record.envelope, age: ages[i] })
    }

    return Exchange.encode({ descriptors })
  }

  private recordOf(peer: number): VerifiedRecord | undefined {
    const { peers, underlay } = this.init
    return peer === SELF ? underlay().own.current : peers.record(peer)
  }

  open(bytes: Uint8Array, _kind: 'request' | 'reply', from: PeerId): OpenedExchange | Promise<OpenedExchange> {
    const descriptors = this.decode(bytes).descriptors.slice(0, this.capacity)
    const envelopes: Uint8Array[] = []
    const ages: number[] = []

    for (const { record, age } of descriptors) {
      if (record == null) {
        throw new RefusalError('bad-record', 'a descriptor without a record')
      }

      if (age > MAX_AGE) {
        throw new RefusalError('age-out-of-range', `an age of ${age} rounds, more than ${MAX_AGE}`)
      }

      envelopes.push(record)
      ages.push(age)
    }

    const records = openRecords(envelopes, from, this.init.underlay().records, this.init.positions)
    return records instanceof Promise ? records.then(records => ({ records, ages })) : { records, ages }
  }

  private decode(bytes: Uint8Array): Exchange {
    try {
      return Exchange.decode(bytes, { limits: { descriptors: MAX_VIEW_SIZE } })
    } catch (err) {
      const tooMany = err instanceof Error && err.name === 'MaxLengthError'
      throw new RefusalError(tooMany ? 'too-many-descriptors' : 'malformed', String(err))
    }
  }

  /** Peers without addresses are of no use to others: they are answered, by where they are, and not taken. */
  adopt({ records, ages }: OpenedExchange, _from: PeerId, out: OverlayMessage): number {
    const { peers, underlay } = this.init
    const { own } = underlay()
    let sender = NOBODY
    out.clear()

    for (const [i, record] of records.entries()) {
      if (record.key === own.current.key) {
        if (record.seq > own.current.seq) {
          own.exceed(record.seq)
        }

        continue
      }

      const peer = peers.learn(record)

      if (i === 0) {
        sender = peer
      }

      if (peer !== NOBODY && peers.record(peer)?.multiaddrs.length !== 0) {
        // nobody knows a peer's age better than the peer itself
        out.add(peer, i === 0 ? 0 : ages[i])
      }
    }

    return sender
  }
}
