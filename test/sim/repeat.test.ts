import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ParameterError } from '../../src/gossip/parameters.ts'
import type { ExperimentResult } from '../../src/sim/experiment.ts'
import { sampling } from '../../src/sim/experiments/index.ts'
import type { NetworkOptions } from '../../src/sim/parameters.ts'
import type { Progress } from '../../src/sim/progress.ts'
import { repeat, summary } from '../../src/sim/repeat.ts'
import { simulate } from '../../src/sim/simulate.ts'

interface Measures {
  value: number
  group: { other: number; histogram: number[] }
}

type Measured = ExperimentResult<Measures>['rounds']

const NETWORK: NetworkOptions = { nodes: 60, rounds: 6, view: 8, crash: [{ share: 0.5, round: 2 }] }

function resultOf(rounds: Measured, { seed = 1, cost = 1 } = {}): ExperimentResult<Measures> {
  return {
    experiment: 'made up',
    parameters: { nodes: 10 },
    seed,
    rounds,
    final: rounds[rounds.length - 1],
    performance: {
      seconds: cost,
      measuringSeconds: cost,
      exchanges: 10 * cost,
      nanosecondsPerExchange: cost,
      peakMemoryBytes: 1_000 * cost,
      bytesPerNode: 7
    }
  }
}

function slowMean(values: number[]): number {
  let sum = 0

  for (const value of values) {
    sum += value
  }

  return sum / values.length
}

/** From the differences of all pairs, without a mean. */
function slowDeviation(values: number[]): number {
  let sum = 0

  for (const a of values) {
    for (const b of values) {
      sum += (a - b) ** 2
    }
  }

  return values.length === 1 ? 0 : Math.sqrt(sum / (2 * values.length * (values.length - 1)))
}

/** Every number of a round, distributions up to a length that all reach. */
function numbersOf({ round, value, group }: Measured[number], length: number): number[] {
  return [round, value, group.other, ...Array.from({ length }, (_, i) => group.histogram[i] ?? 0)]
}

const number = fc.double({ min: -1_000, max: 1_000, noNaN: true })
const measures = fc.record(
  {
    value: number,
    group: fc.record({ other: number, histogram: fc.array(fc.nat(50), { maxLength: 6 }) }, { noNullPrototype: true })
  },
  { noNullPrototype: true }
)
/** Runs that were measured at the same rounds. */
const runs = fc
  .integer({ min: 1, max: 5 })
  .chain(rounds =>
    fc.array(fc.array(measures, { minLength: rounds, maxLength: rounds }), { minLength: 1, maxLength: 6 })
  )
  .map(all => all.map(run => run.map((one, i) => ({ round: 10 * (i + 1), ...one }))))

describe('the summary of several runs', () => {
  it('has the mean and the standard deviation of every number, and of every place in a distribution', () => {
    fc.assert(
      fc.property(runs, all => {
        const { rounds, final, repeated } = summary(all.map(run => resultOf(run)))
        const spread = repeated?.spread
        assert.equal(rounds.length, all[0].length)
        assert.deepEqual(final, rounds[rounds.length - 1])
        assert.deepEqual(spread?.final, spread?.rounds[rounds.length - 1])

        rounds.forEach((mean, i) => {
          const length = Math.max(...all.map(run => run[i].group.histogram.length))
          const table = all.map(run => numbersOf(run[i], length))
          assert.equal(mean.group.histogram.length, length)
          numbersOf(mean, length).forEach((value, column) => {
            const expected = slowMean(table.map(row => row[column]))
            assert.ok(Math.abs(value - expected) <= 1e-9 * (1 + Math.abs(expected)))
          })
          numbersOf((spread as { rounds: Measured }).rounds[i], length).forEach((value, column) => {
            const expected = column === 0 ? mean.round : slowDeviation(table.map(row => row[column]))
            assert.ok(Math.abs(value - expected) <= 1e-6 * (1 + expected), `${value} instead of ${expected}`)
          })
        })
      })
    )
  })

  it('takes what a shorter distribution does not have for 0', () => {
    const run = (histogram: number[]) => resultOf([{ round: 1, value: 0, group: { other: 0, histogram } }])
    const { final, repeated } = summary([run([4, 2]), run([2, 2, 3, 6]), run([])])
    assert.deepEqual(final.group.histogram, [2, 4 / 3, 1, 2])
    assert.equal(repeated?.spread.final.group.histogram[3], Math.sqrt(12))
  })

  it('has the time of all runs together, the cost of the middle one, and the most memory', () => {
    const measured = [{ round: 1, value: 0, group: { other: 0, histogram: [] } }]
    const { performance } = summary([5, 1, 3].map(cost => resultOf(measured, { cost })))
    assert.deepEqual(performance, {
      seconds: 9,
      measuringSeconds: 9,
      exchanges: 90,
      nanosecondsPerExchange: 3,
      peakMemoryBytes: 5_000,
      bytesPerNode: 7
    })
  })

  it('does not mix what was measured in different rounds, where a run was ended early', () => {
    const measured = (round: number, value: number) => ({ round, value, group: { other: 0, histogram: [] } })
    const whole = resultOf([measured(10, 1), measured(20, 2), measured(30, 3)])
    const ended = { ...resultOf([measured(10, 3), measured(17, 100)]), interrupted: true as const }

    for (const all of [
      [whole, ended],
      [ended, whole]
    ]) {
      const { rounds, final, interrupted } = summary(all)
      assert.deepEqual(
        rounds.map(({ round, value }) => [round, value]),
        [
          [10, 2],
          [20, 2],
          [30, 3]
        ]
      )
      assert.deepEqual(final, rounds[2])
      assert.equal(interrupted, true)
    }
  })
})

