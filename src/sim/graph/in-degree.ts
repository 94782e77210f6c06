import type { UndirectedGraph } from './undirected-graph.ts'

/** How many views of the living hold each of the living: how evenly the load is spread. */
export interface InDegree {
  mean: number
  /** Of the population, not of a sample. */
  standardDeviation: number
  max: number
  /** At index d: how many nodes have in-degree d; from 0 to `max`. */
  histogram: number[]
}

/** A link to oneself counts, and one that is there twice counts twice. */
export function inDegree({ firstInLink, living }: UndirectedGraph): InDegree {
  let max = 0
  let links = 0

  for (const node of living) {
    const degree = firstInLink[node + 1] - firstInLink[node]
    max = Math.max(max, degree)
    links += degree
  }

  const histogram = new Array<number>(max + 1).fill(0)

  for (const node of living) {
    histogram[firstInLink[node + 1] - firstInLink[node]]++
  }

  const nodes = Math.max(1, living.length)
  const mean = links / nodes
  const squares = histogram.reduce((sum, count, degree) => sum + count * (degree - mean) ** 2, 0)
  return { mean, standardDeviation: Math.sqrt(squares / nodes), max, histogram }
}
