import type { Connection, Logger, PeerId } from '@libp2p/interface'
import { NOBODY } from '../gossip/exchange.ts'
import { Allowance } from '../live/allowance.ts'
import type { Ledger } from '../live/ledger.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { type Refusal, RefusalError } from '../live/refusal.ts'
import { toPoint } from './axes.ts'
import type { AxisNumbers } from './axis-numbers.ts'
import { decodeBatch, encodeBatchReply, type Fate } from './batches.ts'
import type { Courier } from './courier.ts'
import type { Dissemination, Hop } from './dissemination.ts'
import { EventStore, type StoredEvent } from './event-store.ts'
import { type KnownMembers, LOCAL_MEMBERS } from './known-members.ts'
import { EVENTS_BURST, EVENTS_PER_SECOND, MAX_BATCH_BYTES } from './limits.ts'
import type { LocalMembers } from './local-members.ts'
import type { Members } from './members.ts'
import type { SubscriptionProtocol } from './protocol.ts'
import { ReplayGuard } from './replay-guard.ts'
import { type ClaimedEvent, openEvent, type PublishedEvent } from './signed-events.ts'
import { circleId } from './subscription-records.ts'
import { Told, type Waiting } from './told.ts'

export interface DeliveryInit {
  protocol: SubscriptionProtocol
  dissemination: Dissemination
  members: Members
  local: LocalMembers
  known: KnownMembers
  axes: AxisNumbers
  courier: Courier
  ledger: Ledger
  log: Logger
  maxPayloadBytes: number
  /** Milliseconds that an event may be old, or ahead of the clock. */
  maxAge: number
  /** Milliseconds since 1970. */
  clock(): number
  /** The member of this peer with that number of a subscription, or NOBODY, and the other way around. */
  memberOf(subscription: number): number
  numberOf(member: number): number
  /** An event that is new and proven: to be handed to those here that ask for it. */
  onEvent(published: PublishedEvent): void
}

/** Events on their way through this peer: taken from others, proven, handed over here and passed on. */
export class Delivery {
  readonly store = new EventStore()
  readonly told: Told
  /** Events that came to a subscription that had them already. */
  duplicates = 0
  private readonly init: DeliveryInit
  private readonly guard = new ReplayGuard()
  private readonly allowance = new Allowance(EVENTS_BURST, EVENTS_PER_SECOND / 1_000)
  /** Events whose signatures are being checked. */
  private readonly proving = new Map<string, Promise<StoredEvent>>()

  constructor(init: DeliveryInit) {
    this.init = init
    this.told = new Told({
      has: event => this.store.has(event),
      arrive: (event, waiting) => this.arriveAll(this.store.get(event), waiting),
      ask: (peer, event) => init.courier.want(peer, event)
    })
  }

  /** Forgets what is waited for, and what is kept for others. */
  clear(): void {
    this.told.clear()
    this.store.clear()
  }

  tidy(): void {
    this.allowance.forgetIdle(performance.now())
  }

  /** An event that is published here. */
  publish(published: PublishedEvent): StoredEvent {
    this.guard.add(published.publisher.toString(), published.sequence)
    return this.keep(published)
  }

  private keep(published: PublishedEvent): StoredEvent {
    const stored = { published, point: this.init.axes.toArray(toPoint(published.event)) }
    this.store.add(stored)
    this.init.onEvent(published)
    return stored
  }

  /**
   * Answers what another peer has to say.
   *
   * @throws RefusalError, or rejects with it, when that cannot be read
   */
  async receive(bytes: Uint8Array, connection: Connection): Promise<Uint8Array> {
    const { handOffs, notices, wanted } = decodeBatch(bytes)
    const { remotePeer } = connection
    const fates: Fate[] = []

    for (const { event, targets } of handOffs) {
      fates.push(...(await this.take(event, targets, connection)))
    }

    for (const { event, from, to } of notices) {
      this.hearOf(event, to, remotePeer, from)
    }

    return encodeBatchReply(fates, this.answerWanted(wanted))
  }

