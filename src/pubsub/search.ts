import type { Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Random } from '../gossip/random.ts'
import { QuestionProtocol } from '../live/questions.ts'
import { type Refusal, RefusalError } from '../live/refusal.ts'
import type { Underlay } from '../live/underlay.ts'
import { toPoint } from './axes.ts'
import type { AxisNumbers } from './axis-numbers.ts'
import type { LinksCodec } from './codec.ts'
import { MAX_OFFERS, NAMED } from './constants.ts'
import { type DescriptorRecords, type OpenedDescriptor, openDescriptors } from './descriptors.ts'
import { EntrySearch, type SearchOutcome } from './entry-search.ts'
import type { Event } from './event.ts'
import { type KnownMember, type KnownMembers, LOCAL_MEMBERS } from './known-members.ts'
import { SEARCH_LIMITS, SEARCH_PROTOCOL } from './limits.ts'
import type { LocalMembers } from './local-members.ts'
import { Found, Search as SearchMessage } from './messages.ts'
import type { SubscriptionProtocol } from './protocol.ts'
import { toScale } from './region.ts'
import { readAttributes, writeAttributes } from './signed-events.ts'
import type { VerifiedSubscription } from './subscription-records.ts'

/** How far a member counts whose boxes hold an event that its filter does not ask for: nobody is nearer who does not ask for it. */
const NEXT_TO_NOTHING = Number.MIN_VALUE

export interface SearchInit {
  components: { registrar: Registrar; connectionManager: ConnectionManager }
  log: Logger
  underlay(): Underlay
  protocol: SubscriptionProtocol
  local: LocalMembers
  known: KnownMembers
  axes: AxisNumbers
  codec: LinksCodec
  random: Random
  ownSubscription(member: number): VerifiedSubscription | undefined
  records(): DescriptorRecords
  onRefused(reason: Refusal): void
  onFailed(key: string): void
}

/** Whom a search has found, or how it ended. */
export interface SearchResult {
  outcome: SearchOutcome
  member?: KnownMember
}

/** Looks for members of other peers that ask for an event, and helps others to do so. */
export class Search {
  private readonly init: SearchInit
  private readonly questions: QuestionProtocol<Event, Uint8Array, OpenedDescriptor[]>

  constructor(init: SearchInit) {
    this.init = init
    this.questions = new QuestionProtocol<Event, Uint8Array, OpenedDescriptor[]>({
      name: SEARCH_PROTOCOL,
      components: init.components,
      log: init.log,
      limits: SEARCH_LIMITS,
      underlay: init.underlay,
      codec: {
        encodeQuestion: event => SearchMessage.encode({ attributes: writeAttributes(event) }),
        decodeQuestion: readQuestion,
        encodeAnswer: answer => answer ?? Found.encode({ busy: true, members: [] }),
        openAnswer: bytes => this.openAnswer(bytes)
      },
      answer: (event, asker) => this.answer(event, asker),
      onRefused: init.onRefused,
      onFailed: key => init.onFailed(key)
    })
  }

  start(signal: AbortSignal): Promise<void> {
    return this.questions.start(signal)
  }

  stop(): Promise<void> {
    return this.questions.stop()
  }

  tidy(): void {
    this.questions.tidy()
  }

  /** Those that are known to ask for the event, at other peers. */
  matching(event: Event): KnownMember[] {
    return this.acquaintances().filter(({ subscription }) => subscription?.filter.matches(event) === true)
  }

  /**
   * Looks for one that asks for the event.
   *
   * @param contacts - whom to begin with
   * @throws the reason of the signal when it is aborted
   */
  async find(event: Event, contacts: readonly KnownMember[], signal: AbortSignal): Promise<SearchResult> {
    const distance = this.distanceFrom(event)
    const search = new EntrySearch<KnownMember>({
      known: contacts,
      key: ({ peer, subscription }) => `${peer.key}/${subscription?.number ?? 0}`,
      distance: ({ subscription }) => distance(subscription)
    })

    for (let next = search.next(); next != null; next = search.next()) {
      const reply = await this.questions.ask(next.peer, event, signal)

      if (reply.outcome === 'answered') {
        search.answered(reply.answer)
      }
    }

    return { outcome: search.outcome as SearchOutcome, member: search.found }
  }

  /** Everybody whom this peer's members know, and random peers: whom to begin a search with. */
  acquaintances(): KnownMember[] {
    const { protocol, local, known, underlay } = this.init
    const { links } = protocol
    const found = new Set<number>()

    for (const own of local.present) {
      const first = links.first(own)

      for (let at = first; at < first + links.sizes[own]; at++) {
        if (links.members[at] >= LOCAL_MEMBERS) {
          found.add(links.members[at])
        }
      }
    }

    const members = [...found].map(member => known.get(member)).filter(member => member != null)
    const peers = underlay().members()
    return [...members, ...peers.map(peer => ({ peer, subscription: undefined }))]
  }

  private distanceFrom(event: Event): (subscription: VerifiedSubscription | undefined) => number {
    const place = toPoint(event)
    const point = this.init.axes.toArray(place)
    const scaled = this.init.axes.toArray(place, toScale)

    return subscription => {
      if (subscription == null) {
        return Number.POSITIVE_INFINITY
      }

      return subscription.filter.matches(event)
        ? 0
        : Math.max(NEXT_TO_NOTHING, subscription.region.distance(point, scaled))
    }
  }

  /** Of this peer's own members and those they know, the nearest; of those that ask for the event any. */
  private answer(event: Event, asker: PeerId): Uint8Array {
    const { local, codec, ownSubscription, known, protocol, random } = this.init
    const { links } = protocol
    const distance = this.distanceFrom(event)
    const members = new Set<number>(local.present)

    for (const own of local.present) {
      const first = links.first(own)

      for (let at = first; at < first + links.sizes[own]; at++) {
        members.add(links.members[at])
      }
    }

    const candidates = [...members].flatMap(member => {
      const subscription = member < LOCAL_MEMBERS ? ownSubscription(member) : known.get(member)?.subscription
      const isAskers = subscription?.peer === asker.toString()
      return subscription == null || isAskers ? [] : [{ member, distance: distance(subscription) }]
    })
    random.choose(candidates, candidates.length)
    candidates.sort((a, b) => a.distance - b.distance)
    const described = candidates.slice(0, NAMED).map(({ member }) => codec.describe(member, 0))
    return Found.encode({ busy: false, members: described.filter(({ record }) => record.byteLength > 0) })
  }

  private async openAnswer(bytes: Uint8Array): Promise<OpenedDescriptor[] | undefined> {
    let found: Found

    try {
      found = Found.decode(bytes, { limits: { members: MAX_OFFERS } })
    } catch (err) {
      throw new RefusalError('malformed', String(err))
    }

    if (found.busy) {
      return
    }

    const opened = await openDescriptors(found.members, this.init.records())
    return opened.filter(({ peer, subscription }) => subscription != null && peer.multiaddrs.length > 0)
  }
}

function readQuestion(bytes: Uint8Array): Event {
  try {
    return readAttributes(SearchMessage.decode(bytes).attributes)
  } catch (err) {
    throw err instanceof RefusalError ? err : new RefusalError('malformed', String(err))
  }
}
