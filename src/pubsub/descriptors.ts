import type { Records, VerifiedRecord } from '../live/records.ts'
import { RefusalError } from '../live/refusal.ts'
import type { Descriptor } from './messages.ts'
import type { SubscriptionRecords, VerifiedSubscription } from './subscription-records.ts'

/** A descriptor all of whose claims are proven. */
export interface OpenedDescriptor {
  peer: VerifiedRecord
  /** Absent: a peer that asks for nothing. */
  subscription: VerifiedSubscription | undefined
  age: number
}

/** What is needed to open descriptors. */
export interface DescriptorRecords {
  readonly peers: Records
  readonly subscriptions: SubscriptionRecords
}

/**
 * Verifies descriptors. At once where all are known; else one after the other, so that the first bad one ends the message, and costs its receiver
 * no more than itself.
 *
 * @throws RefusalError, or rejects with it
 */
export function openDescriptors(
  descriptors: readonly Descriptor[],
  records: DescriptorRecords
): OpenedDescriptor[] | Promise<OpenedDescriptor[]> {
  const known = descriptors.map(descriptor => openKnown(descriptor, records))
  return known.every(opened => opened != null) ? known : verify(descriptors, known, records)
}

function openKnown(
  { record, subscription, age }: Descriptor,
  records: DescriptorRecords
): OpenedDescriptor | undefined {
  const peer = records.peers.known(record)
  const asked = subscription.byteLength === 0 ? undefined : records.subscriptions.known(subscription)
  return peer == null || (asked == null && subscription.byteLength > 0) ? undefined : check(peer, asked, age)
}

async function verify(
  descriptors: readonly Descriptor[],
  known: ReadonlyArray<OpenedDescriptor | undefined>,
  records: DescriptorRecords
): Promise<OpenedDescriptor[]> {
  const opened: OpenedDescriptor[] = []

  for (const [i, { record, subscription, age }] of descriptors.entries()) {
    opened.push(known[i] ?? (await verifyOne(record, subscription, age, records)))
  }

  return opened
}

async function verifyOne(
  record: Uint8Array,
  subscription: Uint8Array,
  age: number,
  { peers, subscriptions }: DescriptorRecords
): Promise<OpenedDescriptor> {
  const peer = peers.known(record) ?? (await peers.verify(record))

  if (subscription.byteLength === 0) {
    return check(peer, undefined, age)
  }

  return check(peer, subscriptions.known(subscription) ?? (await subscriptions.verify(subscription)), age)
}

function check(peer: VerifiedRecord, subscription: VerifiedSubscription | undefined, age: number): OpenedDescriptor {
  if (subscription != null && subscription.peer !== peer.key) {
    throw new RefusalError('foreign-record', `a subscription of ${subscription.peer} with a record of ${peer.key}`)
  }

  return { peer, subscription, age }
}
