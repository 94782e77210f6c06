import type { Event, Value } from './event.ts'
import type { Filter } from './filter.ts'
import { LOWEST_CODE } from './index-axis.ts'
import { type Demand, demandsOf } from './index-demand.ts'
import { IndexHome, LANES } from './index-home.ts'
import { IndexMember } from './index-member.ts'
import { IndexPlaces, type Place } from './index-places.ts'

/** Changes that are let pass before everything is built anew, if they are as many as there are filters. */
const MIN_CHANGES = 64

/** An axis that has so many times the filters it was cut for is cut anew, */
const GROWTH = 4
/** if at least one filter in so many names it. */
const MINOR_AXIS = 16

/** An attribute of the present event, with filters that are found by it. */
interface Visit {
  place: Place
  value: Value
}

/**
 * Finds the filters that an event matches, of a hundred thousand in some microseconds.
 *
 * Each filter is kept where the fewest events come by: with the values of an attribute, or in the few cells of a narrow range, as a grid
 * over an axis has them. Next to it stand bounds of its other attributes, as codes of seven bits, eight of them in two words. What is
 * strictly within them matches; what is on a bound is compared in full. Filters without a narrow range are bits: see {@link WideFilters}.
 */
export class FilterIndex {
  private places = new IndexPlaces()
  /** Where filters that demand nothing are. */
  private unconditional = new IndexHome()
  private readonly members: (IndexMember | undefined)[] = []
  private readonly free: number[] = []
  /** Closed ends of each filter, two a lane. */
  private bounds = new Float64Array(0)
  private sure = new Int32Array(0)
  private unsure = new Int32Array(0)
  private readonly counts = new Int32Array(2)
  private turn = 0
  private changes = 0
  private count = 0

  /** Filters in the index. */
  get size(): number {
    return this.count
  }

  /** @returns its id, a whole number from 0 on: one that was removed, or the next one */
  add(filter: Filter): number {
    const id = this.free.pop() ?? this.members.length
    const member = new IndexMember(filter)
    const demands = demandsOf(filter)
    this.members[id] = member
    this.count++
    this.reserve()
    this.enter(id, member, demands, ({ low, high }) => [low, high])

    if (this.isDue() || demands.some(demand => this.hasOutgrown(this.places.of(demand)))) {
      this.rebuild()
    }

    return id
  }

  /** @returns whether there was a filter of this id */
  remove(id: number): boolean {
    const member = this.members[id]

    if (member === undefined) {
      return false
    }

    member.leave(this.members)

    for (const demand of demandsOf(member.filter)) {
      this.places.of(demand).axis.filters--
    }

    this.members[id] = undefined
    this.free.push(id)
    this.count--

    if (this.isDue()) {
      this.rebuild()
    }

    return true
  }

  /** The filter of an id. */
  get(id: number): Filter | undefined {
    return this.members[id]?.filter
  }

  /**
   * Finds all filters that an event matches.
   *
   * @returns their ids in no order, in a buffer that the next call may overwrite
   */
  match(event: Event): Int32Array {
    const { counts, sure, unsure, unconditional } = this
    const turn = ++this.turn
    const visits: Visit[] = []
    counts.fill(0)

    for (const [name, value] of event) {
      this.places.place(name, value, turn, place => visits.push({ place, value }))
    }

    unconditional.face(turn)
    unconditional.findByCode(LOWEST_CODE, sure, unsure, counts)

    for (const { place, value } of visits) {
      const { axis, home, wide } = place

      if (home.size > 0) {
        home.face(turn)
        home.findByValue(value, sure, unsure, counts)
        home.findByCode(axis.code, sure, unsure, counts)
      }

      wide?.find(turn, sure, unsure, counts)
      this.confirm(home, event)
    }

    return sure.subarray(0, counts[0])
  }

  /** Compares in full what is not sure. */
  private confirm(home: IndexHome, event: Event): void {
    const { bounds, counts, members, sure, unsure } = this
    const count = counts[1]
    let found = counts[0]

    for (let i = 0; i < count; i++) {
      const reference = unsure[i]

      if (reference >= 0) {
        if (home.isWithin(bounds, reference * LANES * 2)) {
          sure[found++] = reference
        }
      } else if ((members[~reference] as IndexMember).filter.matches(event)) {
        sure[found++] = ~reference
      }
    }

    counts[0] = found
    counts[1] = 0
  }

  private enter(
    id: number,
    member: IndexMember,
    demands: readonly Demand[],
    ends: (demand: Demand) => readonly number[]
  ): void {
    for (const demand of demands) {
      this.places.open(demand, ends).axis.filters++
    }

    member.settle(id, demands, this.places, this.unconditional, this.bounds)
  }

  /** Makes room for as many filters as there are. */
  private reserve(): void {
    const room = this.sure.length

    if (this.members.length > room) {
      const more = Math.max(MIN_CHANGES, 2 * room)
      const bounds = new Float64Array(more * LANES * 2)
      bounds.set(this.bounds)
      this.bounds = bounds
      this.sure = new Int32Array(more)
      this.unsure = new Int32Array(more)
    }
  }

  /** Whether so much has changed that axes are better cut elsewhere, and filters better kept elsewhere. */
  private isDue(): boolean {
    return ++this.changes >= Math.max(MIN_CHANGES, this.count)
  }

  private hasOutgrown({ axis }: Place): boolean {
    return (
      axis.filters >= Math.max(MIN_CHANGES, GROWTH * axis.filtersWhenCut) && axis.filters * MINOR_AXIS >= this.count
    )
  }

  /** Cuts all axes anew and settles all filters again, which takes as long as to add them. */
  private rebuild(): void {
    const { members } = this
    const ends = new Map<string, number[]>()
    const key = ({ name, mark }: Demand) => name + mark

    for (const member of members) {
      for (const demand of member === undefined ? [] : demandsOf(member.filter)) {
        const known = ends.get(key(demand)) ?? []
        known.push(demand.low, demand.high)
        ends.set(key(demand), known)
      }
    }

    this.places = new IndexPlaces()
    this.unconditional = new IndexHome()
    this.changes = 0
    members.forEach((member, id) => {
      if (member !== undefined) {
        this.enter(id, member, demandsOf(member.filter), demand => ends.get(key(demand)) as number[])
      }
    })

    for (const { axis } of this.places) {
      axis.filtersWhenCut = axis.filters
    }
  }
}
