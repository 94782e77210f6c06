import type { UndirectedGraph } from './undirected-graph.ts'

/**
 * Clustering coefficients: how many of the pairs of a node's neighbours are neighbours themselves, from 0 to 1; 0 for
 * who has fewer than two (Watts and Strogatz, "Collective dynamics of small-world networks", Nature 393, 1998).
 */
export class Clustering {
  private readonly graph: UndirectedGraph
  /** The node around which each was last seen. */
  private readonly around: Int32Array
  private readonly neighbours: Int32Array
  private readonly degree: Int32Array
  private readonly triangles: Int32Array
  /** Neighbours of higher degree, of equals those of higher number: from `firstAhead[node]` to `firstAhead[node + 1]`. */
  private readonly ahead: Int32Array
  private readonly firstAhead: Int32Array

  /** @param exactUpTo - most living nodes for which {@link exact} has room */
  constructor(graph: UndirectedGraph, exactUpTo: number) {
    const { nodes, capacity } = graph.views
    this.graph = graph
    this.around = new Int32Array(nodes)
    this.neighbours = new Int32Array(nodes)
    this.degree = new Int32Array(nodes)
    this.triangles = new Int32Array(nodes)
    this.ahead = new Int32Array(Math.min(nodes, exactUpTo) * capacity)
    this.firstAhead = new Int32Array(nodes + 1)
  }

  /** Mean over all the living. */
  exact(): number {
    const { degree, triangles } = this
    const { living } = this.graph
    this.orient()
    this.countTriangles()
    let sum = 0

    for (const node of living) {
      sum += share(triangles[node], degree[node])
    }

    return sum / Math.max(1, living.length)
  }

  /** Mean over some of the living. */
  of(nodes: Int32Array): number {
    this.around.fill(-1)
    let sum = 0

    for (const node of nodes) {
      sum += this.local(node)
    }

    return sum / Math.max(1, nodes.length)
  }

  /** Reads only the views of the neighbours: one whom very many know costs no more than others. */
  private local(node: number): number {
    const { around, graph, neighbours } = this
    const { views } = graph
    const { words } = views
    const degree = graph.neighbours(node, neighbours)
    let edges = 0

    for (let i = 0; i < degree; i++) {
      around[neighbours[i]] = node
    }

    for (let i = 0; i < degree; i++) {
      const one = neighbours[i]
      const first = views.firstPeer(one)
      const end = first + views.size(one)

      for (let j = first; j < end; j++) {
        const other = words[j]

        if (around[other] === node && views.indexOf(one, other) === j - first) {
          // what both say of each other counts once, and what one says of itself not at all
          edges += one < other || views.indexOf(other, one) === -1 ? 1 : 0
        }
      }
    }

    return share(edges, degree)
  }

  private orient(): void {
    const { ahead, degree, firstAhead, graph, neighbours } = this
    const { alive, living, views } = graph
    let end = 0

    for (const node of living) {
      degree[node] = graph.neighbours(node, neighbours)
    }

    for (let node = 0; node < views.nodes; node++) {
      firstAhead[node] = end

      if (alive[node] === 0) {
        continue
      }

      const count = graph.neighbours(node, neighbours)

      for (let i = 0; i < count; i++) {
        const peer = neighbours[i]

        if (degree[peer] > count || (degree[peer] === count && peer > node)) {
          ahead[end++] = peer
        }
      }
    }

    firstAhead[views.nodes] = end
  }

  /**
   * Each triangle is found once, at its end of lowest degree: the forward algorithm (Latapy, "Main-memory triangle
   * computations for very large (sparse (power-law)) graphs", Theoretical Computer Science 407, 2008), with marks
   * instead of merged lists.
   */
  private countTriangles(): void {
    const { ahead, around, firstAhead, graph, triangles } = this
    around.fill(-1)
    triangles.fill(0)

    for (const node of graph.living) {
      const end = firstAhead[node + 1]
      let found = 0

      for (let i = firstAhead[node]; i < end; i++) {
        around[ahead[i]] = node
      }

      for (let i = firstAhead[node]; i < end; i++) {
        const second = ahead[i]
        const endOfSecond = firstAhead[second + 1]
        let withSecond = 0

        for (let j = firstAhead[second]; j < endOfSecond; j++) {
          const third = ahead[j]

          if (around[third] === node) {
            triangles[third]++
            withSecond++
          }
        }

        triangles[second] += withSecond
        found += withSecond
      }

      triangles[node] += found
    }
  }
}

function share(edges: number, degree: number): number {
  return degree < 2 ? 0 : (2 * edges) / (degree * (degree - 1))
}
