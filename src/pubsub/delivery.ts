import type { Connection, Logger, PeerId } from '@libp2p/interface'
import { equals } from 'uint8arrays/equals'
import { NOBODY } from '../gossip/exchange.ts'
import { Allowance } from '../live/allowance.ts'
import type { Ledger } from '../live/ledger.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { type Refusal, RefusalError } from '../live/refusal.ts'
import { toPoint } from './axes.ts'
import type { AxisNumbers } from './axis-numbers.ts'
import { decodeBatch, encodeBatchReply, type Fate } from './batches.ts'
import { holds, toBoxes } from './boxes.ts'
import type { Courier } from './courier.ts'
import type { Dissemination, Hop } from './dissemination.ts'
import { EventStore, type StoredEvent } from './event-store.ts'
import { type KnownMember, type KnownMembers, LOCAL_MEMBERS } from './known-members.ts'
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
  onEvent(published: PublishedEvent, isLate: boolean): void
}

/** An event whose signature is being checked. */
interface Proving {
  envelope: Uint8Array
  stored: Promise<StoredEvent>
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
  /** Events whose signatures are being checked, by their ids. */
  private readonly proving = new Map<string, Proving>()

  constructor(init: DeliveryInit) {
    this.init = init
    this.told = new Told({
      get: event => this.store.get(event),
      arrive: (stored, waiting) => this.arriveAll(stored, waiting),
      patience: () => init.courier.patience,
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
    this.guard.add(published.publisher.toString(), published.sequence, this.init.clock())
    return this.keep(published)
  }

  /** @param isLate - it was fetched after it had gone around */
  private keep(published: PublishedEvent, isLate = false): StoredEvent {
    const stored = { published, point: this.pointOf(published) }
    this.store.add(stored)
    this.init.onEvent(published, isLate)
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
      const { memberOf, maxPayloadBytes } = this.init
      const claimed = openEvent(bytes, maxPayloadBytes)
      let stored = this.store.get(claimed.id)

      if (stored === undefined) {
        const asking = targets.map(({ to }) => memberOf(to))
        // what none of them asks for comes to nobody, and at once, so that nobody can come to ask for it meanwhile: it is neither proven nor kept
        stored = this.isAsked(claimed, asking)
          ? await this.prove(claimed, connection.remotePeer)
          : { published: claimed, point: this.pointOf(claimed) }
      }

      if (stored === undefined) {
        return targets.map(() => 'full')
      }

      return targets.map(({ to, arc }) => this.arrive(memberOf(to), stored, arc, connection))
    } catch (err) {
      if (!(err instanceof RefusalError)) {
        throw err
      }

      this.init.ledger.refuse(err, connection)
      return targets.map(() => (err.reason === 'replayed-event' ? 'had' : 'refused'))
    }
  }

  private pointOf({ event }: PublishedEvent): Float64Array {
    return this.init.axes.toArray(toPoint(event))
  }

  /** Whether the event lies where one of these members of this peer asks for events: else to prove and to keep it is what others must not make this peer do. */
  private isAsked(published: PublishedEvent, asking: readonly number[]): boolean {
    const { members, local } = this.init
    const point = this.pointOf(published)
    return asking.some(member => member !== NOBODY && local.present.has(member) && members.holds(member, point))
  }

  /** Undefined: the sender brings more than there is time for. */
  private prove(claimed: ClaimedEvent, from: PeerId, isLate = false): Promise<StoredEvent> | undefined {
    const { clock, maxAge } = this.init
    const publisher = claimed.publisher.toString()
    const underWay = this.proving.get(claimed.id)

    // what another one claims of it, by the same id, may be false
    if (underWay !== undefined && equals(underWay.envelope, claimed.envelope)) {
      return underWay.stored
    }

    if (Math.abs(clock() - claimed.time) > maxAge) {
      throw new RefusalError('stale-event', `an event of ${new Date(claimed.time).toISOString()}`)
    }

    if (!this.guard.isNew(publisher, claimed.sequence, claimed.time)) {
      throw new RefusalError('replayed-event', `an event of ${publisher} that was had before`)
    }

    if (!this.allowance.take(from.toString(), performance.now())) {
      return
    }

    const stored = claimed
      .verify()
      .then(() => this.accept(claimed, isLate))
      .finally(() => {
        if (this.proving.get(claimed.id)?.stored === stored) {
          this.proving.delete(claimed.id)
        }
      })
    this.proving.set(claimed.id, { envelope: claimed.envelope, stored })
    return stored
  }

  /** Its signature is right. While that was checked, another one of the same number may have come, and counts. */
  private accept(claimed: ClaimedEvent, isLate: boolean): StoredEvent {
    const stored = this.store.get(claimed.id)
    const publisher = claimed.publisher.toString()

    if (stored !== undefined) {
      return stored
    }

    if (!this.guard.isNew(publisher, claimed.sequence, claimed.time)) {
      throw new RefusalError('replayed-event', `an event of ${publisher} that was had before`)
    }

    this.guard.add(publisher, claimed.sequence, this.init.clock())
    return this.keep(claimed, isLate)
  }

  /** An event comes to one of this peer's members, who sees to its arc. */
  arrive(member: number, stored: StoredEvent, arc: number, connection?: Connection): Fate {
    const { protocol, members, local, ledger, axes } = this.init
    const { id } = stored.published

    // who came after the event may ask for what nobody had asked for when it was kept
    if (stored.point.length < axes.size) {
      stored.point = this.pointOf(stored.published)
    }

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

  private arriveAll(stored: StoredEvent, waiting: readonly Waiting[]): void {
    for (const { member, arc } of waiting) {
      this.arrive(member, stored, arc)
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
    const handed = receiver == null ? Promise.resolve<Fate>('gone') : this.handTo(receiver, stored, hop.arc)
    handed
      .then(fate => {
        if (fate === 'taken' || fate === 'had' || courier.isStopped) {
          return
        }

        if (receiver != null) {
          this.blame(receiver, fate)
        }

        barred.add(hop.member)
        const next = dissemination.instead(member, stored.point, hop, other => barred.has(other))

        if (next !== undefined) {
          this.pass(member, stored, next, barred)
        }
      })
      .catch(err => log.error('an event is not passed on - %e', err))
  }

  /** Where axes are no longer told apart, the region of a member may be wider here than it is at its peer: there, such an event is an offence. */
  private async handTo(receiver: KnownMember, stored: StoredEvent, arc: number): Promise<Fate> {
    const { axes, courier } = this.init
    const { subscription } = receiver

    if (axes.isFull && subscription !== undefined) {
      const point = toPoint(stored.published.event)

      if (!toBoxes(subscription.filter).some(box => holds(box, point))) {
        return 'refused'
      }
    }

    return await courier.hand(receiver, stored, arc)
  }

  /** Whoever is gone is no longer known to any member here. The number that it had may be another's by now. */
  blame({ peer, subscription }: KnownMember, fate: Fate): void {
    const { protocol, local, courier, known } = this.init
    const member = known.number(peer.key, subscription?.number ?? 0)

    if (member !== NOBODY && (fate === 'gone' || fate === 'unreachable') && !courier.isStopped) {
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
      this.told.hear(stored.published.id, undefined, { member: witness, arc: members.arc(witness, member) })
      return
    }

    const receiver = known.get(witness)

    if (receiver != null) {
      courier.notify(receiver, stored.published.id, numberOf(member))
    }
  }

  /** Another peer's subscription says that it has an event which one of this peer's asks for. */
  private hearOf(event: string, to: number, peer: PeerId, from: number): void {
    const { memberOf, members, known, protocol, local, courier } = this.init
    const member = memberOf(to)

    // a batch may be under way when this peer stops: nothing is to be waited for then
    if (courier.isStopped || member === NOBODY || !local.present.has(member) || protocol.recent.has(member, event)) {
      return
    }

    const arc = (circleId(peer, from) - members.ids[member]) >>> 0
    const teller = peer.toString()
    // it knows this member; that one need not know it
    const record = known.recordOf(known.number(teller, from)) ?? known.newest(teller)
    this.told.hear(event, record, { member, arc }, teller)
  }

  /** Partners in gossip have compared what they had: one of this peer's members lacks an event. */
  miss(member: number, from: number, event: string): void {
    const { courier, members } = this.init

    // whoever asks for nothing lacks nothing, whatever others say
    if (courier.isStopped || members.regions[member] === undefined) {
      return
    }

    this.told.hear(event, this.init.known.recordOf(from), { member, arc: 0 })
  }

  /** Events that this peer has asked for. */
  async takeWanted(events: readonly Uint8Array[], from: VerifiedRecord): Promise<void> {
    for (const bytes of events) {
      try {
        const claimed = openEvent(bytes, this.init.maxPayloadBytes)

        const waiting = this.told.waitingFor(claimed.id).map(({ member }) => member)

        if (!this.isAsked(claimed, waiting)) {
          throw new RefusalError('unasked', 'an event that was not asked for, or that nobody asks for')
        }

        const stored = this.store.get(claimed.id) ?? (await this.prove(claimed, from.id, true))

        // else the next one is asked who has it
        if (stored !== undefined) {
          this.arriveAll(stored, this.told.take(claimed.id))
        }
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
