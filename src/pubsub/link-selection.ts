import { mix } from '../gossip/mix.ts'
import { INTEREST_LINKS, KEEP_ROUNDS, MAX_RING_LINKS } from './constants.ts'
import type { Links } from './links.ts'
import type { Members } from './members.ts'
import type { Region } from './region.ts'

/** Places for members that overlap, that are near, and that are anywhere. */
const NEAR_LINKS = INTEREST_LINKS / 2
const FAR_LINKS = Math.ceil(INTEREST_LINKS / 4)
const OTHER_LINKS = INTEREST_LINKS - NEAR_LINKS - FAR_LINKS

/**
 * Which links a member keeps: those that were of use on the circle lately; of the others that overlap it some, the same ones each time and
 * alike to nobody else's; of those that do not, the nearest, and some of all.
 */
export class LinkSelection {
  private readonly members: Members
  private readonly links: Links
  /** What is told of each link: the less the better. */
  private readonly worth: Float64Array
  private readonly sorted: Float64Array
  private readonly kept: Uint8Array

  constructor(members: Members, links: Links) {
    this.members = members
    this.links = links
    this.worth = new Float64Array(links.capacity)
    this.sorted = new Float64Array(links.capacity)
    this.kept = new Uint8Array(links.capacity)
  }

  trim(node: number): void {
    const { links, members, kept } = this
    const size = links.sizes[node]

    if (size <= NEAR_LINKS) {
      return
    }

    const first = links.first(node)
    const own = members.regions[node]
    const isRing = (i: number) => links.idle[first + i] <= KEEP_ROUNDS
    const isNear = (i: number) => links.near[first + i] === 1 && !isRing(i)
    const isFar = (i: number) => links.near[first + i] === 0
    const chance = (i: number) => mix(members.ids[links.members[first + i]] ^ mix(members.ids[node])) >>> 0
    kept.fill(0, 0, size)
    this.choose(size, MAX_RING_LINKS, isRing, i => links.idle[first + i] + chance(i) / 2 ** 32)
    this.choose(size, NEAR_LINKS, isNear, chance)

    if (own !== undefined) {
      this.choose(size, FAR_LINKS, isFar, i => own.separation(members.regions[links.members[first + i]] as Region))
    }

    this.choose(size, own === undefined ? INTEREST_LINKS : OTHER_LINKS, i => isFar(i) && kept[i] === 0, chance)
    links.keep(node, at => kept[at - first] === 1)
  }

  /** Keeps of those in question the `limit` with the least worth. */
  private choose(size: number, limit: number, isAsked: (i: number) => boolean, worthOf: (i: number) => number): void {
    const { worth, sorted, kept } = this
    let count = 0

    for (let i = 0; i < size; i++) {
      worth[i] = Number.POSITIVE_INFINITY

      if (isAsked(i)) {
        worth[i] = worthOf(i)
        sorted[count++] = worth[i]
      }
    }

    const bound = count <= limit ? Number.MAX_VALUE : sorted.subarray(0, count).sort()[limit - 1]
    // of those that are worth as much as the last one there is room for, such as all that ask for the same, the first on the circle
    let room = limit

    for (let i = 0; i < size; i++) {
      room -= worth[i] < bound ? 1 : 0
    }

    for (let i = 0; i < size; i++) {
      if (worth[i] < bound || (worth[i] === bound && room-- > 0)) {
        kept[i] = 1
      }
    }
  }
}
