import { lead, type Mark, reversedLead } from './axes.ts'
import type { Value } from './event.ts'
import { IndexAxis } from './index-axis.ts'
import { type Demand, TRUTH_CUTS } from './index-demand.ts'
import { IndexHome } from './index-home.ts'
import { WideFilters } from './wide-filters.ts'

/** An axis that some filter names, and the filters that are found by it. */
export interface Place {
  axis: IndexAxis
  home: IndexHome
  /** Where those are that have no narrow range; others may be there too. */
  wide?: WideFilters
}

type Places = Map<string, Place>

/** All places of an index, found by attribute and by the type of a value. */
export class IndexPlaces {
  private readonly numbers: Places = new Map()
  private readonly texts: Places = new Map()
  private readonly reversed: Places = new Map()
  private readonly truths: Places = new Map()
  private readonly all: Record<Mark, Places> = {
    '': this.numbers,
    ':text': this.texts,
    ':reversed': this.reversed,
    ':truth': this.truths
  }

  /** The place of a demand; there is one. */
  of({ name, mark }: Pick<Demand, 'name' | 'mark'>): Place {
    return this.all[mark].get(name) as Place
  }

  /** Makes a place for a demand if there is none, cut at the ends of the demands that are known. */
  open(demand: Demand, ends: (demand: Demand) => readonly number[]): Place {
    const { name, mark } = demand
    const places = this.all[mark]
    let place = places.get(name)

    if (place === undefined) {
      const axis = new IndexAxis(mark === ':truth' ? TRUTH_CUTS : ends(demand))
      place = { axis, home: new IndexHome(axis) }
      places.set(name, place)
    }

    return place
  }

  /**
   * Where a filter without a narrow range is to be, that is found by one demand: with others of its axes, so that there are few such sets
   * and an event looks at each once.
   */
  wideOf(found: Demand, demands: readonly Demand[]): WideFilters {
    const place = this.of(found)

    if (place.wide === undefined) {
      const known = demands.map(demand => this.of(demand).wide)
      place.wide = known.find(wide => wide !== undefined && wide.lane(place.axis) !== -1) ?? new WideFilters()
      // the axis must have a lane
      place.wide.lane(place.axis)
    }

    return place.wide
  }

  /** Places an attribute of the event of this turn on its axes, and tells of each that has filters of its own. */
  place(name: string, value: Value, turn: number, found: (place: Place) => void): void {
    switch (typeof value) {
      case 'number':
        placeOn(this.numbers.get(name), value, turn, found)
        break
      case 'boolean':
        placeOn(this.truths.get(name), Number(value), turn, found)
        break
      case 'string': {
        const text = this.texts.get(name)
        const reversed = this.reversed.get(name)

        if (text !== undefined) {
          placeOn(text, lead(value), turn, found)
        }

        if (reversed !== undefined) {
          placeOn(reversed, reversedLead(value), turn, found)
        }
      }
    }
  }

  *[Symbol.iterator](): Iterator<Place> {
    for (const places of Object.values(this.all)) {
      yield* places.values()
    }
  }
}

function placeOn(place: Place | undefined, at: number, turn: number, found: (place: Place) => void): void {
  if (place !== undefined) {
    place.axis.place(at, turn)

    if (place.home.size > 0 || place.wide !== undefined) {
      found(place)
    }
  }
}
