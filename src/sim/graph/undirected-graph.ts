import type { Views } from '../../gossip/views.ts'

/**
 * The graph that the views of a population form: its vertices are the living, and an edge is where at least one of two
 * has the other in its view.
 *
 * What leads out of a node is read in the views themselves; only what leads in is stored, in compressed rows. So a
 * million nodes with views of 30 take 130 MB more, where rows of all neighbours would take twice that.
 */
export class UndirectedGraph {
  readonly views: Views
  /** The living, in ascending order. */
  living: Int32Array
  /** 1 for the living. */
  alive: Uint8Array
  /**
   * Those who have a node in their view: from `firstInLink[node]` to before `firstInLink[node + 1]`. Like the views they
   * may hold the node itself, and others twice; but nobody dead.
   */
  readonly inLinks: Int32Array
  readonly firstInLink: Int32Array
  private readonly slots: Int32Array
  /** The last question of {@link neighbours} in which each node was met. */
  private readonly met: Int32Array
  private question = 0

  constructor(views: Views) {
    this.views = views
    this.alive = new Uint8Array(0)
    this.inLinks = new Int32Array(views.nodes * views.capacity)
    this.firstInLink = new Int32Array(views.nodes + 1)
    this.slots = new Int32Array(views.nodes)
    this.living = this.slots.subarray(0, 0)
    this.met = new Int32Array(views.nodes)
  }

  /** Takes the views as they are now. The graph is that of this moment until the next call: views must not change. */
  read(alive: Uint8Array): void {
    this.alive = alive
    this.met.fill(0)
    this.question = 0
    this.readLiving()
    this.countInLinks()
    this.readInLinks()
  }

  /** Writes the distinct living neighbours of a living node into a list. @returns how many they are */
  neighbours(node: number, into: Int32Array): number {
    const { alive, firstInLink, inLinks, met, views } = this
    const { words } = views
    const question = ++this.question
    const firstPeer = views.firstPeer(node)
    const endPeer = firstPeer + views.size(node)
    const endInLink = firstInLink[node + 1]
    let count = 0
    met[node] = question

    for (let i = firstPeer; i < endPeer; i++) {
      const peer = words[i]

      if (met[peer] !== question && alive[peer] === 1) {
        met[peer] = question
        into[count++] = peer
      }
    }

    for (let i = firstInLink[node]; i < endInLink; i++) {
      const peer = inLinks[i]

      if (met[peer] !== question) {
        met[peer] = question
        into[count++] = peer
      }
    }

    return count
  }

  private readLiving(): void {
    const { alive, slots } = this
    let count = 0

    for (let node = 0; node < slots.length; node++) {
      if (alive[node] === 1) {
        slots[count++] = node
      }
    }

    this.living = slots.subarray(0, count)
  }

  /** Leaves in `firstInLink[node + 1]` where the node's row begins. */
  private countInLinks(): void {
    const { alive, firstInLink, living, views } = this
    const { words } = views
    firstInLink.fill(0)

    for (const node of living) {
      const first = views.firstPeer(node)
      const end = first + views.size(node)

      for (let i = first; i < end; i++) {
        firstInLink[words[i] + 1]++
      }
    }

    let begin = 0

    for (let node = 0; node < views.nodes; node++) {
      const count = alive[node] === 1 ? firstInLink[node + 1] : 0
      firstInLink[node + 1] = begin
      begin += count
    }
  }

  /** Fills the rows; each `firstInLink[node + 1]` moves from where the row begins to where it ends. */
  private readInLinks(): void {
    const { alive, firstInLink, inLinks, living, views } = this
    const { words } = views

    for (const node of living) {
      const first = views.firstPeer(node)
      const end = first + views.size(node)

      for (let i = first; i < end; i++) {
        const peer = words[i]

        if (alive[peer] === 1) {
          inLinks[firstInLink[peer + 1]++] = node
        }
      }
    }
  }
}
