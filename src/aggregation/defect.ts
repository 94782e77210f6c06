import { Instances } from './instances.ts'
import type { AggregationMessage } from './message.ts'
import type { Schema } from './schema.ts'

/** Why a message is bad. */
export type Defect = 'not-finite' | 'out-of-range' | 'wrong-epoch'

/** What is impossible of what a message brings, if anything is. */
export function claimDefect(schema: Schema, message: AggregationMessage): Defect | undefined {
  for (let number = 0; number < schema.size; number++) {
    if (schema.aggregates[number] != null && message.has(number)) {
      for (let i = schema.first[number]; i < schema.end[number]; i++) {
        const claim = message.cells[i]

        if (!(claim >= schema.from[i] && claim <= schema.to[i])) {
          return Number.isFinite(claim) ? 'out-of-range' : 'not-finite'
        }
      }
    }
  }

  return Instances.defect(message)
}
