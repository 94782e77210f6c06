import { MAX_AGE, type Views } from '../gossip/views.ts'

/** Slots of the duplicate index per entry: sparse enough that a probe nearly always ends at once. */
const SLOTS_PER_ENTRY = 4

/**
 * Where two descriptor lists become one: room for a view and what came in, without duplicates. One for a population,
 * used during a merge only.
 */
export class Workspace {
  readonly peers: Int32Array
  readonly ages: Uint16Array
  size = 0
  /** Open addressing: the position of a peer in the list, valid where the mark is of this generation. */
  private readonly places: Uint16Array
  private readonly marks: Int32Array
  private readonly mask: number
  private generation = 0

  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(capacity * SLOTS_PER_ENTRY))
    this.peers = new Int32Array(capacity)
    this.ages = new Uint16Array(capacity)
    this.places = new Uint16Array(slots)
    this.marks = new Int32Array(slots)
    this.mask = slots - 1
  }

  clear(): void {
    this.size = 0
    this.generation = (this.generation + 1) | 0

    if (this.generation === 0) {
      this.marks.fill(0)
      this.generation = 1
    }
  }

  /** Begins with the entries of a view, in their order. */
  load(views: Views, node: number): void {
    this.clear()
    const size = views.size(node)

    for (let i = 0; i < size; i++) {
      this.add(views.peer(node, i), views.age(node, i))
    }
  }

  /** Replaces a view by the entries here. */
  store(views: Views, node: number): void {
    views.clear(node)

    for (let i = 0; i < this.size; i++) {
      views.append(node, this.peers[i], this.ages[i])
    }
  }

  /** Whether the peer was added since the last {@link clear}, even if it has been removed again. */
  seen(peer: number): boolean {
    return this.marks[this.slot(peer)] === this.generation
  }

  /** Appends an entry. Of two with the same peer the younger one stays, at the place of the first. */
  add(peer: number, age: number): void {
    const slot = this.slot(peer)

    if (this.marks[slot] === this.generation) {
      const place = this.places[slot]

      if (age < this.ages[place]) {
        this.ages[place] = age
      }

      return
    }

    this.marks[slot] = this.generation
    this.places[slot] = this.size
    this.peers[this.size] = peer
    this.ages[this.size++] = age
  }

  /** Makes every entry one exchange older. */
  grow(): void {
    for (let i = 0; i < this.size; i++) {
      if (this.ages[i] < MAX_AGE) {
        this.ages[i]++
      }
    }
  }

  /** Removes the first entries. After this and the other removals only they, {@link grow} and {@link store} may follow. */
  removeFirst(count: number): void {
    this.peers.copyWithin(0, count, this.size)
    this.ages.copyWithin(0, count, this.size)
    this.size -= count
  }

  /** Removes the oldest entries (of equals the first), and keeps the order of the others. */
  removeOldest(count: number): void {
    if (count === 1) {
      this.removeOneOldest()
      return
    }

    const { threshold, ties } = oldest(this.ages, this.size, count)
    let left = ties
    let to = 0

    for (let i = 0; i < this.size; i++) {
      const age = this.ages[i]

      if (age > threshold || (age === threshold && left-- > 0)) {
        continue
      }

      this.peers[to] = this.peers[i]
      this.ages[to++] = age
    }

    this.size = to
  }

  private removeOneOldest(): void {
    let at = 0

    for (let i = 1; i < this.size; i++) {
      if (this.ages[i] > this.ages[at]) {
        at = i
      }
    }

    this.size--

    for (let i = at; i < this.size; i++) {
      this.peers[i] = this.peers[i + 1]
      this.ages[i] = this.ages[i + 1]
    }
  }

  /** Removes an entry; the last one takes its place. */
  removeAt(at: number): void {
    this.size--
    this.peers[at] = this.peers[this.size]
    this.ages[at] = this.ages[this.size]
  }

  private slot(peer: number): number {
    // Fibonacci hashing: neighbouring numbers land far apart
    let slot = (Math.imul(peer, 0x9e3779b1) >>> 15) & this.mask

    while (this.marks[slot] === this.generation && this.peerAtSlot(slot) !== peer) {
      slot = (slot + 1) & this.mask
    }

    return slot
  }

  private peerAtSlot(slot: number): number {
    return this.peers[this.places[slot]]
  }
}

const scratch = new Uint16Array(1024)

/**
 * The age from which on the `count` oldest of `size` ages begin, and how many of exactly that age are among them. Found
 * by quickselect, in linear time.
 */
export function oldest(ages: Uint16Array, size: number, count: number): { threshold: number; ties: number } {
  result.threshold = MAX_AGE + 1
  result.ties = 0

  if (count <= 0) {
    return result
  }

  for (let i = 0; i < size; i++) {
    scratch[i] = ages[i]
  }

  let low = 0
  let high = size - 1
  const target = Math.min(count, size) - 1

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

  for (let i = 0; i < size; i++) {
    if (ages[i] > threshold) {
      older++
    }
  }

  result.threshold = threshold
  result.ties = Math.min(count, size) - older
  return result
}

/** One answer for all calls: an exchange allocates nothing. */
const result = { threshold: 0, ties: 0 }
