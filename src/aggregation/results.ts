import type { Schema } from './schema.ts'

/** No epoch: the node has finished none. */
export const NONE = -1

/** How the last epoch that each node has finished left its cells, for a population. */
export class Results {
  readonly epochs: Int32Array
  readonly rounds: Int32Array
  /** As the schema lays them out, `stride` of them for each node. */
  readonly cells: Float64Array
  /** By node and aggregate: its partners' distance, or -1 when the node met nobody toward the end. */
  readonly spreads: Float64Array
  readonly present: Uint8Array
  readonly sizes: Float64Array
  readonly sizeSpreads: Float64Array

  /** @param aggregates - most that there can be */
  constructor(nodes: number, { capacity }: Schema, aggregates: number) {
    this.epochs = new Int32Array(nodes).fill(NONE)
    this.rounds = new Int32Array(nodes)
    this.cells = new Float64Array(nodes * capacity)
    this.spreads = new Float64Array(nodes * aggregates)
    this.present = new Uint8Array(nodes * aggregates)
    this.sizes = new Float64Array(nodes)
    this.sizeSpreads = new Float64Array(nodes)
  }

  /** Bytes of its arrays. */
  get stateBytes(): number {
    const { epochs, rounds, cells, spreads, present, sizes, sizeSpreads } = this
    return [epochs, rounds, cells, spreads, present, sizes, sizeSpreads].reduce((sum, a) => sum + a.byteLength, 0)
  }
}
