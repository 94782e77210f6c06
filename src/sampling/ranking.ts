import { NOBODY } from '../gossip/exchange.ts'
import { mix } from '../gossip/mix.ts'
import { MAX_AGE } from '../gossip/views.ts'
import { CONTACTS_PER_ROUND, QUARANTINE_ROUNDS, QUARANTINED_PEERS, RANKING_LIFETIME } from './constants.ts'
import { SamplingMessage } from './message.ts'
import { PeerSamplingProtocol, type SamplingPopulation } from './protocol.ts'
import { RankedSlots } from './ranked-slots.ts'

/** Tells the ranks of one generation from those of the next: 2^32 divided by the golden ratio. */
const GENERATION_STEP = 0x9e3779b1 | 0

/**
 * Sampling by hidden ranks: how often a peer is spoken of counts for nothing. The node deals all peers that there are to
 * the slots of its view, by a secret of its own, and each slot keeps, of all it ever heard of, the one with the best secret
 * rank. Colluders get the slots that chance gives them, however loud they are.
 *
 * After A. Auvolat et al., "BASALT: a rock-solid foundation for epidemic consensus algorithms in very large, very open
 * networks", 2021, with two changes of ours. There a slot is open to every peer, and a message costs as many ranks as it
 * names peers times slots; here every peer has its one slot, and costs two. There a slot that is seeded anew begins with
 * nothing, and belongs to whoever is loudest until it has heard enough; here every slot has a successor, who was found
 * under the next seed while the member held the place.
 */
export class RankingSampling extends PeerSamplingProtocol {
  override readonly tries: number = CONTACTS_PER_ROUND
  private readonly slots: RankedSlots
  /** What makes the ranks of a node its own. Nothing where identities are its secret already. */
  private readonly secrets: Int32Array
  /** Successions so far: slots take turns. */
  private readonly successions: Float64Array
  private readonly identity: ((peer: number) => number) | undefined

  constructor(population: SamplingPopulation) {
    // a dead peer has the best rank still: without a quarantine it would come back from whoever has not noticed yet
    super({ quarantine: { peers: QUARANTINED_PEERS, rounds: QUARANTINE_ROUNDS }, ...population })
    const { nodes, parameters, random, identity } = population
    this.slots = new RankedSlots(nodes, parameters.view)
    this.secrets = Int32Array.from({ length: nodes }, () => (identity === undefined ? random.next() : 0))
    this.successions = new Float64Array(nodes)
    this.identity = identity
  }

  override get stateBytes(): number {
    return super.stateBytes + this.slots.stateBytes + this.secrets.byteLength + this.successions.byteLength
  }

  override createMessage(): SamplingMessage {
    return new SamplingMessage(this.parameters.view + 1)
  }

  override takeViews(nodes: number): void {
    const known = this.createMessage()

    for (let node = 0; node < nodes; node++) {
      known.clear()
      known.addAll(this.views, node, this.views.size(node))
      this.views.clear(node)
      this.merge(node, known)
    }
  }

  protected override touch(node: number): number {
    return super.touch(node) ^ this.slots.touch(node) ^ this.secrets[node] ^ this.successions[node]
  }

  override partner(node: number): number {
    const due = Math.floor((this.rounds[node] * this.parameters.view) / RANKING_LIFETIME)

    while (this.successions[node] < due) {
      this.succeed(node)
    }

    this.views.grow(node)
    return this.ask(node, super.partner(node))
  }

  override anotherPartner(node: number): number {
    return this.ask(node, super.anotherPartner(node))
  }

  private ask(node: number, partner: number): number {
    if (partner !== NOBODY) {
      const slot = this.slotOf(node, this.hash(node, partner))

      if (this.slots.member(slot) === partner) {
        this.slots.countHit(slot)
      }
    }

    return partner
  }

  /**
   * The member that was spoken of least: those that are advertised most are asked last. One that gave no sign of life for
   * too long goes first.
   */
  protected override choose(node: number): number {
    const { views, slots } = this
    const oldest = views.indexOfOldest(node)

    if (oldest !== NOBODY && views.age(node, oldest) >= this.parameters.view) {
      return views.peer(node, oldest)
    }

    return slots.leastHit(node)
  }

  /** In random order: peers without this defence, whose views are smaller, take the first ones only. */
  protected override fill(node: number, out: SamplingMessage): void {
    this.views.shuffle(node, this.random)
    out.add(node, 0)
    out.addAll(this.views, node, this.views.size(node))
  }

  protected override merge(node: number, { peers, ages, size }: SamplingMessage): void {
    for (let i = 0; i < size; i++) {
      if (peers[i] !== node) {
        this.hear(node, peers[i], ages[i])
      }
    }
  }

