import assert from 'node:assert/strict'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import { noExchanges } from '../../src/sim/driver.ts'
import type { Experiment, Extent } from '../../src/sim/experiment.ts'
import { type SamplingMeasures, sampling } from '../../src/sim/experiments/index.ts'
import { InvariantError } from '../../src/sim/invariants.ts'
import type { NetworkOptions } from '../../src/sim/parameters.ts'
import type { Progress } from '../../src/sim/progress.ts'
import { simulate } from '../../src/sim/simulate.ts'

interface Steps extends Extent {
  /** In which round an invariant is broken. */
  faulty: number
}

/** Adds up random numbers, one a round, and draws another one to measure. */
const walk: Experiment<Partial<Steps>, Steps, { sum: number; drawn: number }> = {
  name: 'walk',
  description: 'Adds up random numbers',
  options: ['nodes', 'rounds', 'faulty'],
  parameters: ({ nodes = 4, rounds = 10, faulty = 0 }) => ({ nodes, rounds, faulty }),
  describe: parameters => ({ ...parameters }),
  start: ({ nodes, faulty }, random) => {
    const own = random.fork()
    const counts = noExchanges()
    let sum = 0

    return {
      counts,
      bytesPerNode: 10,
      advance: () => {
        counts.started += nodes
        sum += random.fraction()
      },
      check: () => {
        if (counts.started === faulty * nodes) {
          throw new InvariantError('the walk went astray')
        }
      },
      measure: () => ({ sum, drawn: own.fraction() })
    }
  },
  figure: () => ({ title: '', caption: '', panels: [] })
}

const NETWORK: NetworkOptions = {
  nodes: 80,
  rounds: 24,
  view: 10,
  loss: 0.05,
  churn: 0.02,
  crash: [{ share: 0.3, round: 12 }],
  slow: { share: 0.2, factor: 2 }
}

/** All but how many exchanges there were since it was last measured. */
function graphOf({ exchanges: _, ...graph }: SamplingMeasures): object {
  return graph
}

