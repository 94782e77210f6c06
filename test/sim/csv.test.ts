import assert from 'node:assert/strict'
import fc from 'fast-check'
import { resultTable } from '../../src/sim/csv.ts'
import type { ExperimentResult } from '../../src/sim/experiment.ts'
import type { SweptResult } from '../../src/sim/sweep.ts'

const PERFORMANCE = {
  seconds: 0,
  measuringSeconds: 0,
  exchanges: 0,
  nanosecondsPerExchange: 0,
  peakMemoryBytes: 0,
  bytesPerNode: 0
}

function runOf(rounds: Array<{ round: number }>, seed = 1): ExperimentResult {
  return {
    experiment: 'dice',
    parameters: {},
    seed,
    rounds,
    final: rounds[rounds.length - 1],
    performance: PERFORMANCE
  }
}

function sweptOf(result: ExperimentResult, swept: Record<string, string> = {}): SweptResult {
  return { label: '', swept, result }
}

/** Follows the dots of a column's name. */
function lookUp(group: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown>)?.[name], group)
}

describe('results as a table', () => {
  it('have a line for each measurement, in order', () => {
    const { columns, records } = resultTable([sweptOf(runOf([{ round: 5 }, { round: 10 }], 7))])
    assert.deepEqual(columns, ['experiment', 'seed', 'round'])
    assert.deepEqual(records, [
      { experiment: 'dice', seed: 7, round: 5 },
      { experiment: 'dice', seed: 7, round: 10 }
    ])
  })

  it('have an empty cell where there was nothing to take a share of', () => {
    const { records } = resultTable([
      sweptOf(runOf([Object.assign({ round: 0 }, { polluted: { samples: Number.NaN } })]))
    ])
    assert.deepEqual(records, [{ experiment: 'dice', seed: 1, round: 0, 'polluted.samples': '' }])
  })

  it('have every number under the names of its groups, and nothing else', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/)
    const { group } = fc.letrec(tie => ({
      group: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, fc.double({ noNaN: true }), tie('group')), {
        maxKeys: 4
      })
    }))

    fc.assert(
      fc.property(group, measures => {
        const measured = { round: 1, measures }
        const { columns, records } = resultTable([sweptOf(runOf([measured]))])
        const numbers = columns.filter(column => column.startsWith('measures.'))
        const text = JSON.stringify(measures, (_, value) => (typeof value === 'number' ? 1 : value))
        assert.equal(numbers.length, text.match(/:1/g)?.length ?? 0)

        for (const column of numbers) {
          assert.equal(records[0][column], lookUp(measured, column))
        }
      })
    )
  })

  it('have a distribution in one cell, from which it can be had again', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3)), histogram => {
        const [{ histogram: cell }] = resultTable([sweptOf(runOf([{ round: 1, ...{ histogram } }]))]).records
        const again = histogram.map(() => 0)

        for (const pair of String(cell).split(' ').filter(Boolean)) {
          const [value, count] = pair.split(':').map(Number)
          assert.ok(count > 0)
          again[value] = count
        }

        assert.deepEqual(again, histogram)
      })
    )
  })

  it('leave empty what some rounds have and others lack', () => {
    const { columns, records } = resultTable([
      sweptOf(
        runOf([
          { round: 1, ...{ a: 1 } },
          { round: 2, ...{ b: 2 } }
        ])
      )
    ])
    assert.deepEqual(columns, ['experiment', 'seed', 'round', 'a', 'b'])
    assert.deepEqual(
      records.map(({ a, b }) => [a, b]),
      [
        [1, undefined],
        [undefined, 2]
      ]
    )
  })

  it('have each run of several by itself, and each combination of a sweep', () => {
    const runs = [runOf([{ round: 1 }], 3), runOf([{ round: 1 }], 4)]
    const spread = { rounds: [], final: { round: 1 } }
    const repeated = { ...runOf([{ round: 1 }], 3), repeated: { spread, runs } }
    const { columns, records } = resultTable([
      sweptOf(repeated, { loss: '0' }),
      sweptOf({ ...repeated, repeated: { spread, runs: [runOf([{ round: 1 }], 5)] } }, { loss: '0.1' })
    ])
    assert.deepEqual(columns, ['experiment', 'seed', 'loss', 'round'])
    assert.deepEqual(
      records.map(({ seed, loss }) => [seed, loss]),
      [
        [3, '0'],
        [4, '0'],
        [5, '0.1']
      ]
    )
  })

  it('have the seed of the run when seeds are swept', () => {
    const runs = [runOf([{ round: 1 }], 10), runOf([{ round: 1 }], 11)]
    const result = { ...runs[0], repeated: { spread: { rounds: [], final: { round: 1 } }, runs } }
    const { columns, records } = resultTable([sweptOf(result, { seed: '10' })])
    assert.deepEqual(columns, ['experiment', 'seed', 'round'])
    assert.deepEqual(
      records.map(({ seed }) => seed),
      [10, 11]
    )
  })
})
