import type { Entries } from './entries.ts'
import type { Value } from './event.ts'
import type { Filter } from './filter.ts'
import { LOWEST_CODE } from './index-axis.ts'
import { type Demand, demandsOf } from './index-demand.ts'
import { EntryBounds, type IndexHome, LANES } from './index-home.ts'
import type { IndexPlaces, Place } from './index-places.ts'

/** Values of an attribute are taken to be at least so many, until there are more. */
const FEWEST_VALUES = 16

/** Where a filter is to be found: by a range of an axis, or by values. */
interface Choice {
  demand: Demand
  place: Place
  values: readonly Value[] | undefined
  /** The share of events that come by, as far as filters tell. */
  share: number
}

/** A filter of an index, and where its entries are. */
export class IndexMember {
  readonly filter: Filter
  readonly demands: readonly Demand[]
  private home: IndexHome | undefined
  private values: readonly Value[] | undefined
  private lists: Entries[] = []
  private positions: number[] = []

  constructor(filter: Filter) {
    this.filter = filter
    this.demands = demandsOf(filter)
  }

  /**
   * Enters the filter where the fewest events come by.
   *
   * @param places - with one for each demand
   * @param unconditional - the home of filters that demand nothing
   * @param bounds - gets the filter's ends by lane
   */
  settle(id: number, places: IndexPlaces, unconditional: IndexHome, bounds: Float64Array): void {
    const choice = this.choose(places)
    const home = choice?.place.home ?? unconditional
    const codes = new EntryBounds()
    const first = id * LANES * 2
    let comparable = true

    for (let lane = 0; lane < LANES; lane++) {
      bounds[first + 2 * lane] = -Infinity
      bounds[first + 2 * lane + 1] = Infinity
    }

    for (const demand of this.demands) {
      const { axis } = places.of(demand)

      if (demand === choice?.demand && choice.values !== undefined) {
        // its values are where the filter is
        continue
      }

      const lane = home.lane(axis)
      comparable &&= demand.exact && lane !== -1

      if (lane !== -1) {
        codes.set(lane, axis.codeOf(demand.low), axis.codeOf(demand.high))
        bounds[first + 2 * lane] = demand.low
        bounds[first + 2 * lane + 1] = demand.high
      }
    }

    const reference = comparable ? id : ~id
    const { low, high } = codes
    this.home = home
    this.values = choice?.values
    this.lists = choice === undefined ? home.cover(LOWEST_CODE, LOWEST_CODE) : listsOf(choice)
    this.positions = this.lists.map(list => list.add(low[0], high[0], low[1], high[1], reference))
    home.size++
  }

  /** Takes the filter's entries out again. */
  leave(members: readonly (IndexMember | undefined)[]): void {
    const { home, lists, positions, values } = this

    for (let i = 0; i < lists.length; i++) {
      const moved = lists[i].removeAt(positions[i])
      ;(members[moved < 0 ? ~moved : moved] as IndexMember).move(lists[i], positions[i])
    }

    for (const value of values ?? []) {
      home?.dropIfEmpty(value)
    }

    if (home !== undefined) {
      home.size--
    }
  }

  private move(list: Entries, position: number): void {
    this.positions[this.lists.indexOf(list)] = position
  }

  /** Nothing if the filter demands nothing. */
  private choose(places: IndexPlaces): Choice | undefined {
    let best: Choice | undefined

    for (const demand of this.demands) {
      const place = places.of(demand)
      const { axis, home } = place
      const { values } = demand
      const range = (axis.codeOf(demand.high) - axis.codeOf(demand.low) + 1) / axis.codes
      const listed = values === undefined ? Infinity : values.length / Math.max(FEWEST_VALUES, home.values.size)
      const share = Math.min(range, listed)

      if (best === undefined || share < best.share) {
        best = { demand, place, values: listed <= range ? values : undefined, share }
      }
    }

    return best
  }
}

function listsOf({ demand, place, values }: Choice): Entries[] {
  const { axis, home } = place
  return values === undefined
    ? home.cover(axis.codeOf(demand.low), axis.codeOf(demand.high))
    : values.map(value => home.list(value))
}
