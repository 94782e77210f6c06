import { type Failure, type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import type { PeerSource } from '../gossip/peer-source.ts'
import { Quarantine } from '../gossip/quarantine.ts'
import type { Random } from '../gossip/random.ts'
import { Views } from '../gossip/views.ts'
import { Candidates } from './candidates.ts'
import {
  FAR_ROUNDS,
  MAX_AGE,
  MAX_MEMBERS,
  QUARANTINE_ROUNDS,
  QUARANTINED_PEERS,
  TRIES,
  UNPROVEN_AGE,
  UNPROVEN_RANKS,
  WELCOME_TURNS
} from './constants.ts'
import { OverlayMessage } from './message.ts'
import type { OverlayParameters } from './parameters.ts'
import type { Places } from './places.ts'

/** What a population of overlay nodes is made of. */
export interface OverlayPopulation<P> {
  /** How many nodes; their numbers are 0 to nodes - 1. */
  nodes: number
  parameters: OverlayParameters
  /** Where every peer is, by its number. */
  places: Places<P>
  /** The layer below: random members. Each of them must have a place. */
  source: PeerSource
  random: Random
}

/**
 * Overlay construction in two layers: below, peer sampling; above, at every node a view of the peers nearest to it in some
 * space, renewed by swapping with one of them what is nearest to the other one.
 *
 * Ages count rounds since a peer spoke for itself. One that is old, or comes from below, may be dead: it is asked before others,
 * and nobody hands it on for long.
 *
 * Sources: M. Jelasity, A. Montresor, O. Babaoglu, "T-Man", Computer Networks 53(13), 2009; S. Voulgaris, M. van Steen,
 * "Vicinity", Middleware 2013.
 */
export class OverlayProtocol<P = unknown> implements GossipProtocol<OverlayMessage> {
  readonly parameters: OverlayParameters
  readonly nodes: number
  /** Peers by distance, the nearest first; after them those that are in the view for their direction only. */
  readonly views: Views
  readonly places: Places<P>
  readonly tries = TRIES
  private readonly source: PeerSource
  private readonly random: Random
  private readonly rounds: Int32Array
  private readonly quarantine: Quarantine
  /** How many of the view, the last of it, are there for their direction only. */
  private readonly far: Uint8Array
  /** 1: the node's last exchange has brought it somebody nearer, so that there may be more of them. */
  private readonly nearing: Uint8Array
  /** Exchanges that a newcomer may still start in its first round. */
  private readonly welcomed: Uint8Array
  private readonly candidates: Candidates<P>
  /** What the layer below has last given. */
  private readonly members = new Int32Array(MAX_MEMBERS)
  /** How far they are. */
  private readonly distances = new Float64Array(MAX_MEMBERS)
  /** What {@link prefetch} has read last: kept, lest the reads be left out. */
  protected read = 0

  constructor({ nodes, parameters, places, source, random }: OverlayPopulation<P>) {
    const { view, message } = parameters
    this.nodes = nodes
    this.parameters = parameters
    this.places = places
    this.source = source
    this.random = random
    this.views = new Views(nodes, view)
    this.rounds = new Int32Array(nodes)
    this.quarantine = new Quarantine(nodes, QUARANTINED_PEERS, QUARANTINE_ROUNDS)
    this.far = new Uint8Array(nodes)
    this.nearing = new Uint8Array(nodes)
    this.welcomed = new Uint8Array(nodes)
    this.candidates = new Candidates(view + Math.max(message, MAX_MEMBERS), places, random)
  }

  /** Bytes of all arrays that it holds for its population. */
  get stateBytes(): number {
    const { views, rounds, far, nearing, welcomed, quarantine, places } = this
    const arrays = [views.words, rounds, far, nearing, welcomed].reduce((sum, { byteLength }) => sum + byteLength, 0)
    return arrays + quarantine.stateBytes + places.stateBytes
  }

  createMessage(): OverlayMessage {
    return new OverlayMessage(this.parameters.message)
  }

  /** The nodes from `first` to before `end` are new to a network that runs: they look for their place in one go. */
  newcomers(first: number, end: number): void {
    if (this.parameters.selection === 'tman') {
      this.welcomed.fill(WELCOME_TURNS, first, end)
    }
  }

  /** Exchanges that the node may start in this round. Once {@link partner} knows nobody, it needs no more. */
  turns(node: number): number {
    return Math.max(1, this.welcomed[node])
  }

  /** Reads the views of nodes that are about to start exchanges, so that they are at hand when their turns come. */
  prefetch(nodes: Int32Array, from: number, to: number): void {
    let read = 0

    for (let i = from; i < to; i++) {
      read += this.views.touch(nodes[i])
    }

    this.read = read
  }

  partner(node: number): number {
    if (this.parameters.selection === 'closest') {
      return this.source.sample(node)
    }

    const turns = this.welcomed[node]

    if (turns === 0 || turns === WELCOME_TURNS) {
      this.rounds[node]++
      this.views.grow(node)
      this.heedMembers(node)
    }

    if (turns === 0) {
      return this.choosePartner(node)
    }

    const partner = this.unprovenNeighbour(node)
    this.welcomed[node] = partner === NOBODY ? 0 : turns - 1
    return partner === NOBODY && turns === WELCOME_TURNS ? this.choosePartner(node) : partner
  }

  anotherPartner(node: number): number {
    return this.parameters.selection === 'closest' ? this.source.sample(node) : this.choosePartner(node)
  }

  /** The layer below feeds this one. */
  private heedMembers(node: number): void {
    const { candidates, views } = this
    const mayGain = this.gather(node, node, this.parameters.view)

    if (mayGain || candidates.size < views.size(node)) {
      this.keep(node)
    }
  }

  /**
   * Puts together what the node has of both layers for a choice of so many nearest to a peer, but for that peer itself. Members
   * that are too far to be chosen are left out at once: mostly that is all of them.
   *
   * @returns whether there are others than those of the view
   */
  private gather(node: number, to: number, limit: number): boolean {
    const { candidates, members, distances, places } = this
    const count = this.source.members(node, members)
    candidates.load(this.views, node, MAX_AGE, to)
    candidates.choose(to, limit)
    places.distances(to, members, count, distances)
    const bound = candidates.bound()
    let others = false

    for (let i = 0; i < count; i++) {
      if (distances[i] <= bound && members[i] !== to) {
        this.offer(node, members[i], UNPROVEN_AGE)
        others = true
      }
    }

    return others
  }

  /**
   * One of the nearest, at random: always the very nearest traps (T-Man, section 3). But first the nearest of those that may be
   * dead; and often one that is there for its direction only.
   */
  private choosePartner(node: number): number {
    const { views, random } = this
    const size = views.size(node)

    if (size === 0) {
      return NOBODY
    }

    const far = this.far[node]

    if (far > 0 && this.nearing[node] === 0 && random.below(FAR_ROUNDS) === 0) {
      return views.peer(node, this.indexOfOldest(node, size - far))
    }

    const unproven = this.indexOfUnproven(node)
    return views.peer(node, unproven === -1 ? random.below(Math.min(size, this.parameters.psi)) : unproven)
  }

  /** From an index on: each of them in turn, before its descriptor gets too old. Of two as old either. */
  private indexOfOldest(node: number, from: number): number {
    const { views } = this
    const count = views.size(node) - from
    const start = this.random.below(count)
    let oldest = from + start

    for (let i = 1; i < count; i++) {
      const at = from + ((start + i) % count)
      oldest = views.age(node, at) > views.age(node, oldest) ? at : oldest
    }

    return oldest
  }

  private indexOfUnproven(node: number): number {
    const { halves } = this.views
    const first = this.views.firstAge(node)
    const size = Math.min(this.views.size(node), UNPROVEN_RANKS * this.parameters.psi)

    for (let i = 0; i < size; i++) {
      if (halves[first + i] >= UNPROVEN_AGE) {
        return i
      }
    }

    return -1
  }

  /** Of the node's neighbours on the shape one that has not spoken in this round, the oldest. */
  private unprovenNeighbour(node: number): number {
    const { views, places } = this
    let oldest = NOBODY
    let most = 0

    for (let direction = 0; direction < places.directions; direction++) {
      const peer = this.neighbour(node, direction)
      const age = peer === NOBODY ? 0 : views.age(node, views.indexOf(node, peer))

      if (age > most) {
        most = age
        oldest = peer
      }
    }

    return oldest
  }

  request(node: number, partner: number, out: OverlayMessage): void {
    this.fill(node, partner, out)
  }

  /** Never busy: nothing is swapped, so that a view may change while its node waits for an answer. */
  respond(node: number, from: number, request: OverlayMessage, out: OverlayMessage): boolean {
    this.fill(node, from, out)

    if (this.parameters.selection === 'tman') {
      this.merge(node, from, request)
    }

    return true
  }

  absorb(node: number, from: number, _request: OverlayMessage, reply: OverlayMessage): void {
    const known = this.merge(node, from, reply)
    this.nearing[node] = this.hasNewNear(known) ? 1 : 0
  }

  /** Whether the last merge has brought somebody from whom partners are drawn, who was not among the first `known` candidates. */
  private hasNewNear(known: number): boolean {
    const { order, chosen } = this.candidates
    const near = Math.min(chosen, this.parameters.psi)

    for (let i = 0; i < near; i++) {
      if (order[i] >= known) {
        return true
      }
    }

    return false
  }

  /** A partner that is merely busy stays; any other that did not answer leaves the view and is not taken back soon. */
  abandon(node: number, partner: number, why: Failure): void {
    if (why !== 'busy' && why !== 'aborted' && partner !== NOBODY) {
      this.forget(node, partner)
      this.quarantine.add(node, partner, this.rounds[node])
    }
  }

  /** The peer lives, as is known from elsewhere: it is taken back from whoever names it. */
  forgive(node: number, peer: number): void {
    this.quarantine.lift(node, peer)
  }

  /** What is nearest to the other one, of both layers; the node's own descriptor first. */
  private fill(node: number, to: number, out: OverlayMessage): void {
    const { message, selection } = this.parameters
    out.clear()
    out.add(node, 0)

    if (selection === 'closest') {
      return
    }

    const { candidates } = this
    const receiver = to === NOBODY ? node : to

    if (this.gather(node, receiver, message - 1)) {
      candidates.choose(receiver, message - 1)
    }

    const { peers, ages, order, chosen } = candidates

    for (let i = 0; i < chosen; i++) {
      out.add(peers[order[i]], ages[order[i]])
    }
  }

  /** @returns how many candidates the node had itself, the first of them all */
  private merge(node: number, from: number, { peers, ages, size }: OverlayMessage): number {
    const { candidates, quarantine } = this

    if (quarantine.holds(node, from, this.rounds[node])) {
      quarantine.lift(node, from)
    }

    candidates.load(this.views, node, MAX_AGE, NOBODY)
    const known = candidates.size

    for (let i = 0; i < size; i++) {
      if (ages[i] <= MAX_AGE) {
        this.offer(node, peers[i], ages[i])
      }
    }

    this.keep(node)
    return known
  }

  private offer(node: number, peer: number, age: number): void {
    if (peer !== node && !this.quarantine.holds(node, peer, this.rounds[node])) {
      this.candidates.add(peer, age)
    }
  }

  /** The chosen candidates become the view. */
  private keep(node: number): void {
    const { candidates, views } = this
    candidates.rank(node, this.parameters.view)
    const { peers, ages, order, chosen } = candidates
    const { words, halves } = views
    const firstPeer = views.firstPeer(node)
    const firstAge = views.firstAge(node)

    for (let i = 0; i < chosen; i++) {
      const at = order[i]
      words[firstPeer + i] = peers[at]
      halves[firstAge + i] = ages[at]
    }

    words[firstPeer - 1] = chosen
    this.far[node] = candidates.far
  }

  /**
   * The nearest peer in a direction of the shape, or {@link NOBODY}; of two that are as near the one that spoke last.
   *
   * @param settled - one that is to stay while nobody is nearer and it is not unproven: of two at the same point
   */
  neighbour(node: number, direction: number, settled: number = NOBODY): number {
    const { views, places } = this
    const size = views.size(node)
    let best = NOBODY
    let least = Number.POSITIVE_INFINITY
    let youngest = 0

    for (let i = 0; i < size; i++) {
      const peer = views.peer(node, i)
      const reach = places.reach(direction, node, peer)
      const age = peer === settled && views.age(node, i) < UNPROVEN_AGE ? -1 : views.age(node, i)

      if (reach < least || (reach === least && age < youngest && reach !== Number.POSITIVE_INFINITY)) {
        best = peer
        least = reach
        youngest = age
      }
    }

    return best
  }

  /** Visits everybody whom the node knows, in its view and from the layer below; those in both twice. */
  forEachKnown(node: number, visit: (peer: number) => void): void {
    const { views, members } = this
    const count = this.source.members(node, members)

    for (let i = 0; i < views.size(node); i++) {
      visit(views.peer(node, i))
    }

    for (let i = 0; i < count; i++) {
      visit(members[i])
    }
  }

  /** The peer leaves the view: it is gone, or no longer in this space. */
  forget(node: number, peer: number): void {
    const at = this.views.indexOf(node, peer)

    if (at !== -1) {
      if (at >= this.views.size(node) - this.far[node]) {
        this.far[node]--
      }

      this.views.removeAt(node, at)
    }
  }

  /** Whether the node's state names the peer, so that its number must stay what it is. */
  knows(node: number, peer: number): boolean {
    return this.views.indexOf(node, peer) !== -1 || this.quarantine.holds(node, peer, this.rounds[node])
  }
}