  /** What is bad about one event says nothing about the others that come with it. */
  private async take(
    bytes: Uint8Array,
    targets: ReadonlyArray<{ to: number; arc: number }>,
    connection: Connection
  ): Promise<Fate[]> {
    try {
      const claimed = openEvent(bytes, this.init.maxPayloadBytes)
      const stored = this.store.get(claimed.id) ?? (await this.prove(claimed, connection.remotePeer))

      if (stored === undefined) {
        return targets.map(() => 'full')
      }

      return targets.map(({ to, arc }) => this.arrive(this.init.memberOf(to), stored, arc, connection))
    } catch (err) {
      if (!(err instanceof RefusalError)) {
        throw err
      }

      this.init.ledger.refuse(err, connection)
      return targets.map(() => (err.reason === 'replayed-event' ? 'had' : 'refused'))
    }
  }

  /** Undefined: the sender brings more than there is time for. */
  private prove(claimed: ClaimedEvent, from: PeerId): Promise<StoredEvent> | undefined {
    const { clock, maxAge } = this.init
    const publisher = claimed.publisher.toString()
    const underWay = this.proving.get(claimed.id)

    if (underWay !== undefined) {
      return underWay
    }

    if (Math.abs(clock() - claimed.time) > maxAge) {
      throw new RefusalError('stale-event', `an event of ${new Date(claimed.time).toISOString()}`)
    }

    if (!this.guard.isNew(publisher, claimed.sequence)) {
      throw new RefusalError('replayed-event', `an event of ${publisher} that was had before`)
    }

    if (!this.allowance.take(from.toString(), performance.now())) {
      return
    }

    const proven = claimed.verify().then(() => {
      this.guard.add(publisher, claimed.sequence)
      return this.keep(claimed)
    })
    const proving = proven.finally(() => this.proving.delete(claimed.id))
    this.proving.set(claimed.id, proving)
    return proving
  }

  /** An event comes to one of this peer's members, who sees to its arc. */
  arrive(member: number, stored: StoredEvent, arc: number, connection?: Connection): Fate {
    const { protocol, members, local, ledger } = this.init
    const { id } = stored.published

    if (member === NOBODY || !local.present.has(member)) {
      return 'gone'
    }

    if (protocol.recent.has(member, id)) {
      this.duplicates += connection === undefined ? 0 : 1
      return 'had'
    }

    if (!members.holds(member, stored.point)) {
      if (connection !== undefined) {
        ledger.refuse(new RefusalError('unasked', 'an event for a subscription that does not ask for it'), connection)
      }

      return 'refused'
    }

    protocol.recent.add(member, id, stored.point, protocol.rounds[member])
    this.spread(member, stored, arc, connection?.remotePeer)
    return 'taken'
  }

  private arriveAll(stored: StoredEvent | undefined, waiting: readonly Waiting[]): void {
    for (const { member, arc } of stored === undefined ? [] : waiting) {
      this.arrive(member, stored as StoredEvent, arc)
    }
  }

  /** @param from - the peer that has brought the event */
  private spread(member: number, stored: StoredEvent, arc: number, from?: PeerId): void {
    const { dissemination, known } = this.init
    const barred = new Set<number>()
    const isBarred = (other: number) => barred.has(other)
    const handed = new Set<number>()

    for (const hop of dissemination.spread(member, stored.point, arc, isBarred)) {
      handed.add(hop.member)
      this.pass(member, stored, hop, barred)
    }

    for (const witness of dissemination.witnesses(member, stored.point, isBarred)) {
      // whoever is handed the event, or has handed it over, need not be told of it
      if (!handed.has(witness) && (from === undefined || known.recordOf(witness)?.id.equals(from) !== true)) {
        this.testify(member, stored, witness)
      }
    }
  }

