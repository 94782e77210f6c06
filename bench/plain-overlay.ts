import type { PeerSource } from '../src/gossip/peer-source.ts'
import type { Random } from '../src/gossip/random.ts'

/** Most random members of a node. */
const MEMBERS = 64

/**
 * Overlay construction on a torus as one writes it for one experiment: node i at (i mod N, i / N), everybody lives, no ages, no
 * directions. Each round every node swaps with one of its psi nearest the m descriptors nearest to the other one, out of
 * both layers, and both keep the c nearest; ties at random.
 */
export class PlainOverlay {
  readonly nodes: number
  readonly views: Int32Array
  readonly sizes: Int32Array
  private readonly side: number
  private readonly view: number
  private readonly message: number
  private readonly psi: number
  private readonly source: PeerSource
  private readonly random: Random
  private readonly order: Int32Array
  /** For which list a peer was last seen. */
  private readonly seen: Int32Array
  private list = 0
  private readonly members = new Int32Array(MEMBERS)
  private readonly peers: Int32Array
  private readonly distances: Float64Array
  private chosen = 0
  private readonly request: Int32Array
  private readonly reply: Int32Array

  constructor(side: number, view: number, message: number, psi: number, source: PeerSource, random: Random) {
    this.nodes = side * side
    this.side = side
    this.view = view
    this.message = message
    this.psi = psi
    this.source = source
    this.random = random
    this.views = new Int32Array(this.nodes * view)
    this.sizes = new Int32Array(this.nodes)
    this.order = Int32Array.from({ length: this.nodes }, (_, node) => node)
    this.seen = new Int32Array(this.nodes)
    this.peers = new Int32Array(Math.max(view, message))
    this.distances = new Float64Array(Math.max(view, message))
    this.request = new Int32Array(message)
    this.reply = new Int32Array(message)
  }

  run(): void {
    const { order, random, sizes, views, view, psi, source, request, reply } = this
    random.shuffle(order)

    for (let i = 0; i < order.length; i++) {
      const node = order[i]
      const size = sizes[node]
      const partner = size === 0 ? source.sample(node) : views[node * view + random.below(Math.min(size, psi))]
      const asked = this.fill(node, partner, request)
      const answered = this.fill(partner, node, reply)
      this.merge(partner, request, asked)
      this.merge(node, reply, answered)
    }
  }

  private fill(node: number, to: number, out: Int32Array): number {
    const { views, sizes, view, message, members, peers } = this
    const count = this.source.members(node, members)
    this.begin(to)
    this.offer(node, to, message)

    for (let i = node * view; i < node * view + sizes[node]; i++) {
      this.offer(views[i], to, message)
    }

    for (let i = 0; i < count; i++) {
      this.offer(members[i], to, message)
    }

    for (let i = 0; i < this.chosen; i++) {
      out[i] = peers[i]
    }

    return this.chosen
  }

  private merge(node: number, received: Int32Array, count: number): void {
    const { views, sizes, view, peers } = this
    this.begin(node)

    for (let i = node * view; i < node * view + sizes[node]; i++) {
      this.offer(views[i], node, view)
    }

    for (let i = 0; i < count; i++) {
      this.offer(received[i], node, view)
    }

    for (let i = 0; i < this.chosen; i++) {
      views[node * view + i] = peers[i]
    }

    sizes[node] = this.chosen
  }

  private begin(to: number): void {
    this.list++
    this.seen[to] = this.list
    this.chosen = 0
  }

  private offer(peer: number, to: number, limit: number): void {
    const { side, seen, list, peers, distances } = this

    if (seen[peer] === list) {
      return
    }

    seen[peer] = list
    const dx = Math.abs((peer % side) - (to % side))
    const dy = Math.abs(((peer / side) | 0) - ((to / side) | 0))
    const distance = Math.min(dx, side - dx) + Math.min(dy, side - dy) + this.random.fraction()

    if (this.chosen === limit) {
      if (distance >= distances[limit - 1]) {
        return
      }

      this.chosen--
    }

    let at = this.chosen++

    for (; at > 0 && distances[at - 1] > distance; at--) {
      distances[at] = distances[at - 1]
      peers[at] = peers[at - 1]
    }

    distances[at] = distance
    peers[at] = peer
  }
}
