import type { Failure } from '../gossip/exchange.ts'
import { PeerFilter } from '../gossip/peer-filter.ts'
import { SamplingMessage } from './message.ts'
import { PeerSamplingProtocol, type SamplingPopulation } from './protocol.ts'

/**
 * Cyclon's exchange (S. Voulgaris, D. Gavidia, M. van Steen, "CYCLON", JNSM 13(2), 2005, section 2.3): the oldest
 * member is taken out of the view and gets a descriptor of the node in its stead; both ends swap half a view; what came
 * fills free places first, then those of what was sent. Each node ages its own view as it initiates.
 */
export class CyclonSampling extends PeerSamplingProtocol {
  private readonly present: PeerFilter
  private readonly fresh: SamplingMessage
  /** 1 while a partner is taken out of the view: one that was busy comes back, as young as one that has answered. */
  private readonly taken: Uint8Array

  constructor(population: SamplingPopulation) {
    super(population)
    this.present = new PeerFilter(population.parameters.view)
    this.fresh = this.createMessage()
    this.taken = new Uint8Array(population.nodes)
  }

  override get stateBytes(): number {
    return super.stateBytes + this.taken.byteLength
  }

  protected override touch(node: number): number {
    return super.touch(node) ^ this.taken[node]
  }

  override createMessage(): SamplingMessage {
    return new SamplingMessage(this.half + 1)
  }

  protected override fill(node: number, out: SamplingMessage, partner: number): void {
    this.taken[node] = this.views.growAndRemove(node, partner) ? 1 : 0
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
    const { words, halves } = views
    const { peers, ages } = out
    const size = views.size(node)
    const picked = Math.min(count, size)
    views.moveRandomToEnd(node, picked, this.random)
    const lastPeer = views.firstPeer(node) + size - 1
    const lastAge = views.firstAge(node) + size - 1

    for (let i = 0; i < picked; i++) {
      peers[out.size + i] = words[lastPeer - i]
      ages[out.size + i] = halves[lastAge - i]
    }

    out.size += picked
  }

  protected override merge(node: number, incoming: SamplingMessage, sent: SamplingMessage): void {
    const { views } = this
    const size = views.size(node)
    const fresh = this.freshOf(node, incoming)
    // the sent entries stand at the end: of a request all but the node's own
    const sentEntries = sent.size > 0 && sent.peers[0] === node ? sent.size - 1 : sent.size
    let slot = Math.max(0, size - sentEntries)
    let free = views.capacity - size
    this.taken[node] = 0

    for (let i = 0; i < fresh.size && (free > 0 || slot < size); i++) {
      const peer = fresh.peers[i]
      const age = fresh.ages[i]

      if (free > 0) {
        views.append(node, peer, age)
        free--
      } else {
        views.set(node, slot++, peer, age)
      }
    }
  }

  /**
   * The entries that the view does not hold, in their order. All of them before the first one enters: whatever was sent
   * counts as held, too.
   */
  private freshOf(node: number, incoming: SamplingMessage): SamplingMessage {
    const { views, present, fresh, wary } = this
    const { peers, ages, size } = incoming
    present.fill(views.words, views.firstPeer(node), views.size(node))
    fresh.clear()

    for (let i = 0; i < size; i++) {
      const peer = peers[i]
      const held = present.mayHold(peer) && views.indexOf(node, peer) !== -1

      if (peer !== node && !held && !(wary && this.refuses(node, peer))) {
        fresh.add(peer, ages[i])
      }
    }

    return fresh
  }

  /** Ages grow with the request. */
  protected override passRound(node: number, asked: boolean): void {
    if (!asked) {
      this.views.grow(node)
    }
  }

  override abandon(node: number, partner: number, why: Failure): void {
    if (why === 'busy' || why === 'aborted') {
      this.putBack(node, partner)
    }

    this.taken[node] = 0
    super.abandon(node, partner, why)
  }

  protected override disregard(node: number, partner: number, sent: SamplingMessage): void {
    this.putBack(node, partner)
    super.disregard(node, partner, sent)
  }

  private putBack(node: number, partner: number): void {
    if (this.taken[node] === 1 && this.views.indexOf(node, partner) === -1) {
      this.views.append(node, partner, 0)
    }
  }
}
