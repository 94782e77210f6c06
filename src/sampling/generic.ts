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

  /** The whole view is shuffled, though half of it is sent: of equally old entries none is to be preferred by its place. */
  protected override fill(node: number, out: SamplingMessage): void {
    const { views } = this
    views.shuffle(node, this.random)
    this.moveOldestToEnd(node)
    out.add(node, 0)
    out.addAll(views, node, Math.min(this.half - 1, views.size(node)))
  }

  protected override merge(node: number, incoming: SamplingMessage): void {
    const { work } = this
    const { view, healer, swapper } = this.parameters
    const { peers, ages, size } = incoming
    const { wary } = this
    work.load(this.views, node)

    for (let i = 0; i < size; i++) {
      const peer = peers[i]

      if (peer !== node && !(wary && this.refuses(node, peer))) {
        work.add(peer, ages[i])
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

    work.store(this.views, node, 1)
  }

  protected override passRound(node: number): void {
    this.views.grow(node)
  }

  /** So that they are not sent while there are others. */
  private moveOldestToEnd(node: number): void {
    const { views } = this
    const { healer } = this.parameters
    const size = views.size(node)

    if (healer === 0 || size <= healer) {
      return
    }

    if (healer === 1) {
      views.swap(node, views.indexOfOldest(node), size - 1)
      return
    }

    const firstAge = views.firstAge(node)
    const { threshold, ties } = oldest(views.halves, firstAge, firstAge + size, healer)
    let left = ties
    let end = size

    for (let i = size - 1; end > size - healer; i--) {
      const age = views.halves[firstAge + i]

      if (age > threshold || (age === threshold && left-- > 0)) {
        views.swap(node, i, --end)
      }
    }
  }
}
