import type { FilterJson, Value } from '../../src/pubsub/index.ts'

/** Slow and obvious: reads the JSON form anew for each event, one predicate after the other. */
export function plainMatch(filter: FilterJson, event: Record<string, Value>): boolean {
  return Object.entries(filter).every(([name, asked]) => {
    if (!Object.hasOwn(event, name)) {
      return false
    }

    const value = event[name]

    if (typeof asked !== 'object') {
      return value === asked
    }

    return Object.entries(asked).every(([operator, operand]) => {
      const number = operand === 'inf' ? Infinity : operand === '-inf' ? -Infinity : (operand as number)

      switch (operator) {
        case '<':
          return typeof value === 'number' && value < number
        case '<=':
          return typeof value === 'number' && value <= number
        case '>':
          return typeof value === 'number' && value > number
        case '>=':
          return typeof value === 'number' && value >= number
        case 'in':
          return (operand as Value[]).some(member => member === value)
        case 'starts':
          return typeof value === 'string' && value.slice(0, (operand as string).length) === operand
        case 'ends':
          return typeof value === 'string' && (operand === '' || value.slice(-(operand as string).length) === operand)
        default:
          throw new Error(operator)
      }
    })
  })
}
