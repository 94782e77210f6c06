import { MAX_SOURCES, MultiSourceSearch } from './multi-source-search.ts'
import type { UndirectedGraph } from './undirected-graph.ts'

/** The average length of shortest paths, in links taken in both directions. */
export class PathLength {
  private readonly graph: UndirectedGraph
  private readonly search: MultiSourceSearch

  constructor(graph: UndirectedGraph) {
    this.graph = graph
    this.search = new MultiSourceSearch(graph)
  }

  /** Mean over all pairs of living nodes that a path connects; 0 when there is none. */
  exact(): number {
    const { living } = this.graph
    let paths = 0
    let length = 0

    for (let at = 0; at < living.length; at += MAX_SOURCES) {
      const sources = living.subarray(at, at + MAX_SOURCES)
      const last = sources[sources.length - 1]
      // from those before, the sources have been found already; to those behind and back it is as far
      const each = sources.length - 1 + 2 * (living.length - at - sources.length)
      const found = this.search.run(sources, sources[0], last + 1, sources.length * each)
      paths += found.paths
      length += found.length
    }

    return length / Math.max(1, paths)
  }

  /** Mean over the pairs of one of these nodes and any other that lives; 0 when no path connects any. */
  of(nodes: Int32Array): number {
    const { living, views } = this.graph
    let paths = 0
    let length = 0

    for (let at = 0; at < nodes.length; at += MAX_SOURCES) {
      const sources = nodes.subarray(at, at + MAX_SOURCES)
      const found = this.search.run(sources, 0, views.nodes, sources.length * (living.length - 1))
      paths += found.paths
      length += found.length
    }

    return length / Math.max(1, paths)
  }
}
