import type { UndirectedGraph } from './undirected-graph.ts'

// Each node has a word of bits, and gives it to its neighbours or takes theirs. Four neighbours at a time where nothing
// else is to be done: these loops are most of the work of a measurement.

/** Adds bits to the words of all neighbours of a node, and of dead peers in its view. */
export function give(graph: UndirectedGraph, node: number, words: Int32Array, bits: number): void {
  const { firstInLink, inLinks, views } = graph
  const first = views.firstPeer(node)
  giveRow(views.words, first, first + views.size(node), words, bits)
  giveRow(inLinks, firstInLink[node], firstInLink[node + 1], words, bits)
}

/** The same, and appends to a list who had no bits before. @returns the new length of the list */
export function giveListing(
  graph: UndirectedGraph,
  node: number,
  words: Int32Array,
  bits: number,
  list: Int32Array,
  length: number
): number {
  const { firstInLink, inLinks, views } = graph
  const first = views.firstPeer(node)
  const listed = giveRowListing(views.words, first, first + views.size(node), words, bits, list, length)
  return giveRowListing(inLinks, firstInLink[node], firstInLink[node + 1], words, bits, list, listed)
}

/** The bits that a node knows and those of its neighbours. Ends when they are all there: -1. */
export function take(graph: UndirectedGraph, node: number, words: Int32Array, known: number): number {
  const { firstInLink, inLinks, views } = graph
  const first = views.firstPeer(node)
  const bits = takeRow(views.words, first, first + views.size(node), words, known)
  return takeRow(inLinks, firstInLink[node], firstInLink[node + 1], words, bits)
}

/** The bits that a node knows and those of the neighbours of its neighbours. Ends when they are all there: -1. */
export function takeTwoAway(graph: UndirectedGraph, node: number, words: Int32Array, known: number): number {
  const { alive, firstInLink, inLinks, views } = graph
  const first = views.firstPeer(node)
  const end = first + views.size(node)
  const endInLink = firstInLink[node + 1]
  let bits = known

  for (let i = first; i < end && bits !== -1; i++) {
    if (alive[views.words[i]] === 1) {
      bits = take(graph, views.words[i], words, bits)
    }
  }

  for (let i = firstInLink[node]; i < endInLink && bits !== -1; i++) {
    bits = take(graph, inLinks[i], words, bits)
  }

  return bits
}

function giveRow(row: Int32Array, from: number, to: number, words: Int32Array, bits: number): void {
  let i = from

  for (; i < to - 3; i += 4) {
    words[row[i]] |= bits
    words[row[i + 1]] |= bits
    words[row[i + 2]] |= bits
    words[row[i + 3]] |= bits
  }

  for (; i < to; i++) {
    words[row[i]] |= bits
  }
}

function giveRowListing(
  row: Int32Array,
  from: number,
  to: number,
  words: Int32Array,
  bits: number,
  list: Int32Array,
  length: number
): number {
  let end = length

  for (let i = from; i < to; i++) {
    const node = row[i]

    if (words[node] === 0) {
      list[end++] = node
    }

    words[node] |= bits
  }

  return end
}

function takeRow(row: Int32Array, from: number, to: number, words: Int32Array, known: number): number {
  let bits = known
  let i = from

  for (; i < to - 3 && bits !== -1; i += 4) {
    bits |= words[row[i]] | words[row[i + 1]] | words[row[i + 2]] | words[row[i + 3]]
  }

  for (; i < to && bits !== -1; i++) {
    bits |= words[row[i]]
  }

  return bits
}