  private pass(member: number, stored: StoredEvent, hop: Hop, barred: Set<number>): void {
    const { courier, known, dissemination, log } = this.init

    if (hop.member < LOCAL_MEMBERS) {
      this.arrive(hop.member, stored, hop.arc)
      return
    }

    const receiver = known.get(hop.member)
    const handed = receiver == null ? Promise.resolve<Fate>('gone') : courier.hand(receiver, stored, hop.arc)
    handed
      .then(fate => {
        if (fate === 'taken' || fate === 'had') {
          return
        }

        this.blame(hop.member, fate)
        barred.add(hop.member)
        const next = dissemination.instead(member, stored.point, hop, other => barred.has(other))

        if (next !== undefined) {
          this.pass(member, stored, next, barred)
        }
      })
      .catch(err => log.error('an event is not passed on - %e', err))
  }

  /** Whoever is gone is no longer known to any member here. */
  blame(member: number, fate: Fate): void {
    const { protocol, local } = this.init

    if (fate === 'gone' || fate === 'unreachable') {
      for (const own of local.present) {
        if (protocol.knows(own, member)) {
          protocol.abandon(own, member, 'unreachable')
        }
      }
    }
  }

  private testify(member: number, stored: StoredEvent, witness: number): void {
    const { known, courier, numberOf, members } = this.init

    if (witness < LOCAL_MEMBERS) {
      this.arrive(witness, stored, members.arc(witness, member))
      return
    }

    const receiver = known.get(witness)

    if (receiver != null) {
      courier.notify(receiver, stored.published.id, numberOf(member))
    }
  }

  /** Another peer's subscription says that it has an event which one of this peer's asks for. */
  private hearOf(event: string, to: number, peer: PeerId, from: number): void {
    const { memberOf, members, known, protocol, local } = this.init
    const member = memberOf(to)

    if (member === NOBODY || !local.present.has(member) || protocol.recent.has(member, event)) {
      return
    }

    const arc = (circleId(peer, from) - members.ids[member]) >>> 0
    const stored = this.store.get(event)

    if (stored !== undefined) {
      this.arrive(member, stored, arc)
      return
    }

    const record = known.recordOf(known.number(peer.toString(), from))

    if (record != null) {
      this.told.hear(event, record, { member, arc })
    }
  }

  /** Partners in gossip have compared what they had: one of this peer's members lacks an event. */
  miss(member: number, from: number, event: string): void {
    const { known } = this.init
    const stored = this.store.get(event)
    const record = known.recordOf(from)

    if (stored !== undefined) {
      this.arrive(member, stored, 0)
    } else if (record != null) {
      this.told.hear(event, record, { member, arc: 0 })
    }
  }

  /** Events that this peer has asked for. */
  async takeWanted(events: readonly Uint8Array[], from: VerifiedRecord): Promise<void> {
    for (const bytes of events) {
      try {
        const claimed = openEvent(bytes, this.init.maxPayloadBytes)
        const waiting = this.told.take(claimed.id)

        if (waiting.length === 0) {
          throw new RefusalError('unasked', 'an event that was not asked for')
        }

        const stored = this.store.get(claimed.id) ?? (await this.prove(claimed, from.id))

        this.arriveAll(stored, waiting)
      } catch (err) {
        this.refuse(err, from)
      }
    }
  }

  private refuse(err: unknown, from: VerifiedRecord): void {
    if (err instanceof RefusalError) {
      this.init.ledger.count(err.reason as Refusal)
      this.init.log('refused an event of %p: %s', from.id, err.message)
    } else {
      this.init.log.error('an event of %p cannot be taken - %e', from.id, err)
    }
  }

  /** Those of the ids that are at hand, as many as one answer holds. */
  private answerWanted(wanted: readonly string[]): Uint8Array<ArrayBuffer>[] {
    const events: Uint8Array<ArrayBuffer>[] = []
    let bytes = 0

    for (const id of new Set(wanted)) {
      const envelope = this.store.get(id)?.published.envelope

      if (envelope !== undefined && (events.length === 0 || bytes + envelope.byteLength <= MAX_BATCH_BYTES)) {
        bytes += envelope.byteLength
        events.push(envelope)
      }
    }

    return events
  }
}