describe('a simulation', () => {
  it('has in its result all that was set and all that was measured', async () => {
    const result = await simulate(walk, { rounds: 3 }, { seed: 5 })
    const random = new Random(5)
    const own = random.fork()
    let sum = 0
    const rounds = [1, 2, 3].map(round => {
      sum += random.fraction()
      return { round, sum, drawn: own.fraction() }
    })
    const { performance, ...others } = result
    assert.deepEqual(others, {
      experiment: 'walk',
      parameters: { nodes: 4, rounds: 3, faulty: 0 },
      seed: 5,
      rounds,
      final: rounds[2]
    })
    assert.equal(performance.exchanges, 12)
    assert.equal(performance.bytesPerNode, 10)
    assert.ok(performance.seconds > 0 && performance.nanosecondsPerExchange > 0 && performance.peakMemoryBytes > 1e6)
  })

  it('has seed 1 where nothing is said', async () => {
    const [silent, said] = await Promise.all([simulate(walk, {}), simulate(walk, {}, { seed: 1 })])
    assert.equal(silent.seed, 1)
    assert.deepEqual(silent.rounds, said.rounds)
  })

  const measured: Array<[rounds: number, measureEvery: number | undefined, at: number[]]> = [
    [3, undefined, [1, 2, 3]],
    [10, 3, [3, 6, 9, 10]],
    [10, 5, [5, 10]],
    [10, 10, [10]],
    [10, 1_000, [10]],
    [1, 2, [1]]
  ]

  for (const [rounds, measureEvery, at] of measured) {
    it(`of ${rounds} rounds, measured every ${measureEvery ?? 'one'}, has rounds ${at}, and the last is final`, async () => {
      const result = await simulate(walk, { rounds }, { measureEvery })
      assert.deepEqual(
        result.rounds.map(({ round }) => round),
        at
      )
      assert.equal(result.final, result.rounds[result.rounds.length - 1])
    })
  }

  it('is measured as often as its experiment says, where nothing else is said', async () => {
    const experiment = { ...walk, measureEvery: ({ rounds }: Steps) => rounds / 2 }
    const roundsOf = async (init: object) => (await simulate(experiment, {}, init)).rounds.map(({ round }) => round)
    assert.deepEqual(await roundsOf({}), [5, 10])
    assert.deepEqual(await roundsOf({ measureEvery: 4 }), [4, 8, 10])
  })

  for (const measureEvery of [0, -1, 1.5, Number.NaN]) {
    it(`cannot be measured every ${measureEvery} rounds`, async () => {
      await assert.rejects(
        simulate(walk, {}, { measureEvery }),
        (err: unknown) => err instanceof ParameterError && err.parameter === 'measureEvery'
      )
    })
  }

  for (const mode of ['rounds', 'events'] as const) {
    it(`by ${mode} is the same to the last digit with the same seed, and another one with another`, async () => {
      const run = async (seed: number) => (await simulate(sampling, { ...NETWORK, mode }, { seed })).rounds
      const first = await run(3)
      assert.deepEqual(await run(3), first)
      assert.notDeepEqual(await run(4), first)
    })

    it(`by ${mode} goes on as it would have, however often it is measured`, async () => {
      const run = (measureEvery: number) => simulate(sampling, { ...NETWORK, mode }, { measureEvery })
      const often = (await run(1)).rounds

      for (const measureEvery of [2, 5, 24]) {
        const { rounds } = await run(measureEvery)
        assert.deepEqual(
          rounds.map(graphOf),
          often.filter(({ round }) => round % measureEvery === 0 || round === 24).map(graphOf)
        )
      }
    })

    it(`by ${mode} counts the exchanges since it was last measured`, async () => {
      const totals = async (measureEvery: number) => {
        const { rounds, performance } = await simulate(sampling, { ...NETWORK, mode }, { measureEvery })
        const names = Object.keys(noExchanges()) as Array<keyof SamplingMeasures['exchanges']>
        const sums = names.map(name => rounds.reduce((sum, { exchanges }) => sum + exchanges[name], 0))
        assert.equal(sums[0], performance.exchanges)
        return sums
      }
      assert.deepEqual(await totals(1), await totals(10))
    })
  }

  it('tells how far it has come after every round', async () => {
    const seen: Progress[] = []
    await simulate(walk, { rounds: 4 }, { measureEvery: 3, onProgress: progress => seen.push(progress) })
    assert.deepEqual(
      seen.map(({ exchangesPerSecond: _, ...progress }) => progress),
      [1, 2, 3, 4].map(round => ({ round, rounds: 4, run: 1, runs: 1 }))
    )
    assert.ok(seen.every(({ exchangesPerSecond }) => exchangesPerSecond > 0))
  })

  it('that is ended early says so, and has what was measured until then', async () => {
    const abort = new AbortController()
    const result = await simulate(
      walk,
      { rounds: 100 },
      { measureEvery: 3, signal: abort.signal, onProgress: ({ round }) => round === 7 && abort.abort() }
    )
    const whole = await simulate(walk, { rounds: 100 }, { measureEvery: 1 })
    assert.equal(result.interrupted, true)
    assert.deepEqual(
      result.rounds.map(({ round }) => round),
      [3, 6, 7]
    )
    assert.equal(result.final.sum, whole.rounds[6].sum)
    assert.ok(!('interrupted' in whole))
  })

  it('that is ended in the last of its rounds was not ended early', async () => {
    const abort = new AbortController()
    const onProgress = ({ round, rounds }: Progress) => round === rounds && abort.abort()
    assert.ok(!('interrupted' in (await simulate(walk, {}, { signal: abort.signal, onProgress }))))
  })

  it('that is ended before it has begun shows the start', async () => {
    const { rounds, final, interrupted } = await simulate(sampling, NETWORK, { signal: AbortSignal.abort() })
    assert.equal(interrupted, true)
    assert.deepEqual(rounds, [final])
    assert.equal(final.round, 0)
    assert.equal(final.inDegree.mean, 10)
  })

  it('lets others have a turn', async () => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 1)
    const { interrupted } = await simulate(sampling, { nodes: 1_000, rounds: 100_000 }, { signal: abort.signal })
    assert.equal(interrupted, true)
  })

  it('ends where an invariant is broken, and says after which round', async () => {
    await assert.rejects(
      simulate(walk, { faulty: 7 }),
      (err: unknown) => err instanceof InvariantError && err.message === 'after round 7, the walk went astray'
    )
  })

  it('ends where a view is broken', async () => {
    const experiment = {
      ...sampling,
      start: (...[parameters, random]: Parameters<typeof sampling.start>) => {
        const run = sampling.start(parameters, random)
        const { advance } = run
        let round = 0
        run.advance = () => {
          advance.call(run)
          round++

          if (round === 5) {
            // @ts-expect-error a run shows nobody its network
            run.network.protocol.views.set(3, 0, 3, 0)
          }
        }
        return run
      }
    }
    await assert.rejects(simulate(experiment, NETWORK), {
      name: 'InvariantError',
      message: 'after round 5, node 3 has itself in its view'
    })
  })

  it('does not begin with parameters that are impossible', async () => {
    await assert.rejects(simulate(sampling, { nodes: 1 }), ParameterError)
    await assert.rejects(simulate(sampling, {}, { seed: -1 }), RangeError)
  })
})
