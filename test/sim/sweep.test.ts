import assert from 'node:assert/strict'
import fc from 'fast-check'
import { noExchanges } from '../../src/sim/driver.ts'
import type { Experiment, Extent } from '../../src/sim/experiment.ts'
import { InvariantError } from '../../src/sim/invariants.ts'
import type { Progress } from '../../src/sim/progress.ts'
import {
  combinations,
  SweepError,
  type SweepInit,
  type SweepPoint,
  type SweptResult,
  sweep
} from '../../src/sim/sweep.ts'

interface Dice extends Extent {
  /** A draw below this breaks an invariant. */
  limit: number
}

/** Throws a die in each round. */
const dice: Experiment<Partial<Dice>, Dice, { thrown: number }> = {
  name: 'dice',
  description: 'Throws a die in each round',
  options: ['nodes', 'rounds', 'limit'],
  parameters: ({ nodes = 1, rounds = 3, limit = 0 }) => ({ nodes, rounds, limit }),
  describe: parameters => ({ ...parameters }),
  start: ({ limit }, random) => {
    let thrown = 0

    return {
      counts: noExchanges(),
      bytesPerNode: 0,
      advance: () => {
        thrown = random.fraction()
      },
      check: () => {
        if (thrown < limit) {
          throw new InvariantError('the die fell off the table')
        }
      },
      measure: () => ({ thrown })
    }
  },
  figure: () => ({ title: '', caption: '', panels: [] })
}

type Point = SweepPoint<Partial<Dice>>

async function all(points: Point[], init?: SweepInit): Promise<Array<SweptResult<{ thrown: number }>>> {
  const results = []

  for await (const result of sweep(dice, points, init)) {
    results.push(result)
  }

  return results
}

function pointOf(options: Partial<Dice>, swept: Record<string, string> = {}): Point {
  return { swept, options }
}

describe('the combinations of a sweep', () => {
  it('are those of nested loops, the last option in the innermost one', () => {
    assert.deepEqual(combinations({ a: [1, 2], b: [3], c: [4, 5] }), [
      { a: 1, b: 3, c: 4 },
      { a: 1, b: 3, c: 5 },
      { a: 2, b: 3, c: 4 },
      { a: 2, b: 3, c: 5 }
    ])
  })

  it('are each there once, and no others', () => {
    const values = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 })

    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), lists => {
        const options = Object.fromEntries(lists.map((list, i) => [`option-${i}`, list]))
        const all = combinations(options)
        assert.equal(
          all.length,
          lists.reduce((product, list) => product * list.length, 1)
        )
        assert.equal(new Set(all.map(one => JSON.stringify(one))).size, all.length)

        for (const one of all) {
          assert.deepEqual(Object.keys(one), Object.keys(options))
          assert.ok(lists.every((list, i) => list.includes(one[`option-${i}`])))
        }
      })
    )
  })

  it('of nothing are the one where nothing is set', () => {
    assert.deepEqual(combinations({}), [{}])
  })
})

describe('a sweep', () => {
  it('comes to the same at each point as that point alone', async () => {
    const points = [pointOf({ rounds: 2 }), pointOf({ rounds: 5 }), { ...pointOf({}), seed: 9 }]
    const results = await all(points, { seed: 4 })

    for (const [i, point] of points.entries()) {
      const [alone] = await all([point], { seed: 4 })
      assert.deepEqual(results[i].result.rounds, alone.result.rounds)
    }

    assert.deepEqual(
      results.map(({ result }) => result.seed),
      [4, 4, 9]
    )
  })

  it('says by the values of its options which result is which', async () => {
    const [{ label, swept }] = await all([pointOf({}, { preset: 'healer', loss: '0.1' })])
    assert.equal(label, 'preset healer, loss 0.1')
    assert.deepEqual(swept, { preset: 'healer', loss: '0.1' })
  })

  it('repeats each point with the seeds that follow', async () => {
    const [{ result }] = await all([pointOf({})], { times: 3, seed: 7 })
    assert.deepEqual(
      result.repeated?.runs.map(({ seed }) => seed),
      [7, 8, 9]
    )
  })

  it('tells how far all of its runs have come', async () => {
    const seen: string[] = []
    const onProgress = ({ run, runs, round, rounds }: Progress) => seen.push(`${run}/${runs} ${round}/${rounds}`)
    await all([pointOf({ rounds: 1 }), pointOf({ rounds: 2 })], { times: 2, onProgress })
    assert.deepEqual(seen, ['1/4 1/1', '2/4 1/1', '3/4 1/2', '3/4 2/2', '4/4 1/2', '4/4 2/2'])
  })

  it('that is ended early has what was measured until then, and begins nothing new', async () => {
    const abort = new AbortController()
    const onProgress = ({ run, round }: Progress) => {
      if (run === 2 && round === 2) {
        abort.abort()
      }
    }
    const results = await all([pointOf({}), pointOf({}), pointOf({})], { signal: abort.signal, onProgress })

    assert.deepEqual(
      results.map(({ result }) => [result.final.round, result.interrupted]),
      [
        [3, undefined],
        [2, true]
      ]
    )
  })

  it('names the point and the seed of a run that broke an invariant', async () => {
    const points = [pointOf({}), pointOf({ limit: 0.3 })]
    const results: SweptResult[] = []
    let caught: unknown

    try {
      for await (const result of sweep(dice, points, { times: 100, seed: 50 })) {
        results.push(result)
      }
    } catch (err) {
      caught = err
    }

    assert.ok(caught instanceof SweepError)
    assert.equal(results.length, 1)
    assert.equal(caught.point, points[1])
    assert.match(caught.message, /^after round \d, the die fell off the table$/)
    // alone, that seed does it again, and those before it do not
    await assert.rejects(all([points[1]], { seed: caught.seed }), { seed: caught.seed, message: caught.message })

    for (let seed = 50; seed < caught.seed; seed++) {
      await all([points[1]], { seed })
    }
  })
})
