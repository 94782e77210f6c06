import { MAX_AGE } from '../gossip/views.ts'
import { SamplingMessage } from './message.ts'
import { PeerSamplingProtocol, type SamplingPopulation } from './protocol.ts'
import { Workspace } from './workspace.ts'

/** Older than any entry: the age of what is not there. */
const NEVER = MAX_AGE + 1

/**
 * Newscast's exchange (M. Jelasity, W. Kowalczyk, M. van Steen, "Newscast computing", 2003): whole views are merged and
 * the c youngest entries kept. Views stay sorted, youngest first. An age is the time since the descriptor was made.
 *
 * The time must be one for all: where each node ages its own view once a round, at its own moment, entries gain and lose
 * a round as they change hands, and in-degrees spread three times as far (35 instead of 13 at 10,000 nodes).
 */
export class NewscastSampling extends PeerSamplingProtocol {
  private readonly work: Workspace
  private readonly sorted: SamplingMessage
  private time = 0
  /** Up to when the ages of each view are counted: a view is aged when it is next looked at. */
  private readonly aged: Int32Array

  constructor(population: SamplingPopulation) {
    super(population)
    this.work = new Workspace(population.parameters.view * 2 + 2)
    this.sorted = this.createMessage()
    this.aged = new Int32Array(population.nodes)
  }

  override tick(time: number): void {
    this.time = time
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

  /** Two sorted lists become one; of equal ages the next one is taken from either at random. */
  protected override merge(node: number, incoming: SamplingMessage): void {
    const { views, work, random } = this
    this.age(node)
    const { words, halves, capacity } = views
    const firstPeer = views.firstPeer(node)
    const firstAge = views.firstAge(node)
    const size = views.size(node)
    const { peers, ages, size: others } = incoming.sortedByAge(this.sorted)
    work.clear()
    let own = 0
    let other = 0

    while (work.size < capacity && (own < size || other < others)) {
      const ownAge = own < size ? halves[firstAge + own] : NEVER
      const otherAge = other < others ? ages[other] : NEVER

      if (ownAge < otherAge || (ownAge === otherAge && random.below(2) === 0)) {
        work.add(words[firstPeer + own++], ownAge)
        continue
      }

      const peer = peers[other++]

      if (peer !== node && !this.refuses(node, peer)) {
        work.add(peer, otherAge)
      }
    }

    work.store(views, node, 0)
  }
}
