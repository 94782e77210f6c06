import type { Failure } from '../gossip/exchange.ts'
import { SamplingMessage } from './message.ts'
import { PeerSamplingProtocol, type SamplingPopulation } from './protocol.ts'
import { Workspace } from './workspace.ts'

/**
 * Cyclon's exchange (S. Voulgaris, D. Gavidia, M. van Steen, "CYCLON", JNSM 13(2), 2005, section 2.3): the oldest
 * member is taken out of the view and gets a descriptor of the node in its stead; both ends swap half a view; what came
 * fills free places first, then those of what was sent. Each node ages its own view as it initiates.
 */
export class CyclonSampling extends PeerSamplingProtocol {
  private readonly present: Workspace
  /** 1 while a partner is taken out of the view: one that was busy comes back, as young as one that has answered. */
  private readonly taken: Uint8Array

  constructor(population: SamplingPopulation) {
    super(population)
    this.present = new Workspace(population.parameters.view + this.half + 1)
    this.taken = new Uint8Array(population.nodes)
  }

  override createMessage(): SamplingMessage {
    return new SamplingMessage(this.half + 1)
  }

  protected override fill(node: number, out: SamplingMessage, partner: number): void {
    const { views } = this
    views.grow(node)
    const at = views.indexOf(node, partner)
    this.taken[node] = 0

    if (at !== -1) {
      this.taken[node] = 1
      views.removeAt(node, at)
    }

    out.add(node, 0)
    this.pick(node, this.half - 1, out)
  }

  protected override fillReply(node: number, out: SamplingMessage): void {
    this.pick(node, this.half, out)
  }

  protected override introduce(node: number, out: SamplingMessage): void {
    if (this.views.size(node) < this.half) {
      super.introduce(node, out)
    } else {
      this.pick(node, this.half, out)
    }
  }

  /** Moves random entries to the end of the view and copies them out; {@link merge} may put others in their places. */
  private pick(node: number, count: number, out: SamplingMessage): void {
    const { views } = this
    const size = views.size(node)
    const stop = Math.max(0, size - count)

    for (let end = size; end > stop; end--) {
      views.swap(node, this.random.below(end), end - 1)
      out.add(views.peer(node, end - 1), views.age(node, end - 1))
    }
  }

  protected override merge(node: number, incoming: SamplingMessage, sent: SamplingMessage): void {
    const { views, present } = this
    this.taken[node] = 0
    present.load(views, node)
    // the sent entries stand at the end: of a request all but the node's own
    const size = views.size(node)
    let slot = Math.max(0, size - sent.size + (sent.size > 0 && sent.peers[0] === node ? 1 : 0))

    for (let i = 0; i < incoming.size; i++) {
      const peer = incoming.peers[i]

      if (peer === node || present.seen(peer) || this.refuses(node, peer)) {
        continue
      }

      if (views.size(node) < views.capacity) {
        views.append(node, peer, incoming.ages[i])
      } else if (slot < size) {
        views.set(node, slot++, peer, incoming.ages[i])
      }
    }
  }

  override abandon(node: number, partner: number, why: Failure): void {
    const taken = this.taken[node] === 1
    this.taken[node] = 0

    if (taken && (why === 'busy' || why === 'aborted') && this.views.indexOf(node, partner) === -1) {
      this.views.append(node, partner, 0)
    }

    super.abandon(node, partner, why)
  }
}
