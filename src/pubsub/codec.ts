import type { PeerId } from '@libp2p/interface'
import { fromString } from 'uint8arrays/from-string'
import { toString as toText } from 'uint8arrays/to-string'
import type { Codec } from '../live/driver.ts'
import type { OwnRecord } from '../live/own-record.ts'
import { RefusalError } from '../live/refusal.ts'
import { MAX_COMPARED, MAX_LINK_AGE, MAX_OFFERS } from './constants.ts'
import { type DescriptorRecords, type OpenedDescriptor, openDescriptors } from './descriptors.ts'
import { type KnownMembers, LOCAL_MEMBERS, OBSERVER } from './known-members.ts'
import { MAX_MESSAGE_BYTES } from './limits.ts'
import type { Members } from './members.ts'
import type { LinkMessage } from './message.ts'
import { type Descriptor, Links } from './messages.ts'
import type { VerifiedSubscription } from './subscription-records.ts'

/** Bytes of the id of an event. */
export const EVENT_ID_BYTES = 16

/** Bytes of one that is known: an id on the circle, and an age. */
const KNOWN_BYTES = 5

/** Bytes of a descriptor beside its envelopes, at most: tags, lengths, the age. */
const DESCRIPTOR_OVERHEAD = 24

/** A message whose descriptors are verified. Nothing has been changed by it yet. */
export interface OpenedLinks {
  from: OpenedDescriptor
  offers: OpenedDescriptor[]
  message: Links
}

export interface LinksCodecInit {
  createMessage(): LinkMessage
  known: KnownMembers
  members: Members
  /** The subscription with that number among this peer's members, or undefined. */
  ownSubscription(member: number): VerifiedSubscription | undefined
  /** The member of this peer with that number of a subscription, or NOBODY. */
  ownMember(subscription: number): number
  records(): DescriptorRecords
  own(): OwnRecord
}

/** Between the numbers of members on this side, and signed records and subscriptions on the wire. */
export class LinksCodec implements Codec<LinkMessage, OpenedLinks> {
  private readonly init: LinksCodecInit

  constructor(init: LinksCodecInit) {
    this.init = init
  }

  createMessage(): LinkMessage {
    return this.init.createMessage()
  }

  encode(message: LinkMessage): Uint8Array {
    const { known, members } = this.init
    const { from, to, leaving, events, knowing } = message
    const heard = new Uint8Array(knowing * KNOWN_BYTES)
    const view = new DataView(heard.buffer)

    for (let i = 0; i < knowing; i++) {
      view.setUint32(i * KNOWN_BYTES, members.ids[message.known[i]])
      heard[i * KNOWN_BYTES + 4] = Math.min(255, message.knownAges[i])
    }

    return Links.encode({
      from: this.describe(from, 0),
      to: known.get(to)?.subscription?.number ?? 0,
      leaving,
      offers: this.offersOf(message),
      known: heard,
      events: packIds(events)
    })
  }

  /** Ends before the message gets too long, which only filters of thousands of characters can make it. */
  private offersOf({ offers, offerAges, offered }: LinkMessage): Descriptor[] {
    const descriptors: Descriptor[] = []
    let bytes = 0

    for (let i = 0; i < offered; i++) {
      const descriptor = this.describe(offers[i], offerAges[i])
      bytes += descriptor.record.byteLength + descriptor.subscription.byteLength + DESCRIPTOR_OVERHEAD

      // half of it is for everything else
      if (bytes > MAX_MESSAGE_BYTES / 2) {
        break
      }

      if (descriptor.record.byteLength > 0) {
        descriptors.push(descriptor)
      }
    }

    return descriptors
  }

  /** A member as it is told to others. */
  describe(member: number, age: number): Descriptor {
    const { known, own, ownSubscription } = this.init
    const isOwn = member < LOCAL_MEMBERS
    const record = isOwn ? own().current : known.recordOf(member)
    const subscription = isOwn ? ownSubscription(member) : known.get(member)?.subscription
    return { record: record?.envelope ?? NOTHING, subscription: subscription?.envelope ?? NOTHING, age }
  }

  open(bytes: Uint8Array, _kind: 'request' | 'reply', from: PeerId): OpenedLinks | Promise<OpenedLinks> {
    const message = decode(bytes)
    const descriptors = [message.from as Descriptor, ...message.offers.slice(0, MAX_OFFERS)]
    const opened = openDescriptors(descriptors, this.init.records())
    return opened instanceof Promise
      ? opened.then(opened => checkSender(opened, message, from))
      : checkSender(opened, message, from)
  }

  adopt({ from, offers, message }: OpenedLinks, _from: PeerId, out: LinkMessage): number {
    const { known, ownMember, own } = this.init
    const sender = known.learn(from.peer, from.subscription)
    out.clear(sender, message.to === 0 ? OBSERVER : ownMember(message.to))
    out.leaving = message.leaving

    for (const { peer, subscription, age } of offers) {
      // of oneself one knows best; whoever asks for nothing is not offered
      if (peer.key !== own().current.key && subscription != null && peer.multiaddrs.length > 0) {
        out.offer(known.learn(peer, subscription), age)
      }
    }

    this.readKnown(message.known, out)
    out.events.push(...unpackIds(message.events).slice(0, MAX_COMPARED))
    return sender
  }

  private readKnown(heard: Uint8Array, out: LinkMessage): void {
    const view = new DataView(heard.buffer, heard.byteOffset, heard.byteLength)

    for (let at = 0; at < heard.byteLength; at += KNOWN_BYTES) {
      for (const member of this.init.known.withId(view.getUint32(at))) {
        out.know(member, heard[at + 4])
      }
    }
  }
}

const NOTHING = new Uint8Array(0)

function decode(bytes: Uint8Array): Links {
  let message: Links

  try {
    message = Links.decode(bytes, { limits: { offers: 2 * MAX_OFFERS } })
  } catch (err) {
    const tooMany = err instanceof Error && err.name === 'MaxLengthError'
    throw new RefusalError(tooMany ? 'too-many-descriptors' : 'malformed', String(err))
  }

  if (message.from == null) {
    throw new RefusalError('not-the-sender', 'a message without its sender')
  }

  if (message.offers.some(({ age }) => age > MAX_LINK_AGE)) {
    throw new RefusalError('age-out-of-range', `an age of more than ${MAX_LINK_AGE} rounds`)
  }

  if (message.known.byteLength % KNOWN_BYTES !== 0 || message.events.byteLength % EVENT_ID_BYTES !== 0) {
    throw new RefusalError('malformed', 'a list that ends within an entry')
  }

  return message
}

function checkSender(opened: OpenedDescriptor[], message: Links, sender: PeerId): OpenedLinks {
  const [from, ...offers] = opened

  if (!from.peer.id.equals(sender)) {
    throw new RefusalError('not-the-sender', 'a message that does not begin with its sender')
  }

  return { from, offers, message }
}

/** Ids of events one after the other. Within this peer they are text. */
export function packIds(ids: readonly string[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ids.length * EVENT_ID_BYTES)

  for (const [i, id] of ids.entries()) {
    bytes.set(fromString(id, 'base64'), i * EVENT_ID_BYTES)
  }

  return bytes
}

export function unpackIds(bytes: Uint8Array): string[] {
  const count = Math.floor(bytes.byteLength / EVENT_ID_BYTES)
  return Array.from({ length: count }, (_, i) =>
    toText(bytes.subarray(i * EVENT_ID_BYTES, (i + 1) * EVENT_ID_BYTES), 'base64')
  )
}
