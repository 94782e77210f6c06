import { type Failure, type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import type { PeerSource } from '../gossip/peer-source.ts'
import { Quarantine } from '../gossip/quarantine.ts'
import type { Random } from '../gossip/random.ts'
import { Views } from '../gossip/views.ts'
import { ENOUGH_TO_INTRODUCE, NAMES_IN_ALARM, ROUNDS_PER_RESERVE } from './constants.ts'
import { SamplingMessage } from './message.ts'
import type { SamplingParameters } from './parameters.ts'
import type { Suspicion } from './reputations.ts'
import { Reserve } from './reserve.ts'
import { type Gathered, Statistics } from './statistics.ts'

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
  /** Gather statistics even where the defence is another one: as an alarm. Default: no; live peers do. */
  watchful?: boolean
  /**
   * 32 bits that stand for a peer for as long as it is the same peer, whatever its number: live, a digest of its id that
   * only this node can make. Default: the peer's number, which is no secret; a ranking then draws one for each node.
   */
  identity?(peer: number): number
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
export abstract class PeerSamplingProtocol implements GossipProtocol<SamplingMessage>, PeerSource {
  readonly parameters: SamplingParameters
  readonly nodes: number
  readonly views: Views
  /** Members that a node tries in a round while they cannot be reached, in a simulation. The papers: one. */
  readonly tries: number = 1
  protected readonly random: Random
  /** Half a view: what the generic exchange and Cyclon send, the sender's own descriptor included. */
  protected readonly half: number
  /** Whether a node can refuse anybody at all. */
  protected readonly wary: boolean
  /** Rounds that each node has begun. */
  protected readonly rounds: Int32Array
  private readonly quarantine: Quarantine
  private readonly statistics: Statistics | undefined
  /** Those who are left when everybody else is a colluder, where statistics are the defence. */
  private readonly reserve: Reserve | undefined
  /** What a node absorbs of a message that it does not heed. */
  private readonly nothing = new SamplingMessage(0)
  /** 1 while the node waits for an answer. It then answers `busy`, since its view must stay as it was sent. */
  private readonly waiting: Uint8Array
  /** What {@link prefetch} has read last: kept, lest the reads be left out. */
  protected read = 0

  constructor(population: SamplingPopulation) {
    const { nodes, parameters, random, quarantine = { peers: 0, rounds: 0 }, watchful = false, identity } = population
    const isDefence = parameters.defence === 'statistics'
    this.nodes = nodes
    this.parameters = parameters
    this.random = random
    this.half = Math.floor(parameters.view / 2)
    this.views = new Views(nodes, parameters.view)
    this.wary = quarantine.peers > 0 || isDefence
    this.quarantine = new Quarantine(nodes, quarantine.peers, quarantine.rounds)
    this.rounds = new Int32Array(nodes)
    this.waiting = new Uint8Array(nodes)
    const names = isDefence ? parameters.view + 1 : Math.min(parameters.view + 1, NAMES_IN_ALARM)
    this.statistics = isDefence || watchful ? new Statistics(nodes, names, identity) : undefined
    this.reserve = isDefence ? new Reserve(nodes) : undefined
  }

  /** Bytes of all arrays that it holds for its population. */
  get stateBytes(): number {
    const { views, rounds, waiting, quarantine, statistics, reserve } = this
    const arrays = [views.words, rounds, waiting].reduce((sum, { byteLength }) => sum + byteLength, 0)
    return arrays + quarantine.stateBytes + (statistics?.stateBytes ?? 0) + (reserve?.stateBytes ?? 0)
  }

  /** A message buffer large enough for this variant. */
  abstract createMessage(): SamplingMessage

  /** The views of the first nodes were filled from outside. */
  takeViews(_nodes: number): void {}

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
    return this.rounds[node] % ROUNDS_PER_RESERVE === 0 ? this.reservePartner(node) : this.choose(node)
  }

  /** Somebody from earlier times, where there is a reserve, and else a member. */
  private reservePartner(node: number): number {
    const peer = this.reserve?.draw(node, this.random) ?? NOBODY
    return peer === NOBODY || this.refuses(node, peer) ? this.choose(node) : peer
  }

  anotherPartner(node: number): number {
    return this.choose(node)
  }

  /** Which member the node talks to next. */
  protected choose(node: number): number {
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

    this.merge(node, this.heedsRequest(node, from, request) ? request : this.nothing, out)
    return true
  }

  private heedsRequest(node: number, from: number, request: SamplingMessage): boolean {
    const { statistics } = this
    return (
      this.parameters.defence !== 'statistics' ||
      statistics === undefined ||
      statistics.judgeRequest(node, from, request, this.rounds[node])
    )
  }

  absorb(node: number, from: number, request: SamplingMessage, reply: SamplingMessage): void {
    this.waiting[node] = 0
    this.quarantine.lift(node, from)
    this.rejuvenate(node, from)

    // an answer to a push has nothing to say: what one says nevertheless is not taken in
    if (this.parameters.propagation === 'push' && !request.joining) {
      this.merge(node, this.nothing, request)
      return
    }

    const isUsual = this.statistics?.judgeReply(node, from, reply, this.rounds[node]) ?? true

    if (this.parameters.defence === 'statistics') {
      this.defend(node, from, request, reply, isUsual)
    } else {
      this.merge(node, reply, request)
    }
  }

  /** What statistics are for: whoever stands out leaves the view, and a reply that does changes nothing. */
  private defend(node: number, from: number, request: SamplingMessage, reply: SamplingMessage, isUsual: boolean): void {
    const { statistics, views, reserve, random } = this
    const { statisticsShare } = this.parameters

    if (statistics === undefined) {
      return
    }

    for (let i = 0; i < statistics.refusedCount; i++) {
      views.remove(node, statistics.refused[i])
    }

    // whoever asked to be introduced would else stay alone
    const isForStatistics = statisticsShare > 0 && !request.joining && random.fraction() < statisticsShare

    if (isUsual && !isForStatistics) {
      this.merge(node, reply, request)
    } else {
      this.disregard(node, from, request)
    }

    if (isUsual) {
      reserve?.offer(node, reply, random)
    } else {
      views.remove(node, from)
    }
  }

  /** The partner has answered, and nothing is taken of what it said. */
  protected disregard(node: number, _partner: number, sent: SamplingMessage): void {
    this.merge(node, this.nothing, sent)
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

    this.drop(node, partner)
    this.quarantine.add(node, partner, this.rounds[node])
    this.passRound(node, asked)
  }

  /** The peer is gone. */
  protected drop(node: number, peer: number): void {
    this.views.remove(node, peer)
    this.reserve?.remove(node, peer)
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

  members(node: number, out: Int32Array): number {
    const { words } = this.views
    const first = this.views.firstPeer(node)
    const count = Math.min(this.views.size(node), out.length)

    for (let i = 0; i < count; i++) {
      out[i] = words[first + i]
    }

    return count
  }

  /** Whether the node knows anybody, so that others can join through it. */
  isMember(node: number): boolean {
    return this.views.size(node) > 0
  }

  /** Visits whom the node may speak to or of from now on, each once: its members. */
  forEachHeld(node: number, visit: (peer: number) => void): void {
    for (let i = 0; i < this.views.size(node); i++) {
      visit(this.views.peer(node, i))
    }
  }

  /** Whether the node's state names the peer, so that its number must stay what it is. */
  knows(node: number, peer: number): boolean {
    const { views, quarantine, statistics, reserve } = this
    return (
      views.indexOf(node, peer) !== -1 ||
      quarantine.holds(node, peer, this.rounds[node]) ||
      statistics?.knows(node, peer) === true ||
      reserve?.holds(node, peer) === true
    )
  }

  /** Whether the node would not take the peer from others. */
  protected refuses(node: number, peer: number): boolean {
    const { quarantine, statistics, parameters } = this
    const round = this.rounds[node]
    return (
      quarantine.holds(node, peer, round) ||
      (parameters.defence === 'statistics' && statistics !== undefined && statistics.refuses(node, peer, round))
    )
  }

  /** Visits those whom the node suspects, where statistics are gathered. They are refused if that is the defence. */
  forEachSuspect(node: number, visit: (suspicion: Suspicion) => void): void {
    this.statistics?.forEachSuspect(node, this.rounds[node], visit)
  }

  /** The peer is suspected no more, and never will be again. False: it was not. */
  clearSuspect(node: number, peer: number): boolean {
    return this.statistics?.clearSuspect(node, peer) ?? false
  }

  /** Answers that the node has not heeded so far, where it gathers statistics. */
  unheededReplies(node: number): number {
    return this.statistics?.unheededReplies(node) ?? 0
  }

  /** What the node has gathered, where it gathers statistics. */
  sightings(node: number): Gathered | undefined {
    return this.statistics?.gathered(node)
  }

  /** How many peers the node refuses because of statistics, where they are the defence. */
  refusedPeers(node: number): number {
    return this.parameters.defence === 'statistics' ? (this.statistics?.refusedPeers(node, this.rounds[node]) ?? 0) : 0
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
