import assert from 'node:assert/strict'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { QUARANTINE_ROUNDS } from '../../src/overlay/constants.ts'
import { resultTable } from '../../src/sim/csv.ts'
import { torus } from '../../src/sim/experiments/index.ts'
import { MODES } from '../../src/sim/parameters.ts'
import { repeat } from '../../src/sim/repeat.ts'
import type { ShapeMeasures } from '../../src/sim/shape/meter.ts'
import type { TorusOptions } from '../../src/sim/shape/parameters.ts'
import { simulate } from '../../src/sim/simulate.ts'

const SMALL: TorusOptions = { side: 12, rounds: 12, view: 10, randomView: 10 }

async function roundsOf(options: TorusOptions, seed = 1) {
  const { rounds } = await simulate(torus, { ...SMALL, ...options }, { seed })
  return rounds
}

/** The first round after `from` in which no link is missing. */
async function healed(options: TorusOptions, seed: number, from = 0): Promise<number> {
  const rounds = await roundsOf(options, seed)
  return (rounds.find(({ round, missingLinks }) => round > from && missingLinks === 0)?.round ?? Infinity) - from
}

const ALL_FAULTS: TorusOptions = {
  loss: 0.1,
  churn: 0.02,
  crash: [{ share: 0.2, round: 3 }],
  join: [{ share: 0.5, round: 4 }],
  partition: [{ from: 5, to: 7, parts: 2 }],
  hole: [{ share: 0.25, round: 8 }],
  slow: { share: 0.1, factor: 3 }
}

describe('a simulated torus', () => {
  for (const mode of MODES) {
    for (const randomView of [0, 10]) {
      for (const placement of ['grid', 'random'] as const) {
        const options: TorusOptions = { ...ALL_FAULTS, mode, randomView, placement }

        it(`${mode}, ${placement}, random view ${randomView}: is the same with the same seed, however often measured`, async () => {
          const rounds = await roundsOf(options)
          assert.equal(rounds.length, 13)
          assert.deepEqual(await roundsOf(options), rounds)
          const { final } = await simulate(torus, { ...SMALL, ...options }, { seed: 1, measureEvery: 12 })
          assert.deepEqual(final, rounds.at(-1))
          assert.notDeepEqual(await roundsOf(options, 2), rounds)
        })
      }
    }
  }

  it('measures shares that are shares', async () => {
    for (const { missingLinks, deadLinks, routeSuccess } of await roundsOf(ALL_FAULTS)) {
      for (const share of [missingLinks, deadLinks, routeSuccess]) {
        assert.ok(share >= 0 && share <= 1, `${share}`)
      }
    }
  })

  it('begins with random links, and has neighbours at distance 1 in the end', async () => {
    const [start, ...later] = await roundsOf({})
    assert.equal(start.round, 0)
    assert.ok(start.missingLinks > 0.8)
    // 3 steps each way on average, and a direction is not the shortest way
    assert.ok(start.meanDistance > 3)
    assert.deepEqual([later.at(-1)?.missingLinks, later.at(-1)?.meanDistance, later.at(-1)?.routeSuccess], [0, 1, 1])
  })

  it('takes another shape than a square', async () => {
    const { parameters, final } = await simulate(torus, { ...SMALL, side: undefined, torus: { width: 16, height: 9 } })
    assert.equal(parameters.torus, '16x9')
    assert.equal(parameters.nodes, 144)
    assert.equal(final.missingLinks, 0)
  })

  it('has as many nodes as it is told, where they are placed at random', async () => {
    const { final } = await simulate(torus, { ...SMALL, placement: 'random', nodes: 60, rounds: 25 })
    assert.equal(final.living, 60)
    assert.ok(final.missingLinks < 0.01, `${final.missingLinks}`)
    assert.ok(final.meanDistance > 1)
  })

  it('ends where nobody is left', async () => {
    const { final } = await simulate(torus, { ...SMALL, hole: [{ share: 1, round: 3 }] })
    assert.equal(final.living, 0)
    assert.ok(Number.isNaN(final.missingLinks))
  })

  it('keeps nothing of maps in JSON and CSV', async () => {
    const result = await simulate(torus, SMALL)
    assert.deepEqual(
      result.atlas?.maps.map(({ round }) => round),
      [0, 5, 12]
    )
    assert.ok(!('atlas' in JSON.parse(JSON.stringify(result))))
    const { columns } = resultTable([{ label: '', swept: {}, result }])
    assert.deepEqual(columns, [
      'experiment',
      'seed',
      'round',
      'living',
      'missingLinks',
      'meanDistance',
      'deadLinks',
      'routeSuccess',
      'routeHops'
    ])
  })

  it('has means and spreads of several runs', async () => {
    const { repeated, rounds } = await repeat(torus, SMALL, 3)
    const values = repeated?.runs.map(run => run.rounds[3].missingLinks) ?? []
    assert.equal(rounds[3].missingLinks, values.reduce((sum, value) => sum + value, 0) / 3)
    assert.ok((repeated?.spread.rounds[3].missingLinks ?? 0) > 0)
  })

  it('counts the exchanges of both layers, or of the overlay alone', async () => {
    const both = await simulate(torus, SMALL)
    const alone = await simulate(torus, { ...SMALL, randomView: 0 })
    assert.equal(both.performance.exchanges, 2 * 144 * 12)
    assert.equal(alone.performance.exchanges, 144 * 12)
  })

  it('keeps the torus as it was after the rounds asked for', async () => {
    const draw = new Set([0, 3, 12])
    const { atlas } = await simulate(torus, { ...SMALL, draw, hole: [{ share: 0.25, round: 3 }] })
    const [start, hole, end] = atlas?.maps ?? []
    assert.deepEqual([start.round, hole.round, end.round], [0, 3, 12])
    assert.equal(start.nodes.length, 144)
    assert.equal(hole.nodes.length, 108)
    const left = new Set(hole.nodes)

    for (const point of hole.links) {
      assert.ok(left.has(point))
    }
  })

  it('draws each link of a perfect torus once', async () => {
    const { atlas } = await simulate(torus, SMALL)
    assert.equal(atlas?.maps.at(-1)?.links.length, 2 * 2 * 144)
  })
})

