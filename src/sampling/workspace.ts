import { PeerFilter } from '../gossip/peer-filter.ts'
import type { Views } from '../gossip/views.ts'

/**
 * Where two descriptor lists become one: room for a view and what came in, without duplicates. One for a population,
 * used during a merge only.
 */
export class Workspace {
  readonly peers: Int32Array
  readonly ages: Uint16Array
  /** Where the list begins and ends. */
  private first = 0
  private end = 0
  private readonly filter: PeerFilter

  constructor(capacity: number) {
    this.peers = new Int32Array(capacity)
    this.ages = new Uint16Array(capacity)
    this.filter = new PeerFilter(capacity)
  }

  get size(): number {
    return this.end - this.first
  }

  clear(): void {
    this.first = 0
    this.end = 0
    this.filter.clear()
  }

  /** Begins with the entries of a view, in their order. */
  load(views: Views, node: number): void {
    const { peers, ages, filter } = this
    const { words, halves } = views
    const firstPeer = views.firstPeer(node)
    const firstAge = views.firstAge(node)
    const size = views.size(node)
    filter.fill(words, firstPeer, size)

    for (let i = 0; i < size; i++) {
      peers[i] = words[firstPeer + i]
      ages[i] = halves[firstAge + i]
    }

    this.first = 0
    this.end = size
  }

  /** Replaces a view by the entries here, each so much older. */
  store(views: Views, node: number, older: number): void {
    views.replace(node, this.peers, this.ages, this.first, this.end, older)
  }

  /** Appends an entry. Of two with the same peer the younger one stays, at the place of the first. */
  add(peer: number, age: number): void {
    if (this.filter.add(peer)) {
      const place = this.indexOf(peer)

      if (place !== -1) {
        this.ages[place] = Math.min(age, this.ages[place])
        return
      }
    }

    this.peers[this.end] = peer
    this.ages[this.end++] = age
  }

  private indexOf(peer: number): number {
    for (let i = this.first; i < this.end; i++) {
      if (this.peers[i] === peer) {
        return i
      }
    }

    return -1
  }

  /** Removes the first entries. */
  removeFirst(count: number): void {
    this.first += count
  }

  /** Removes the oldest entries (of equals the first), and keeps the order of the others. */
  removeOldest(count: number): void {
    if (count === 0) {
      return
    }

    if (count === 1) {
      this.removeOneOldest()
      return
    }

    const { peers, ages, first, end } = this
    const { threshold, ties } = oldest(ages, first, end, count)
    let left = ties
    let to = first

    for (let i = first; i < end; i++) {
      const age = ages[i]

      if (age > threshold || (age === threshold && left-- > 0)) {
        continue
      }

      peers[to] = peers[i]
      ages[to++] = age
    }

    this.end = to
  }

  private removeOneOldest(): void {
    const { peers, ages } = this
    let at = this.first

    for (let i = this.first + 1; i < this.end; i++) {
      if (ages[i] > ages[at]) {
        at = i
      }
    }

    this.end--

    for (let i = at; i < this.end; i++) {
      peers[i] = peers[i + 1]
      ages[i] = ages[i + 1]
    }
  }

  /** Removes an entry; the last one takes its place. */
  removeAt(at: number): void {
    this.end--
    this.peers[this.first + at] = this.peers[this.end]
    this.ages[this.first + at] = this.ages[this.end]
  }
}

const scratch = new Uint16Array(1024)

/**
 * The age from which on the `count` oldest begin, of the ages from `first` to before `end`, and how many of exactly that
 * age are among them. Found by quickselect, in linear time.
 *
 * @param count - from 1 to the number of ages
 */
export function oldest(
  ages: Uint16Array,
  first: number,
  end: number,
  count: number
): { threshold: number; ties: number } {
  const size = end - first

  for (let i = 0; i < size; i++) {
    scratch[i] = ages[first + i]
  }

  let low = 0
  let high = size - 1
  const target = count - 1

  while (low < high) {
    const pivot = scratch[(low + high) >> 1]
    let i = low
    let j = high

    while (i <= j) {
      while (scratch[i] > pivot) i++
      while (scratch[j] < pivot) j--

      if (i <= j) {
        const age = scratch[i]
        scratch[i++] = scratch[j]
        scratch[j--] = age
      }
    }

    if (target <= j) {
      high = j
    } else if (target >= i) {
      low = i
    } else {
      break
    }
  }

  const threshold = scratch[target]
  let older = 0

  for (let i = first; i < end; i++) {
    if (ages[i] > threshold) {
      older++
    }
  }

  result.threshold = threshold
  result.ties = count - older
  return result
}

/** One answer for all calls: an exchange allocates nothing. */
const result = { threshold: 0, ties: 0 }
