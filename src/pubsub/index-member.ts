import type { Entries } from './entries.ts'
import type { Value } from './event.ts'
import type { Filter } from './filter.ts'
import { LOWEST_CODE } from './index-axis.ts'
import type { Demand } from './index-demand.ts'
import { EntryBounds, type IndexHome, LANES } from './index-home.ts'
import type { IndexPlaces } from './index-places.ts'
import type { LaneBounds, WideFilters } from './wide-filters.ts'

/** Values of an attribute are taken to be at least so many, until there are more. */
const FEWEST_VALUES = 16

/**
 * Largest share of an axis that is narrow; what is wider is a bit. Our choice among 0, 1/100, 1/60 and 1/32: where ranges are narrow the last
 * two took 5 microseconds an event and none at all 14, elsewhere noise hides what there may be between them. Larger ones were not tried.
 */
const NARROW = 1 / 32

/** Filters of an axis from which on bits are worth their rows, of which there are many. */
const ENOUGH_FOR_ROWS = 64

/** Where a filter is to be found: by values, by a range, or if it demands nothing by neither. */
interface Choice {
  home: IndexHome
  /** What it is found by. */
  demand?: Demand
  values?: readonly Value[]
  /** The share of events that come by, as far as filters tell. */
  share: number
}

/** Where a filter is that has values, or a narrow range. */
interface InLists {
  home: IndexHome
  lists: Entries[]
  /** Its position in each list. */
  positions: number[]
}

/** Where a filter is that has neither, on an axis of many. */
interface AmongWide {
  wide: WideFilters
  bit: number
  bounds: LaneBounds[]
}

/** A filter of an index, and where it is. */
export class IndexMember {
  readonly filter: Filter
  private seat: InLists | AmongWide | undefined

  constructor(filter: Filter) {
    this.filter = filter
  }

  /**
   * Enters the filter where the fewest events come by.
   *
   * @param demands - those of the filter, which are not kept
   * @param places - with one for each demand
   * @param unconditional - the home of filters that demand nothing
   * @param ends - gets the filter's ends by lane
   */
  settle(
    id: number,
    demands: readonly Demand[],
    places: IndexPlaces,
    unconditional: IndexHome,
    ends: Float64Array
  ): void {
    const { home, demand, values, share } = choose(demands, places, unconditional)
    const isWide = demand !== undefined && values === undefined && share > NARROW
    const isCommon = demand !== undefined && places.of(demand).axis.filters >= ENOUGH_FOR_ROWS
    const wide = isWide && isCommon ? places.wideOf(demand, demands) : undefined
    // what it is found by as a value need not be compared again
    const compared = demands.filter(other => other !== demand || values === undefined)
    const bounds = compared.map(({ low, high, ...other }) => {
      const { axis } = places.of(other)
      return { lane: (wide ?? home).lane(axis), axis, low, high }
    })
    const comparable = compared.every(({ exact }) => exact) && bounds.every(({ lane }) => lane !== -1)
    const reference = comparable ? id : ~id
    const inLanes = bounds.filter(({ lane }) => lane !== -1)

    if (wide !== undefined) {
      this.seat = { wide, bounds: inLanes, bit: wide.add(reference, inLanes) }
      return
    }

    const { low, high } = this.compress(id, inLanes, ends)
    const lists = values?.map(value => home.list(value)) ?? cells(home, demand, places)
    const positions = lists.map(list => list.add(low[0], high[0], low[1], high[1], reference))
    this.seat = { home, lists, positions }
    home.size++
  }

  /** Takes the filter out again. */
  leave(members: readonly (IndexMember | undefined)[]): void {
    const { seat } = this

    if (seat === undefined) {
      return
    }

    if ('wide' in seat) {
      seat.wide.remove(seat.bit, seat.bounds)
      return
    }

    seat.home.size--
    seat.lists.forEach((list, i) => {
      const moved = list.removeAt(seat.positions[i])
      members[moved < 0 ? ~moved : moved]?.move(list, seat.positions[i])
    })
  }

  private move(list: Entries, position: number): void {
    const { lists, positions } = this.seat as InLists
    positions[lists.indexOf(list)] = position
  }

  /** Bounds as codes, and as they are at the filter's place among the ends of all. */
  private compress(id: number, bounds: readonly LaneBounds[], ends: Float64Array): EntryBounds {
    const codes = new EntryBounds()
    const first = id * LANES * 2

    for (let lane = 0; lane < LANES; lane++) {
      ends[first + 2 * lane] = -Infinity
      ends[first + 2 * lane + 1] = Infinity
    }

    for (const { lane, axis, low, high } of bounds) {
      codes.set(lane, axis.codeOf(low), axis.codeOf(high))
      ends[first + 2 * lane] = low
      ends[first + 2 * lane + 1] = high
    }

    return codes
  }
}

function choose(demands: readonly Demand[], places: IndexPlaces, unconditional: IndexHome): Choice {
  let best: Choice = { home: unconditional, share: Infinity }

  for (const demand of demands) {
    const { axis, home } = places.of(demand)
    const { values } = demand
    const range = (axis.codeOf(demand.high) - axis.codeOf(demand.low) + 1) / axis.codes
    const listed = values === undefined ? Infinity : values.length / Math.max(FEWEST_VALUES, home.values.size)
    const share = Math.min(range, listed)

    if (share < best.share) {
      best = { home, demand, values: listed <= range ? values : undefined, share }
    }
  }

  return best
}

function cells(home: IndexHome, demand: Demand | undefined, places: IndexPlaces): Entries[] {
  if (demand === undefined) {
    return [home.cell(LOWEST_CODE)]
  }

  const { axis } = places.of(demand)
  const first = axis.codeOf(demand.low)
  return Array.from({ length: axis.codeOf(demand.high) - first + 1 }, (_, i) => home.cell(first + i))
}
