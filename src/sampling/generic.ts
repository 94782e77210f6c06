import { SamplingMessage } from './message.ts'
import { PeerSamplingProtocol, type SamplingPopulation } from './protocol.ts'
import { oldest, Workspace } from './workspace.ts'

/**
 * The exchange of the generic framework, with its parameters c, H, S, partner selection and propagation (TOCS 2007,
 * figure 1 and section 2.3). Ages grow at both ends of an exchange.
 */
export class GenericSampling extends PeerSamplingProtocol {
  private readonly work: Workspace

  constructor(population: SamplingPopulation) {
    super(population)
    this.work = new Workspace(population.parameters.view + this.half + 1)
  }

  override createMessage(): SamplingMessage {
    return new SamplingMessage(this.half + 1)
  }

  protected override fill(node: number, out: SamplingMessage): void {
    this.views.shuffle(node, this.random)
    this.moveOldestToEnd(node)
    out.add(node, 0)
    const count = Math.min(this.half - 1, this.views.size(node))

    for (let i = 0; i < count; i++) {
      out.add(this.views.peer(node, i), this.views.age(node, i))
    }
  }

  protected override merge(node: number, incoming: SamplingMessage): void {
    const { work } = this
    const { view, healer, swapper } = this.parameters
    work.load(this.views, node)

    for (let i = 0; i < incoming.size; i++) {
      const peer = incoming.peers[i]

      if (peer !== node && !this.refuses(node, peer)) {
        work.add(peer, incoming.ages[i])
      }
    }

    if (work.size > view) {
      work.removeOldest(Math.min(healer, work.size - view))
      // the front of the view is what was just sent
      work.removeFirst(Math.min(swapper, work.size - view))

      while (work.size > view) {
        work.removeAt(this.random.below(work.size))
      }
    }

    work.grow()
    work.store(this.views, node)
  }

  /** So that they are not sent: the view has just been shuffled, and equals are taken in its order. */
  private moveOldestToEnd(node: number): void {
    const { views, work } = this
    const { healer } = this.parameters
    const size = views.size(node)

    if (healer === 1 && size > 0) {
      views.swap(node, views.indexOfOldest(node), size - 1)
      return
    }

    if (healer === 0 || size <= healer) {
      return
    }

    for (let i = 0; i < size; i++) {
      work.ages[i] = views.age(node, i)
    }

    const { threshold, ties } = oldest(work.ages, size, healer)
    let left = ties
    let end = size

    for (let i = size - 1; end > size - healer; i--) {
      const age = views.age(node, i)

      if (age > threshold || (age === threshold && left-- > 0)) {
        views.swap(node, i, --end)
      }
    }
  }
}
