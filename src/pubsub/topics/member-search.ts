import type { Connection, Logger, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Random } from '../../gossip/random.ts'
import { connect } from '../../live/connect.ts'
import { Deadline } from '../../live/deadline.ts'
import type { VerifiedRecord } from '../../live/records.ts'
import type { Refusal } from '../../live/refusal.ts'
import type { Underlay } from '../../live/underlay.ts'
import { choosePeers } from './choice.ts'
import { type KnownMember, KnownMembers } from './known-members.ts'
import { DIALS_PER_LOOK, KEPT_SUBSCRIBERS, MAX_DIALS, MAX_KEPT, WANTED_SUBSCRIBERS } from './limits.ts'
import type { Mesh } from './mesh.ts'
import { markOf } from './topic.ts'

export interface MemberSearchInit {
  underlay: Underlay
  connectionManager: ConnectionManager
  mesh: Mesh
  random: Random
  log: Logger
  /** The topics that members are looked for. */
  topics(): string[]
  onRefused(reason: Refusal): void
}

/** What became of contacts so far. */
export interface DialCounts {
  dialled: number
  failed: number
}

/**
 * Finds members for the meshes of this peer's topics: looks through whom peer sampling knows for those whose records show a topic that
 * lacks subscribers, and connects to them. What happens then is gossipsub's.
 */
export class MemberSearch {
  readonly counts: DialCounts = { dialled: 0, failed: 0 }
  private readonly init: MemberSearchInit
  private readonly known: KnownMembers
  /** Contacts under way, by the keys of their peers. They never reject. */
  private readonly contacts = new Map<string, Promise<boolean>>()
  private readonly controller = new AbortController()
  private kept: ReadonlySet<string> = new Set()

  constructor(init: MemberSearchInit) {
    this.init = init
    this.known = new KnownMembers(init.onRefused)
  }

  async stop(): Promise<void> {
    this.controller.abort()
    await Promise.all(this.contacts.values())
  }

  /** Whether the connection to a peer is kept for a topic. */
  isKept(peer: PeerId): boolean {
    return this.kept.has(peer.toString())
  }

  /** Looks for members once, and begins to contact some where they are lacking. */
  look(now = performance.now()): void {
    const { underlay, mesh, random, topics } = this.init
    const subscribers = new Map(topics().map(topic => [markOf(topic), mesh.subscribers(topic).filter(this.isReached)]))
    const found = new Set([...subscribers.values()].flat().map(String))
    this.keep()

    for (const key of found) {
      this.known.reached(key)
    }

    const lacking = new Map([...subscribers].map(([mark, peers]) => [mark, WANTED_SUBSCRIBERS - peers.length]))
    const wanted = new Set(lacking.keys())
    const view = underlay.members()
    this.known.meet(view, wanted)
    this.known.refresh(key => underlay.newest(key), new Set(view.map(({ key }) => key)), wanted)

    const candidates = this.known
      .all()
      .filter(({ record, notBefore }) => notBefore <= now && !found.has(record.key) && !this.contacts.has(record.key))
    random.choose(candidates, candidates.length)
    const room = Math.min(DIALS_PER_LOOK, MAX_DIALS - this.contacts.size, MAX_KEPT - this.kept.size)

    for (const member of choosePeers(candidates, lacking, room)) {
      this.begin(member, now)
    }
  }

  /** Sees to it that the topic has a subscriber here, if some member that peer sampling knows has it and can be reached. */
  async reach(topic: string): Promise<void> {
    const { mesh, underlay } = this.init

    if (mesh.subscribers(topic).length > 0) {
      return
    }

    this.look()
    const mark = markOf(topic)
    const now = performance.now()
    const contacts = this.known
      .all()
      .filter(({ marks, notBefore }) => marks.has(mark) && notBefore > now)
      .map(async ({ record }) => (await this.contacts.get(record.key)) ?? this.connectionsTo(record.id).length > 0)

    if (await anyOf(contacts)) {
      // the peer is connected, and has yet to say what it subscribes to
      const deadline = new Deadline(underlay.timing.exchangeTimeout, this.controller.signal)
      await mesh.subscribed(topic, deadline.signal)
      deadline.clear()
    }
  }

  /** Notes whose connections to keep: as many subscribers of each topic as its mesh may have, the same ones as before if they last. */
  keep(): void {
    const { mesh, topics } = this.init
    const kept = new Set<string>()

    for (const topic of topics()) {
      const keys = mesh.subscribers(topic).map(String)
      keys.sort((a, b) => Number(this.kept.has(b)) - Number(this.kept.has(a)))

      for (const key of keys.slice(0, KEPT_SUBSCRIBERS)) {
        if (kept.size < MAX_KEPT) {
          kept.add(key)
        }
      }
    }

    this.kept = kept
  }

  private begin(member: KnownMember, now: number): void {
    const { key } = member.record
    // less time than a peer may take to answer says nothing
    this.known.contacted(member, now, this.init.underlay.timing.exchangeTimeout)
    const contact = this.contact(member).finally(() => this.contacts.delete(key))
    this.contacts.set(key, contact)
  }

  /** @returns whether the peer is connected */
  private async contact(member: KnownMember): Promise<boolean> {
    const { mesh, underlay } = this.init
    const { record } = member
    const open = this.connectionsTo(record.id)

    if (open.length === 0) {
      return await this.dial(record)
    }

    if (!mesh.peers().has(record.key)) {
      mesh.introduce(open[0])
    } else if (open.every(({ timeline }) => Date.now() - timeline.open > underlay.timing.exchangeTimeout)) {
      // it has had the time to open its streams; the next look introduces it anew
      mesh.forget(record.id, open)
      member.notBefore = 0
    }

    return true
  }

  private async dial(record: VerifiedRecord): Promise<boolean> {
    const { connectionManager, mesh, underlay, log } = this.init
    const deadline = new Deadline(underlay.timing.dialTimeout, this.controller.signal)
    this.counts.dialled++

    try {
      mesh.introduce(await connect(connectionManager, record, { signal: deadline.signal }))
      return true
    } catch (err) {
      this.counts.failed++
      log('could not connect to %p - %e', record.id, err)
      return false
    } finally {
      deadline.clear()
    }
  }

  /** Whether messages to the peer and from it have a way. */
  private readonly isReached = (peer: PeerId): boolean => this.init.mesh.isSound(this.connectionsTo(peer))

  private connectionsTo(peer: PeerId): Connection[] {
    return this.init.connectionManager.getConnections(peer).filter(({ status }) => status === 'open')
  }
}

/** Whether one of them is true, as soon as that is known. */
async function anyOf(promises: Array<Promise<boolean>>): Promise<boolean> {
  const failed = new Error('false')
  return await Promise.any(promises.map(async promise => (await promise) || Promise.reject(failed))).catch(() => false)
}
