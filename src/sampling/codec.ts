import type { PeerId } from '@libp2p/interface'
import { NOBODY } from '../gossip/exchange.ts'
import type { PeerTable } from '../gossip/peer-table.ts'
import { MAX_AGE } from '../gossip/views.ts'
import { BlockCount } from '../live/block-count.ts'
import type { Codec } from '../live/driver.ts'
import { SELF } from '../live/population.ts'
import { checkStamp, keepStamp, type Records, type VerifiedRecord, workOf } from '../live/records.ts'
import { type Refusal, RefusalError } from '../live/refusal.ts'
import type { Admission } from './admission.ts'
import { MAX_MESSAGE_BYTES, MAX_VIEW_SIZE } from './constants.ts'
import type { SamplingMessage } from './message.ts'
import { type Descriptor, Exchange } from './messages.ts'

/** Bytes of a descriptor beside its record, at most: tags, lengths, the age, the stamp. */
const DESCRIPTOR_OVERHEAD = 24

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
  admission: Admission
  /** The peers that the core holds now, each once: with those of a message they make its next view. */
  held(): Iterable<number>
  /** A descriptor was left out of a message. */
  onLeftOut(reason: Refusal): void
}

/** Between peer numbers and ages on this side, and signed records and ages on the wire. */
export class SamplingCodec implements Codec<SamplingMessage, OpenedExchange> {
  private readonly init: SamplingCodecInit
  /** What this peer's own variant can use of a message. Peers with larger views send more. */
  private readonly capacity: number
  private readonly blocks: BlockCount | undefined

  constructor(init: SamplingCodecInit) {
    const { maxPerBlock } = init.admission
    this.init = init
    this.blocks = maxPerBlock === 0 ? undefined : new BlockCount(maxPerBlock)
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

      descriptors.push({ record: record.envelope, age: message.ages[i], stamp: record.stamp?.nonce })
    }

    return Exchange.encode({ joining: message.joining, descriptors })
  }

  open(bytes: Uint8Array, kind: 'request' | 'reply', from: PeerId): OpenedExchange | Promise<OpenedExchange> {
    const { joining, descriptors } = this.decode(bytes)
    const opened: OpenedExchange = { joining, records: [], ages: [] }
    const unknown: number[] = []

    for (let i = 0; i < descriptors.length && i < this.capacity; i++) {
      const { record, age, stamp } = descriptors[i]

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
        this.weigh(known, stamp, from)
        opened.records[i] = known
      }

      opened.ages[i] = age
    }

    if (unknown.length === 0) {
      return this.check(opened, kind, from)
    }

    return this.verify(opened, unknown, descriptors, from).then(() => this.check(opened, kind, from))
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
  private async verify(
    opened: OpenedExchange,
    unknown: number[],
    descriptors: Descriptor[],
    from: PeerId
  ): Promise<void> {
    for (const i of unknown) {
      const { record, stamp } = descriptors[i]
      const verified = await this.init.records.verify(record ?? NOTHING)
      this.weigh(verified, stamp, from)
      opened.records[i] = verified
    }
  }

  /**
   * Keeps the stamp with the record, also where no work is asked for: it is handed on to those who ask.
   *
   * A sender that has not done the work itself gets no exchange. Its answer would be members of this view, for which others
   * have paid, and its message a say in what this view becomes; both at the price of a connection. Work that others lack is
   * not held against it: with fewer bits asked of them, honest peers hand on descriptors that are not enough here, and each
   * of those is left out by itself. For the same reason the refusal is no offence.
   */
  private weigh(record: VerifiedRecord, stamp: bigint | undefined, from: PeerId): void {
    const { stampBits } = this.init.admission

    if (stamp != null) {
      checkStamp(record, stamp)
    }

    if (workOf(record) < stampBits && record.id.equals(from) && workOf(this.latest(record)) < stampBits) {
      throw new RefusalError('too-little-work', `${workOf(record)} bits of work, fewer than ${stampBits}`)
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
    const { peers, admission, held, onLeftOut } = this.init
    const self = this.init.self()
    const { records, ages } = opened
    const fromKey = from.toString()
    out.clear()
    out.joining = opened.joining
    let sender = NOBODY
    this.blocks?.begin(recordsOf(held(), peers))

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

      const latest = this.latest(record)

      if (workOf(latest) < admission.stampBits) {
        onLeftOut('too-little-work')
        continue
      }

      if (this.blocks?.admit(latest) === false) {
        onLeftOut('crowded-block')
        continue
      }

      // set although it may be there: who was just named must not lose its number to somebody named later in the message
      const peer = peers.set(latest.key, latest)
      const own = record.key === fromKey
      // nobody knows a peer's age better than the peer itself: a claim that it is old is nonsense
      out.add(peer, own ? 0 : ages[i])

      if (own) {
        sender = peer
      }
    }

    return sender
  }

  /** Of this record and the one in the table the newer one, with the better stamp of both. */
  private latest(record: VerifiedRecord): VerifiedRecord {
    const { peers } = this.init
    const number = peers.number(record.key)
    const known = number == null ? undefined : peers.get(number)

    if (known == null) {
      return record
    }

    const latest = known.seq >= record.seq ? known : record
    keepStamp(latest, known.stamp)
    keepStamp(latest, record.stamp)
    return latest
  }
}

function* recordsOf(numbers: Iterable<number>, peers: PeerTable<VerifiedRecord>): Iterable<VerifiedRecord> {
  for (const number of numbers) {
    const record = peers.get(number)

    if (record != null) {
      yield record
    }
  }
}