describe('a simulation that is repeated', () => {
  it('consists of the runs of the seeds from the first one on', async () => {
    const { seed, repeated, rounds, parameters } = await repeat(sampling, NETWORK, 3, { seed: 40, measureEvery: 4 })
    assert.equal(seed, 40)
    assert.deepEqual(
      rounds.map(({ round }) => round),
      [4, 6]
    )

    for (const [i, run] of repeated?.runs.entries() ?? []) {
      const alone = await simulate(sampling, NETWORK, { seed: 40 + i, measureEvery: 4 })
      assert.equal(run.seed, 40 + i)
      assert.deepEqual(run.rounds, alone.rounds)
      assert.deepEqual(alone.parameters, parameters)
    }

    assert.equal(repeated?.runs.length, 3)
    const deviations = repeated?.runs.map(({ final }) => final.inDegree.standardDeviation) ?? []
    assert.ok(Math.abs(rounds[1].inDegree.standardDeviation - slowMean(deviations)) < 1e-12)
    assert.ok(Math.abs((repeated?.spread.final.inDegree.standardDeviation ?? 0) - slowDeviation(deviations)) < 1e-9)
  })

  it('of one run is that run, without a spread', async () => {
    const [once, alone] = await Promise.all([repeat(sampling, NETWORK, 1), simulate(sampling, NETWORK)])
    assert.deepEqual(once.rounds, alone.rounds)
    assert.equal(once.repeated?.spread.final.inDegree.mean, 0)
  })

  it('tells which of its runs it is at', async () => {
    const seen: string[] = []
    const onProgress = ({ run, runs, round }: Progress) => seen.push(`${run}/${runs} ${round}`)
    await repeat(sampling, { nodes: 10, rounds: 2 }, 2, { onProgress })
    assert.deepEqual(seen, ['1/2 1', '1/2 2', '2/2 1', '2/2 2'])
  })

  it('that is ended early has the runs until then, the last as far as it got', async () => {
    const abort = new AbortController()
    const onProgress = ({ run, round }: Progress) => run === 2 && round === 3 && abort.abort()
    const { interrupted, repeated, final } = await repeat(sampling, NETWORK, 5, { signal: abort.signal, onProgress })
    assert.equal(interrupted, true)
    assert.deepEqual(
      repeated?.runs.map(({ final }) => final.round),
      [6, 3]
    )
    assert.equal(final.round, 6)
  })

  it('that is ended between two runs was ended early', async () => {
    const abort = new AbortController()
    const onProgress = ({ round, rounds }: Progress) => round === rounds && abort.abort()
    const { interrupted, repeated } = await repeat(sampling, NETWORK, 3, { signal: abort.signal, onProgress })
    assert.equal(repeated?.runs.length, 1)
    assert.equal(interrupted, true)
  })

  for (const times of [0, -1, 1.5]) {
    it(`cannot be repeated ${times} times`, async () => {
      await assert.rejects(
        repeat(sampling, NETWORK, times),
        (err: unknown) => err instanceof ParameterError && err.parameter === 'times'
      )
    })
  }
})