describe('how fast a torus forms', () => {
  const seeds = [1, 2, 3]

  it('of 10 x 5 with views of 8: within 4 rounds', async () => {
    const options: TorusOptions = { side: undefined, torus: { width: 10, height: 5 }, view: 8, psi: 4, randomView: 20 }

    for (const seed of seeds) {
      assert.ok((await healed(options, seed)) <= 4)
    }
  })

  it('of 24 x 24 with the random layer: within 12 rounds, and without it later', async () => {
    const sum = (rounds: ShapeMeasures[]) => rounds.reduce((total, { missingLinks }) => total + missingLinks, 0)

    for (const seed of [1, 2]) {
      const both = await roundsOf({ side: 24, view: 20, randomView: 20 }, seed)
      const alone = await roundsOf({ side: 24, view: 20, randomView: 0 }, seed)
      assert.ok(both.some(({ missingLinks }) => missingLinks === 0))
      assert.ok(sum(alone) > sum(both) + 0.2, `${sum(alone)}, ${sum(both)}`)
    }
  })

  it('by the simpler rule: not nearly as fast', async () => {
    const rounds = await roundsOf({ side: 20, neighbourSelection: 'closest', rounds: 12 })
    assert.ok((rounds.at(-1)?.missingLinks ?? 0) > 0.5)
    assert.ok((rounds.at(-1)?.meanDistance ?? 0) < rounds[0].meanDistance)
  })
})

