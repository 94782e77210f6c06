import { type Failure, type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import { Quarantine } from '../gossip/quarantine.ts'
import type { Random } from '../gossip/random.ts'
import { Views } from '../gossip/views.ts'
import { ENOUGH_TO_INTRODUCE } from './constants.ts'
import type { SamplingMessage } from './message.ts'
import type { SamplingParameters } from './parameters.ts'

/** What a population of sampling nodes is made of. */
export interface SamplingPopulation {
  /** How many nodes; their numbers are 0 to nodes - 1. */
  nodes: number
  parameters: SamplingParameters
  random: Random
  /**
   * Failed contacts that each node remembers and does not take back from others, and for how many rounds. Default: none,
   * as in the papers; live peers have it.
   */
  quarantine?: { peers: number; rounds: number }
}

/**
 * Peer sampling: every node keeps a partial view, a small and ever changing random sample of all nodes, and renews it
 * by swapping parts of it with a member.
 *
 * What all variants share is here: the view, who is busy, the dead, and how a newcomer is introduced. How an exchange
 * changes a view is the variant's.
 *
 * Source: M. Jelasity et al., "Gossip-based peer sampling", ACM TOCS 25(3), 2007.
 */
export abstract class PeerSamplingProtocol implements GossipProtocol<SamplingMessage> {
  readonly parameters: SamplingParameters
  readonly nodes: number
  readonly views: Views
  protected readonly random: Random
  /** Half a view: what the generic exchange and Cyclon send, the sender's own descriptor included. */
  protected readonly half: number
  /** Whether a node can refuse anybody at all. */
  protected readonly wary: boolean
  private readonly quarantine: Quarantine
  private readonly rounds: Int32Array
  /** 1 while the node waits for an answer. It then answers `busy`, since its view must stay as it was sent. */
  private readonly waiting: Uint8Array
  /** What {@link prefetch} has read last: kept, lest the reads be left out. */
  protected read = 0

  constructor({ nodes, parameters, random, quarantine = { peers: 0, rounds: 0 } }: SamplingPopulation) {
    this.nodes = nodes
    this.parameters = parameters
    this.random = random
    this.half = Math.floor(parameters.view / 2)
    this.views = new Views(nodes, parameters.view)
    this.wary = quarantine.peers > 0
    this.quarantine = new Quarantine(nodes, quarantine.peers, quarantine.rounds)
    this.rounds = new Int32Array(nodes)
    this.waiting = new Uint8Array(nodes)
  }

  /** Bytes of all arrays that it holds for its population. */
  get stateBytes(): number {
    return this.views.words.byteLength + this.rounds.byteLength + this.waiting.byteLength + this.quarantine.stateBytes
  }

  /** A message buffer large enough for this variant. */
  abstract createMessage(): SamplingMessage

  /** Fills a request or an answer from the view, and leaves the view in the order that {@link merge} relies on. */
  protected abstract fill(node: number, out: SamplingMessage, partner: number): void

  /** Passive side of {@link fill}. */
  protected fillReply(node: number, out: SamplingMessage): void {
    this.fill(node, out, NOBODY)
  }

  /** Absorbs what came, knowing what was sent. */
  protected abstract merge(node: number, incoming: SamplingMessage, sent: SamplingMessage): void

  /**
   * Tells the time, in a unit of which one or more make a round; it never goes back. Variants whose ages are time since
   * creation need it, the others count exchanges.
   */
  tick(_time: number): void {}

  /**
   * Brings the state of nodes that are about to start exchanges, and of the partners that they would choose now, into the
   * processor's cache: many waits for memory at once instead of one after the other. Changes nothing and draws nothing.
   * Where partners are drawn at random, theirs stays where it is. Worth its time from some ten thousand nodes on.
   *
   * @param nodes - the nodes from index `from` to before `to`, in the order of their turns
   */
  prefetch(nodes: Int32Array, from: number, to: number): void {
    let read = 0

    for (let i = from; i < to; i++) {
      read ^= this.touch(nodes[i])
    }

    if (this.parameters.selection === 'tail') {
      for (let i = from; i < to; i++) {
        const partner = this.choose(nodes[i])

        if (partner !== NOBODY) {
          read ^= this.touch(partner)
        }
      }
    }

    this.read = read
  }

  /** Reads something of every cache line of a node's state. */
  protected touch(node: number): number {
    return this.views.touch(node) ^ this.rounds[node] ^ this.waiting[node]
  }

  partner(node: number): number {
    this.rounds[node]++
    return this.choose(node)
  }

  anotherPartner(node: number): number {
    return this.choose(node)
  }

  /** Which member the node talks to next. */
  private choose(node: number): number {
    return this.parameters.selection === 'rand'
      ? this.views.randomPeer(node, this.random)
      : this.views.size(node) === 0
        ? NOBODY
        : this.views.peer(node, this.views.indexOfOldest(node))
  }

  request(node: number, partner: number, out: SamplingMessage): void {
    this.waiting[node] = 1
    out.clear()
    this.fill(node, out, partner)
  }

  /**
   * Instead of {@link request} and to a peer that need not be in the view: asks to be introduced. The answer, members
   * of the contact's view, goes to {@link absorb} as usual. The contact itself stays out of the newcomer's view as soon
   * as it has enough others to offer; else everybody who joins through one contact would turn it into a star.
   */
  requestIntroduction(node: number, out: SamplingMessage): void {
    this.waiting[node] = 1
    // whom nobody answers is more likely cut off itself than surrounded by the dead
    this.quarantine.clear(node)
    out.clear()
    out.joining = true
    out.add(node, 0)
  }

  respond(node: number, from: number, request: SamplingMessage, out: SamplingMessage): boolean {
    if (this.waiting[node] === 1) {
      return false
    }

    this.quarantine.lift(node, from)
    out.clear()

    if (request.joining) {
      this.introduce(node, out)
    } else if (this.parameters.propagation === 'pushpull') {
      this.fillReply(node, out)
    }

    this.merge(node, request, out)
    return true
  }

  absorb(node: number, from: number, request: SamplingMessage, reply: SamplingMessage): void {
    this.waiting[node] = 0
    this.quarantine.lift(node, from)
    this.rejuvenate(node, from)
    this.merge(node, reply, request)
  }

  /** A partner that is merely busy stays; any other that did not answer leaves the view and is not taken back soon. */
  abandon(node: number, partner: number, why: Failure): void {
    const asked = this.waiting[node] === 1
    this.waiting[node] = 0

    if (why === 'busy') {
      this.rejuvenate(node, partner)
    }

    if (why === 'busy' || why === 'aborted' || partner === NOBODY) {
      return
    }

    this.views.remove(node, partner)
    this.quarantine.add(node, partner, this.rounds[node])
    this.passRound(node, asked)
  }

  /**
   * A contact has failed. Where ages count exchanges they grow all the same, as after one that went well: else those who
   * are surrounded by the dead would keep their descriptors young, and the dead with them (TOCS 2007, figure 1, where the
   * active thread grows ages whether or not an answer came).
   *
   * @param asked - the request was made; else the partner could not even be reached
   */
  protected passRound(_node: number, _asked: boolean): void {}

  /**
   * The peer has just given a sign of life, if only that it is busy. Where the oldest is chosen it must be the oldest no
   * more: a peer that is always busy, or that answers without its own descriptor, would else be chosen for ever, by
   * everybody in the end.
   */
  private rejuvenate(node: number, peer: number): void {
    if (this.parameters.selection === 'tail') {
      const at = this.views.indexOf(node, peer)

      if (at !== -1) {
        this.views.set(node, at, peer, 0)
      }
    }
  }

  /** A random member of the node's view, or {@link NOBODY}: the service that all this is for. */
  sample(node: number): number {
    return this.views.randomPeer(node, this.random)
  }

  /** Whether the node knows anybody, so that others can join through it. */
  isMember(node: number): boolean {
    return this.views.size(node) > 0
  }

  /** Whether the node's state names the peer, so that its number must stay what it is. */
  knows(node: number, peer: number): boolean {
    return this.views.indexOf(node, peer) !== -1 || this.refuses(node, peer)
  }

  /** Whether the node would not take the peer from others. */
  protected refuses(node: number, peer: number): boolean {
    return this.quarantine.holds(node, peer, this.rounds[node])
  }

  /** Members for a newcomer, at random. */
  protected introduce(node: number, out: SamplingMessage): void {
    this.views.shuffle(node, this.random)
    this.offer(node, out)
  }

  protected offer(node: number, out: SamplingMessage): void {
    const size = this.views.size(node)

    if (size < ENOUGH_TO_INTRODUCE) {
      out.add(node, 0)
    }

    for (let i = 0; i < size && out.size < this.half; i++) {
      out.add(this.views.peer(node, i), this.views.age(node, i))
    }
  }
}
