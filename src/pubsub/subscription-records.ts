import type { PeerId, PrivateKey } from '@libp2p/interface'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { toString as toText } from 'uint8arrays/to-string'
import { RefusalError } from '../live/refusal.ts'
import type { AxisNumbers } from './axis-numbers.ts'
import { toBoxes } from './boxes.ts'
import { type Filter, parseFilter } from './filter.ts'
import { MAX_CACHED_SUBSCRIPTIONS, MAX_SUBSCRIPTION_BYTES } from './limits.ts'
import { Subscription } from './messages.ts'
import { Region } from './region.ts'
import { open, seal } from './sealed.ts'

const KIND = 'gossip-peer-subscription'

/** What a peer asks for, proven by its signature. */
export interface VerifiedSubscription {
  /** The peer id as text. */
  readonly peer: string
  /** Tells the subscriptions of a peer apart: a whole number from 1 on. */
  readonly number: number
  readonly filter: Filter
  readonly region: Region
  /** On the circle. */
  readonly id: number
  readonly envelope: Uint8Array<ArrayBuffer>
}

/** Seals and opens subscriptions, and remembers which ones it has verified. */
export class SubscriptionRecords {
  private readonly axes: AxisNumbers
  private readonly onAxes: (count: number) => void
  /** By their signatures. The first are the next to go. */
  private readonly verified = new Map<string, VerifiedSubscription>()

  /** @param onAxes - told how many axes have numbers, when there may be more */
  constructor(axes: AxisNumbers, onAxes: (count: number) => void = () => {}) {
    this.axes = axes
    this.onAxes = onAxes
  }

  async seal(privateKey: PrivateKey, owner: PeerId, number: number, filter: Filter): Promise<VerifiedSubscription> {
    const payload = Subscription.encode({ number, filter: String(filter) })
    const envelope = await seal(KIND, payload, privateKey)
    return this.describe(owner, number, filter, envelope, this.axes.ownNumberOf)
  }

  /** The subscription with this signature, if it was verified before: that one counts, whatever else these bytes say. */
  known(envelope: Uint8Array): VerifiedSubscription | undefined {
    return this.verified.get(signatureOf(envelope))
  }

  /** @throws RefusalError (rejects with it) `bad-filter` or `forged-record` */
  async verify(bytes: Uint8Array): Promise<VerifiedSubscription> {
    if (bytes.byteLength > MAX_SUBSCRIPTION_BYTES) {
      throw new RefusalError('bad-filter', `a subscription of ${bytes.byteLength} bytes`)
    }

    const opened = open(KIND, bytes, 'bad-filter', 'forged-record')
    const { number, filter } = readPayload(opened.payload)
    await opened.verify()
    const subscription = this.describe(opened.id, number, filter, opened.bytes, this.axes.numberOf)

    if (this.verified.size >= MAX_CACHED_SUBSCRIPTIONS) {
      for (const oldest of this.verified.keys()) {
        this.verified.delete(oldest)
        break
      }
    }

    this.verified.set(signatureOf(opened.bytes), subscription)
    return subscription
  }

  private describe(
    owner: PeerId,
    number: number,
    filter: Filter,
    envelope: Uint8Array<ArrayBuffer>,
    numberOf: (axis: string) => number
  ): VerifiedSubscription {
    const region = new Region(toBoxes(filter), numberOf)
    this.onAxes(this.axes.size)
    return { peer: owner.toString(), number, filter, region, id: circleId(owner, number), envelope }
  }
}

function readPayload(payload: Uint8Array): { number: number; filter: Filter } {
  try {
    const { number, filter } = Subscription.decode(payload)

    if (number === 0) {
      throw new Error('number 0 is nobody')
    }

    return { number, filter: parseFilter(filter) }
  } catch (err) {
    throw new RefusalError('bad-filter', `a subscription that cannot be read: ${err}`)
  }
}

/** Where a subscription stands on the circle: nobody can choose a place without trying others first. */
export function circleId(owner: PeerId, number: number): number {
  const numberBytes = new Uint8Array(4)
  new DataView(numberBytes.buffer).setUint32(0, number)
  const hash = sha256(concat([owner.toMultihash().bytes, numberBytes]))
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0)
}

/** An envelope ends with its signature. Whole ones are compared: two with the same one are the same. */
function signatureOf(envelope: Uint8Array): string {
  return toText(envelope.subarray(-64), 'base64')
}
