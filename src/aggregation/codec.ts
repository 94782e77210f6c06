import type { PeerId } from '@libp2p/interface'
import type { Codec } from '../live/driver.ts'
import { SELF } from '../live/population.ts'
import { RefusalError } from '../live/refusal.ts'
import { MAX_AGGREGATES, MAX_BINS } from './constants.ts'
import { IDENTITY_BYTES, keyOf } from './identity.ts'
import { type AggregationMessage, APART, TAKES_PART, WAITS } from './message.ts'
import { type Cells, Exchange, Part } from './messages.ts'
import type { AggregationProtocol } from './protocol.ts'
import type { Registered, Registrations } from './registrations.ts'

const FLOAT_BYTES = Float64Array.BYTES_PER_ELEMENT
const TAG_BYTES = Uint32Array.BYTES_PER_ELEMENT

const NOTHING = new Uint8Array(0)

const PARTS = { [Part.TAKES_PART]: TAKES_PART, [Part.APART]: APART, [Part.WAITS]: WAITS }
const WIRE_PARTS: Record<number, Part> = {
  [TAKES_PART]: Part.TAKES_PART,
  [APART]: Part.APART,
  [WAITS]: Part.WAITS
}

export interface AggregationCodecInit {
  protocol: AggregationProtocol
  registrations: Registrations
  /** The number of whoever sent a message. */
  numberOf(from: PeerId): number
  /** A message speaks of an epoch that this peer does not believe in yet. The core is told of it all the same. */
  onWrongEpoch(): void
}

/** Between aggregates by their numbers on this side, and by their identities on the wire. */
export class AggregationCodec implements Codec<AggregationMessage, AggregationMessage> {
  private readonly init: AggregationCodecInit
  /** Read before the next message comes: messages are opened at once. */
  private readonly opened: AggregationMessage

  constructor(init: AggregationCodecInit) {
    this.init = init
    this.opened = this.createMessage()
  }

  createMessage(): AggregationMessage {
    return this.init.protocol.createMessage()
  }

  encode(message: AggregationMessage): Uint8Array {
    const { part, epoch, round, exchange, tags, shares, instances } = message
    const takesPart = part === TAKES_PART

    return Exchange.encode({
      part: WIRE_PARTS[part],
      // those of a newcomer mean nothing
      epoch: part === WAITS ? 0 : epoch,
      round: part === WAITS ? 0 : round,
      exchange: exchange | 0,
      aggregates: takesPart ? this.encodeCells(message) : [],
      tags: takesPart ? encodeTags(tags.subarray(0, instances)) : NOTHING,
      shares: takesPart ? encodeFloats(shares.subarray(0, instances)) : NOTHING
    })
  }

  open(bytes: Uint8Array, kind: 'request' | 'reply'): AggregationMessage {
    const { opened } = this
    const { part, epoch, round, exchange, aggregates, tags, shares } = decode(bytes)
    opened.part = PARTS[part]
    opened.epoch = epoch
    opened.round = round
    opened.exchange = exchange
    opened.partial = true
    opened.present.fill(0)

    if (opened.part === APART && kind === 'request') {
      throw new RefusalError('malformed', 'a request that is an answer')
    }

    if (opened.part !== TAKES_PART && (aggregates.length > 0 || tags.length > 0 || shares.length > 0)) {
      throw new RefusalError('malformed', 'cells of one who takes no part')
    }

    this.openCells(aggregates)
    this.openInstances(tags, shares)
    const defect = this.init.protocol.defect(SELF, opened)

    if (defect === 'wrong-epoch') {
      this.init.onWrongEpoch()
    } else if (defect != null) {
      throw new RefusalError(defect)
    }

    return opened
  }

  adopt(opened: AggregationMessage, from: PeerId, out: AggregationMessage): number {
    out.copy(opened)
    return this.init.numberOf(from)
  }

  private encodeCells(message: AggregationMessage): Cells[] {
    const { first, end } = this.init.protocol.schema
    const present = [...this.init.registrations].filter(
      ({ number }) => message.has(number) && end[number] > first[number]
    )

    return present.map(({ number, identity }) => ({
      identity: new Uint8Array(identity),
      cells: encodeFloats(message.cells.subarray(first[number], end[number]))
    }))
  }

  private openCells(aggregates: Cells[]): void {
    const seen = new Set<string>()

    for (const { identity, cells } of aggregates) {
      const key = keyOf(identity)

      if (identity.length !== IDENTITY_BYTES || cells.length === 0) {
        throw new RefusalError('malformed', 'an aggregate without identity or cells')
      }

      if (cells.length % FLOAT_BYTES !== 0 || cells.length > MAX_BINS * FLOAT_BYTES) {
        throw new RefusalError('malformed', `cells of ${cells.length} bytes`)
      }

      if (seen.has(key)) {
        throw new RefusalError('duplicate', 'a message with the same aggregate twice')
      }

      seen.add(key)
      this.openAggregate(this.init.registrations.keyed(key), cells)
    }
  }

  /** Aggregates that this peer does not know are none of its business, but must be numbers as well. */
  private openAggregate(registered: Registered | undefined, cells: Uint8Array): void {
    const { opened } = this
    const { first, end } = this.init.protocol.schema
    const claims = readFloats(cells)

    if (!claims.every(Number.isFinite)) {
      throw new RefusalError('not-finite', 'a cell that is not a finite number')
    }

    if (registered == null) {
      return
    }

    const { number } = registered

    if (claims.length !== end[number] - first[number]) {
      throw new RefusalError('malformed', `${claims.length} cells where ${end[number] - first[number]} were due`)
    }

    opened.cells.set(claims, first[number])
    opened.present[number] = 1
  }

  private openInstances(tags: Uint8Array, shares: Uint8Array): void {
    const { opened } = this
    const count = tags.length / TAG_BYTES

    if (!Number.isInteger(count) || count > opened.tags.length || shares.length !== count * FLOAT_BYTES) {
      throw new RefusalError('malformed', `${tags.length} bytes of tags and ${shares.length} of shares`)
    }

    const view = viewOf(tags)

    for (let i = 0; i < count; i++) {
      opened.tags[i] = view.getUint32(i * TAG_BYTES, true)
    }

    opened.shares.set(readFloats(shares))
    opened.instances = count
  }
}

function decode(bytes: Uint8Array): Exchange {
  try {
    return Exchange.decode(bytes, { limits: { aggregates: MAX_AGGREGATES } })
  } catch (err) {
    throw new RefusalError('malformed', String(err))
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

function readFloats(bytes: Uint8Array): Float64Array {
  const view = viewOf(bytes)
  return Float64Array.from({ length: bytes.length / FLOAT_BYTES }, (_, i) => view.getFloat64(i * FLOAT_BYTES, true))
}

function encodeFloats(numbers: Float64Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(numbers.length * FLOAT_BYTES)
  const view = viewOf(bytes)

  for (let i = 0; i < numbers.length; i++) {
    view.setFloat64(i * FLOAT_BYTES, numbers[i], true)
  }

  return bytes
}

function encodeTags(tags: Uint32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(tags.length * TAG_BYTES)
  const view = viewOf(bytes)

  for (let i = 0; i < tags.length; i++) {
    view.setUint32(i * TAG_BYTES, tags[i], true)
  }

  return bytes
}
