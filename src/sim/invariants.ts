import { NOBODY } from '../gossip/exchange.ts'
import type { Views } from '../gossip/views.ts'

/** Something that can never be true was true: a protocol, or the simulator, has a fault. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
  /** The seed of the run, once it is known. */
  readonly seed: number | undefined

  constructor(message: string, seed?: number) {
    super(message)
    this.seed = seed
  }
}

/**
 * Checks the views of a whole population: none holds more than it may, its own node, a peer twice, or a number that is
 * nobody's. Cheap enough to stay on: two looks at each entry, once a round.
 */
export class ViewInvariants {
  private readonly views: Views
  /** The node in whose view each peer was last seen, in this check. */
  private readonly holder: Int32Array

  constructor(views: Views) {
    this.views = views
    this.holder = new Int32Array(views.nodes)
  }

  get stateBytes(): number {
    return this.holder.byteLength
  }

  /**
   * @param living - whose views are looked at: the dead are too many where nodes come and go for long
   * @param known - the nodes below this number have lived; no view may name another one
   * @throws InvariantError naming the first node whose view is wrong
   */
  check(living: Int32Array, known: number): void {
    const { views, holder } = this
    const { words, capacity } = views
    holder.fill(NOBODY)

    for (const node of living) {
      const size = views.size(node)

      if (size < 0 || size > capacity) {
        throw new InvariantError(`node ${node} has ${size} peers in its view of ${capacity}`)
      }

      const first = views.firstPeer(node)

      for (let i = first; i < first + size; i++) {
        const peer = words[i]

        if (peer === node) {
          throw new InvariantError(`node ${node} has itself in its view`)
        }

        if (peer < 0 || peer >= known) {
          throw new InvariantError(`node ${node} has ${peer} in its view, which is no node`)
        }

        if (holder[peer] === node) {
          throw new InvariantError(`node ${node} has peer ${peer} twice in its view`)
        }

        holder[peer] = node
      }
    }
  }
}
