import { SamplingMessage } from './message.ts'
import { PeerSamplingProtocol, type SamplingPopulation } from './protocol.ts'
import { Workspace } from './workspace.ts'

/**
 * Newscast's exchange (M. Jelasity, W. Kowalczyk, M. van Steen, "Newscast computing", 2003): whole views are merged and
 * the c youngest entries kept. Views stay sorted, youngest first. An age is the time since the descriptor was made.
 *
 * The time must be one for all: where each node ages its own view once a round, at its own moment, entries gain and lose
 * a round as they change hands, and in-degrees spread three times as far (35 instead of 13 at 10,000 nodes).
 */
export class NewscastSampling extends PeerSamplingProtocol {
  private readonly work: Workspace
  private time = 0
  /** Up to when the ages of each view are counted: a view is aged when it is next looked at. */
  private readonly aged: Int32Array

  constructor(population: SamplingPopulation) {
    super(population)
    this.work = new Workspace(population.parameters.view * 2 + 2)
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
    const size = this.views.size(node)

    for (let i = 0; i < size; i++) {
      out.add(this.views.peer(node, i), this.views.age(node, i))
    }
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
    incoming.sortByAge()
    const size = views.size(node)
    work.clear()
    let own = 0
    let other = 0

    while (work.size < views.capacity && (own < size || other < incoming.size)) {
      const difference = own === size ? 1 : other === incoming.size ? -1 : views.age(node, own) - incoming.ages[other]

      if (difference < 0 || (difference === 0 && random.below(2) === 0)) {
        work.add(views.peer(node, own), views.age(node, own))
        own++
        continue
      }

      const peer = incoming.peers[other]

      if (peer !== node && !this.refuses(node, peer)) {
        work.add(peer, incoming.ages[other])
      }

      other++
    }

    work.store(views, node)
  }
}
