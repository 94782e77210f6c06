import { PeerFilter } from '../gossip/peer-filter.ts'
import { SamplingMessage } from './message.ts'
import { PeerSamplingProtocol, type SamplingPopulation } from './protocol.ts'

/**
 * Newscast's exchange (M. Jelasity, W. Kowalczyk, M. van Steen, "Newscast computing", 2003): whole views are merged and
 * the c youngest entries kept. Views stay sorted, youngest first. An age is the time since the descriptor was made.
 *
 * The time must be one for all: where each node ages its own view once a round, at its own moment, entries gain and lose
 * a round as they change hands, and in-degrees spread three times as far (35 instead of 13 at 10,000 nodes).
 */
export class NewscastSampling extends PeerSamplingProtocol {
  private readonly present: PeerFilter
  /** A view, where it is not what was sent; and a message, where it did not come in order. */
  private readonly whole: SamplingMessage
  private readonly sorted: SamplingMessage
  private time = 0
  /** Up to when the ages of each view are counted: a view is aged when it is next looked at. */
  private readonly aged: Int32Array

  constructor(population: SamplingPopulation) {
    super(population)
    this.present = new PeerFilter(this.views.capacity)
    this.whole = this.createMessage()
    this.sorted = this.createMessage()
    this.aged = new Int32Array(population.nodes)
  }

  override tick(time: number): void {
    this.time = time
  }

  override get stateBytes(): number {
    return super.stateBytes + this.aged.byteLength
  }

  protected override touch(node: number): number {
    return super.touch(node) ^ this.aged[node]
  }

  private age(node: number): void {
    if (this.aged[node] !== this.time) {
      this.views.grow(node, this.time - this.aged[node])
      this.aged[node] = this.time
    }
  }

  override createMessage(): SamplingMessage {
    return new SamplingMessage(this.parameters.view + 1)
  }

  protected override fill(node: number, out: SamplingMessage): void {
    this.age(node)
    out.add(node, 0)
    out.addAll(this.views, node, this.views.size(node))
  }

  /** Keeps the order of the view, and offers its youngest: what a newcomer hears is lively. */
  protected override introduce(node: number, out: SamplingMessage): void {
    this.age(node)
    this.offer(node, out)
  }

  /**
   * Two sorted lists become one; of equal ages the next one is taken from either at random. Which list comes next is
   * beyond prediction, so that it is computed and not branched on.
   */
  protected override merge(node: number, incoming: SamplingMessage, sent: SamplingMessage): void {
    const { views, random, present, wary } = this
    const { words, halves, capacity } = views
    const firstPeer = views.firstPeer(node)
    const firstAge = views.firstAge(node)
    const mine = this.wholeView(node, sent)
    const { peers: ownPeers, ages: ownAges, size } = mine
    const theirs = incoming.sortedByAge(this.sorted)
    const { peers, ages, size: others } = theirs
    const { draws } = random
    const firstDraw = random.prepare(size + others)
    let draw = firstDraw
    // the view begins behind the node's own descriptor
    let own = 1
    let other = 0
    let count = 0
    present.clear()

    while (count < capacity && own < size && other < others) {
      const difference = ownAges[own] - ages[other]
      // 1 if the own entry comes next: it is younger, or as old and wins the toss
      const takesOwn = (difference - 1 + (draws[draw] >>> 31)) >>> 31
      const peer = peers[other] ^ ((peers[other] ^ ownPeers[own]) & -takesOwn)
      const age = ages[other] + (difference & -takesOwn)
      // only a tie has used the draw
      draw += 1 + ((difference | -difference) >> 31)
      own += takesOwn
      other += 1 - takesOwn

      if (peer === node || (wary && this.refuses(node, peer)) || (present.add(peer) && this.holds(node, peer, count))) {
        continue
      }

      words[firstPeer + count] = peer
      halves[firstAge + count++] = age
    }

    words[firstPeer - 1] = count
    random.skip(draw - firstDraw)
    this.appendRest(node, mine, own)
    this.appendRest(node, theirs, other)
  }

  /** When one list has come to its end: appends what is left of the other. */
  private appendRest(node: number, { peers, ages, size }: SamplingMessage, first: number): void {
    const { views, present } = this

    for (let i = first; i < size && views.size(node) < views.capacity; i++) {
      const peer = peers[i]
      const isPresent = present.add(peer) && this.holds(node, peer, views.size(node))

      if (peer !== node && !isPresent && !this.refuses(node, peer)) {
        views.append(node, peer, ages[i])
      }
    }
  }

  /** Whether the peer is among the first entries of the view. */
  private holds(node: number, peer: number, count: number): boolean {
    const { words } = this.views
    const first = this.views.firstPeer(node)

    for (let i = first; i < first + count; i++) {
      if (words[i] === peer) {
        return true
      }
    }

    return false
  }

  /**
   * The node's descriptor and its view: just what it has sent, unless time went on since or somebody was introduced. The
   * merged view can then be written where the view is, without a copy of it.
   */
  private wholeView(node: number, sent: SamplingMessage): SamplingMessage {
    if (this.aged[node] === this.time && sent.size === this.views.size(node) + 1 && sent.peers[0] === node) {
      return sent
    }

    this.whole.clear()
    this.fill(node, this.whole)
    return this.whole
  }
}