  /** Somebody speaks of a peer that gave a sign of life so many rounds ago. */
  private hear(node: number, peer: number, age: number): void {
    const { slots } = this
    const hash = this.hash(node, peer)
    const slot = this.slotOf(node, hash)
    const generation = this.generation(node, slot)

    if (slots.member(slot) === peer) {
      slots.countHit(slot)
      this.rejuvenateTo(node, this.views.indexOf(node, peer), age)
    } else {
      const rank = rankIn(generation, hash)

      if (!slots.beatsMember(slot, rank)) {
        this.welcome(node, peer, age)
      } else if (!this.refuses(node, peer)) {
        this.enter(node, slot, peer, age)
        slots.setMember(slot, peer, rank)
      }
    }

    if (slots.successor(slot) === peer) {
      slots.keepAlive(slot, this.rounds[node] - age)
    } else {
      const rank = rankIn(generation + 1, hash)

      if (slots.beatsSuccessor(slot, rank) && !this.refuses(node, peer)) {
        slots.setSuccessor(slot, peer, rank, this.rounds[node] - age)
      }
    }
  }

  private rejuvenateTo(node: number, at: number, age: number): void {
    const { views } = this

    if (age < views.age(node, at)) {
      views.set(node, at, views.peer(node, at), age)
    }
  }

  /**
   * A peer that another one keeps out of its slot is a guest in the view as long as there is room: in a network hardly larger
   * than a view everybody is to be known. In large ones no slot is empty, and there is no room.
   */
  private welcome(node: number, peer: number, age: number): void {
    const { views } = this
    const at = views.indexOf(node, peer)

    if (at !== NOBODY) {
      this.rejuvenateTo(node, at, age)
    } else if (views.size(node) < views.capacity && !this.refuses(node, peer)) {
      views.append(node, peer, age)
    }
  }

  /** A peer gets a slot. Whoever held it stays as a guest if there is room, and else makes room; so does a guest. */
  private enter(node: number, slot: number, peer: number, age: number): void {
    const { views } = this
    const member = this.slots.member(slot)
    const at = views.indexOf(node, peer)

    if (at !== NOBODY) {
      this.rejuvenateTo(node, at, age)
    } else if (views.size(node) < views.capacity) {
      views.append(node, peer, age)
    } else {
      views.set(node, member === NOBODY ? this.indexOfGuest(node) : views.indexOf(node, member), peer, age)
    }
  }

  /** Of some guest: where a slot is empty and the view is full there is one. The order of a view is random. */
  private indexOfGuest(node: number): number {
    const { views, slots } = this
    const isMember = (peer: number) => slots.member(this.slotOf(node, this.hash(node, peer))) === peer
    let at = 0

    while (isMember(views.peer(node, at))) {
      at++
    }

    return at
  }

  /** The slot whose turn it is gets its successor, or keeps its member if that has the better rank. */
  private succeed(node: number): void {
    const { slots, views } = this
    const { view } = this.parameters
    const slot = node * view + (this.successions[node]++ % view)
    const member = slots.member(slot)
    const successor = slots.successor(slot)
    const successorAge = this.successorAge(node, slot)
    slots.clearMember(slot)
    slots.clearSuccessor(slot)

    if (member !== NOBODY) {
      const at = views.indexOf(node, member)
      const age = views.age(node, at)
      views.removeAt(node, at)
      this.hear(node, member, age)
    }

    if (successor !== NOBODY) {
      this.hear(node, successor, successorAge)
    }
  }

  private successorAge(node: number, slot: number): number {
    return Math.min(MAX_AGE, this.rounds[node] - this.slots.successorAlive(slot))
  }

  /** It holds no place any more: its successor does, if there is one. */
  protected override drop(node: number, peer: number): void {
    super.drop(node, peer)
    const { slots } = this
    const slot = this.slotOf(node, this.hash(node, peer))

    if (slots.successor(slot) === peer) {
      slots.clearSuccessor(slot)
    }

    if (slots.member(slot) === peer) {
      slots.clearMember(slot)
      const successor = slots.successor(slot)

      if (successor !== NOBODY) {
        this.hear(node, successor, this.successorAge(node, slot))
      }
    }
  }

  /** Its members, its guests, and the successors. */
  override forEachHeld(node: number, visit: (peer: number) => void): void {
    const { slots } = this
    const { view } = this.parameters
    super.forEachHeld(node, visit)

    for (let slot = node * view; slot < (node + 1) * view; slot++) {
      const successor = slots.successor(slot)

      // whoever is best under both seeds succeeds itself
      if (successor !== NOBODY && successor !== slots.member(slot)) {
        visit(successor)
      }
    }
  }

  override knows(node: number, peer: number): boolean {
    const slot = this.slotOf(node, this.hash(node, peer))
    return super.knows(node, peer) || this.slots.member(slot) === peer || this.slots.successor(slot) === peer
  }

  /** What the node deals and ranks a peer by. */
  private hash(node: number, peer: number): number {
    return mix((this.identity === undefined ? peer : this.identity(peer)) ^ this.secrets[node])
  }

  /** The slot that a peer is dealt to, by the upper half of its hash. */
  private slotOf(node: number, hash: number): number {
    const { view } = this.parameters
    return node * view + (((hash >>> 16) * view) >>> 16)
  }

  /** How often the slot got its successor. */
  private generation(node: number, slot: number): number {
    const { view } = this.parameters
    return ((this.successions[node] + view - 1 - (slot - node * view)) / view) | 0
  }
}

/** The lower the better. */
function rankIn(generation: number, hash: number): number {
  return mix(hash ^ Math.imul(generation, GENERATION_STEP))
}