describe('what a torus bears', () => {
  const FULL: TorusOptions = { side: 16, view: 20, randomView: 20, rounds: 45 }
  const meanOf = (rounds: ShapeMeasures[]) =>
    rounds.reduce((sum, { missingLinks }) => sum + missingLinks, 0) / rounds.length

  it('has 97 % of all right links while 1 % of its nodes are replaced in each round', async () => {
    const rounds = await roundsOf({ ...FULL, churn: 0.01 })
    assert.ok(meanOf(rounds.filter(({ round }) => round > 20)) < 0.03)
  })

  it('closes around a dead quarter, in a part or at random', async () => {
    for (const fault of ['hole', 'crash'] as const) {
      const rounds = await healed({ ...FULL, [fault]: [{ share: 0.25, round: 15 }] }, 1, 15)
      assert.ok(rounds <= 30, `${fault}: ${rounds}`)
    }
  })

  it('is whole again once those that were cut off are taken back', async () => {
    const options = { ...FULL, rounds: 80, partition: [{ from: 15, to: 25, parts: 2 }] }
    const rounds = await roundsOf(options)
    const missing = (from: number, to: number) =>
      rounds.filter(({ round }) => round >= from && round <= to).map(({ missingLinks }) => missingLinks)
    assert.ok(missing(25, 25)[0] > 0.1)
    assert.equal(Math.min(...missing(26, 25 + QUARANTINE_ROUNDS + 5)), 0)
  })
})

describe('the options of a torus', () => {
  const WRONG: Array<[options: TorusOptions, parameter: string]> = [
    [{ side: 1 }, 'side'],
    [{ side: 2_001 }, 'side'],
    [{ side: 10, torus: { width: 10, height: 10 } }, 'torus'],
    [{ torus: { width: 10, height: 1 } }, 'torus'],
    [{ nodes: 30 }, 'nodes'],
    [{ view: 4 }, 'view'],
    [{ side: 2_000, view: 100, randomView: 100 }, 'view'],
    [{ message: 101 }, 'message'],
    [{ view: 10, psi: 11 }, 'psi'],
    [{ neighbourSelection: 'nearest' as 'closest' }, 'neighbourSelection'],
    [{ placement: 'heap' as 'grid' }, 'placement'],
    [{ randomView: 1 }, 'randomView'],
    [{ randomView: 201 }, 'randomView'],
    [{ randomView: 0, neighbourSelection: 'closest' }, 'randomView'],
    [{ randomView: 0, preset: 'healer' }, 'preset'],
    [{ randomView: 0, start: 'star' }, 'start'],
    [{ randomView: 10, healer: 3, swapper: 3 }, 'healer + swapper'],
    [{ rounds: 10, hole: [{ share: 0.5, round: 10 }] }, 'hole'],
    [{ hole: [{ share: 2, round: 1 }] }, 'hole'],
    [{ rounds: 10, draw: new Set([11]) }, 'draw']
  ]

  for (const [options, parameter] of WRONG) {
    it(`cannot be ${JSON.stringify(options)}`, () => {
      assert.throws(
        () => torus.parameters(options),
        (err: unknown) => err instanceof ParameterError && err.parameter === parameter
      )
    })
  }

  it('say what they are when none is given', () => {
    assert.deepEqual(torus.describe(torus.parameters({})), {
      torus: '50x50',
      placement: 'grid',
      nodes: 2_500,
      rounds: 20,
      view: 20,
      message: 20,
      psi: 5,
      selection: 'tman',
      randomView: 20,
      start: 'random',
      preset: 'default',
      healer: 1,
      swapper: 9,
      peerSelection: 'tail',
      propagation: 'pushpull',
      defence: 'none',
      loss: 0,
      crash: [],
      churn: 0,
      partition: [],
      join: [],
      mode: 'rounds',
      hole: []
    })
  })

  it('draw the first round, the fifth and the twentieth, or the last, of what can be seen', () => {
    const drawn = (options: TorusOptions) => [...torus.parameters(options).draw]
    assert.deepEqual(drawn({}), [0, 5, 20])
    assert.deepEqual(drawn({ rounds: 12 }), [0, 5, 12])
    assert.deepEqual(drawn({ rounds: 3 }), [0, 3])
    assert.deepEqual(drawn({ side: 362 }), [])
    assert.deepEqual(drawn({ side: 362, draw: new Set([7]) }), [7])
  })
})
