import type { ExperimentResult, MeasuredRound } from './experiment.ts'
import type { SweptResult } from './sweep.ts'

/** Results as a table: a line for each measurement of each run. */
export interface ResultTable {
  columns: string[]
  /** By column; what was not measured there is missing. */
  records: Array<Record<string, string | number>>
}

/**
 * Flattens results: `experiment`, `seed`, the swept options, `round`, then what was measured, groups by their names and
 * dots (`inDegree.mean`), a distribution as pairs of a value and how many have it (`29:4 30:17`).
 */
export function resultTable(results: SweptResult[]): ResultTable {
  const records = results.flatMap(({ swept, result }) =>
    (result.repeated?.runs ?? [result]).flatMap(run => run.rounds.map(measured => recordOf(run, swept, measured)))
  )
  // some rounds may have measures that others lack
  const columns = new Set<string>()

  for (const record of records) {
    for (const column of Object.keys(record)) {
      columns.add(column)
    }
  }

  return { columns: [...columns], records }
}

function recordOf(
  { experiment, seed }: ExperimentResult,
  swept: SweptResult['swept'],
  { round, ...measures }: MeasuredRound<object>
): ResultTable['records'][number] {
  // the seed may be swept too: that of the run counts
  return Object.assign({ experiment, seed }, swept, { seed, round }, flattened(measures))
}

function flattened(group: object, prefix = ''): Record<string, string | number> {
  const cells: Record<string, string | number> = {}

  for (const [name, value] of Object.entries(group)) {
    if (Array.isArray(value)) {
      cells[prefix + name] = pairs(value)
    } else if (typeof value === 'object' && value !== null) {
      Object.assign(cells, flattened(value, `${prefix}${name}.`))
    } else {
      // a share of nothing
      cells[prefix + name] = Number.isNaN(value) ? '' : value
    }
  }

  return cells
}

function pairs(distribution: number[]): string {
  return distribution.flatMap((count, value) => (count === 0 ? [] : [`${value}:${count}`])).join(' ')
}
