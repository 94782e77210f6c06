import { Entries } from './entries.ts'
import type { Value } from './event.ts'
import { ABSENT, HIGHEST_CODE, type IndexAxis, LOWEST_CODE } from './index-axis.ts'

/** Lanes of codes that an entry has. */
export const LANES = 8

const LANES_A_WORD = 4

/** Bounds of one entry in all lanes: first those that hold whatever there is. */
export class EntryBounds {
  readonly low = new Int32Array(LANES / LANES_A_WORD)
  readonly high = new Int32Array(LANES / LANES_A_WORD)

  constructor() {
    this.low.fill(LOWEST_CODE * 0x01010101)
    this.high.fill(HIGHEST_CODE * 0x01010101)
  }

  set(lane: number, low: number, high: number): void {
    const shift = 8 * (lane % LANES_A_WORD)
    this.low[lane >> 2] ^= (low ^ LOWEST_CODE) << shift
    this.high[lane >> 2] ^= (high ^ HIGHEST_CODE) << shift
  }
}

/**
 * Where filters are kept that are found by one axis: by values on it, or by the few cells of a narrow range. All have lanes in common.
 */
export class IndexHome {
  /** Axes that entries have bounds of. */
  readonly lanes: IndexAxis[] = []
  readonly values = new Map<Value, Entries>()
  /** Filters here. */
  size = 0
  private readonly cells: Entries[] = []
  /** Codes of the present event, four lanes a word, and its numbers. */
  codes = 0
  moreCodes = 0
  readonly numbers = new Float64Array(LANES)

  /** @param axis - what filters are found by, which has the first lane */
  constructor(axis?: IndexAxis) {
    if (axis !== undefined) {
      this.lanes.push(axis)
    }
  }

  /** The lane of an axis, which is given one if there is any left, or -1. */
  lane(axis: IndexAxis): number {
    const lane = this.lanes.indexOf(axis)
    return lane !== -1 || this.lanes.length === LANES ? lane : this.lanes.push(axis) - 1
  }

  /** The filters of a cell of the axis, by its code. */
  cell(code: number): Entries {
    this.cells[code] ??= new Entries()
    return this.cells[code]
  }

  /** The list of a value. */
  list(value: Value): Entries {
    let list = this.values.get(value)

    if (list === undefined) {
      list = new Entries()
      this.values.set(value, list)
    }

    return list
  }

  /** Takes the codes of the event of this turn. */
  face(turn: number): void {
    const { lanes, numbers } = this
    this.codes = ABSENT * 0x01010101
    this.moreCodes = ABSENT * 0x01010101

    for (let lane = 0; lane < lanes.length; lane++) {
      const axis = lanes[lane]
      const present = axis.turn === turn
      const code = (present ? axis.code : ABSENT) ^ ABSENT
      // who names an axis that the event lacks is turned down by its code
      numbers[lane] = axis.value

      if (lane < 4) {
        this.codes ^= code << (8 * lane)
      } else {
        this.moreCodes ^= code << (8 * (lane - 4))
      }
    }
  }

  /** Finds what holds the event's codes among the filters of one value. */
  findByValue(value: Value, sure: Int32Array, unsure: Int32Array, counts: Int32Array): void {
    this.values.get(value)?.find(this.codes, this.moreCodes, sure, unsure, counts)
  }

  /** Whether the event's numbers are within closed ends by lane, two a lane from a place of an array on. */
  isWithin(bounds: Float64Array, first: number): boolean {
    const { lanes, numbers } = this

    for (let lane = 0; lane < lanes.length; lane++) {
      const at = first + 2 * lane

      if (!(numbers[lane] >= bounds[at] && numbers[lane] <= bounds[at + 1])) {
        return false
      }
    }

    return true
  }

  /** Finds what holds the event's codes among the filters of one cell. */
  findByCode(code: number, sure: Int32Array, unsure: Int32Array, counts: Int32Array): void {
    this.cells[code]?.find(this.codes, this.moreCodes, sure, unsure, counts)
  }
}
