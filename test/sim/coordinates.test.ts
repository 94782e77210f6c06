import assert from 'node:assert/strict'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import type { CoordinateOptions } from '../../src/sim/coordinates/parameters.ts'
import { resultTable } from '../../src/sim/csv.ts'
import { coordinates } from '../../src/sim/experiments/index.ts'
import { LatencyMatrix } from '../../src/sim/latency/latency-matrix.ts'
import { createRoundTrips } from '../../src/sim/latency/round-trips.ts'
import { MODES } from '../../src/sim/parameters.ts'
import { repeat } from '../../src/sim/repeat.ts'
import { simulate } from '../../src/sim/simulate.ts'

const SMALL: CoordinateOptions = { nodes: 80, rounds: 30 }

async function run(options: CoordinateOptions = {}, seed = 1, measureEvery?: number) {
  return await simulate(coordinates, { ...SMALL, ...options }, { seed, measureEvery })
}

async function finalOf(options: CoordinateOptions = {}, seed = 1) {
  return (await run(options, seed, options.rounds ?? SMALL.rounds)).final
}

/** Times as they are measured in a generated network, all of them longer by a factor. */
function matrixOf(nodes: number, factor = 1, seed = 1): LatencyMatrix {
  const { roundTrip } = createRoundTrips('internet', nodes, new Random(seed))
  const row = (from: number) =>
    Array.from({ length: nodes }, (_, to) => (from === to ? 0 : factor * roundTrip(from, to)))
  return LatencyMatrix.parse(
    Array.from({ length: nodes }, (_, from) => row(from).join(' ')).join('\n'),
    `x${factor}.txt`
  )
}

const ALL_FAULTS: CoordinateOptions = {
  loss: 0.1,
  churn: 0.02,
  crash: [{ share: 0.2, round: 3 }],
  join: [{ share: 0.5, round: 4 }],
  partition: [{ from: 5, to: 9, parts: 2 }],
  slow: { share: 0.1, factor: 3 }
}

describe('simulated coordinates', () => {
  for (const mode of MODES) {
    it(`${mode}: are the same with the same seed, whatever befalls them, however often measured`, async () => {
      const options: CoordinateOptions = {
        ...ALL_FAULTS,
        mode,
        noise: 0.2,
        filter: 'median',
        neighbours: 8,
        liars: 0.1,
        landmarks: 9,
        proximity: true
      }
      const { rounds } = await run(options)
      assert.equal(rounds.length, 30)
      assert.deepEqual((await run(options)).rounds, rounds)
      assert.notDeepEqual((await run(options, 2)).rounds, rounds)
      const { drift: _, movesPerSample: __, ...seldom } = await finalOf(options)
      const { drift: ___, movesPerSample: ____, ...often } = rounds[29]
      assert.deepEqual(seldom, often)
    })
  }

  it('come to predict round trips', async () => {
    for (const seed of [1, 2, 3]) {
      const { final } = await run({ nodes: 150, rounds: 150 }, seed, 50)
      assert.ok(final.medianRelativeError < 0.12, `${final.medianRelativeError}`)
      assert.ok(final.p90RelativeError < 0.4, `${final.p90RelativeError}`)
      assert.ok(final.medianAbsoluteError < 12, `${final.medianAbsoluteError}`)
      assert.ok(final.drift < 20 && final.movesPerSample < 0.2, `${final.drift}, ${final.movesPerSample}`)
      assert.equal(final.samplesPerNode, 150)
      assert.ok(final.meanError > 0.1 && final.meanError < 0.5, `${final.meanError}`)
      assert.ok(Number.isNaN(final.neighbourStretch) && Number.isNaN(final.landmarkMedianRelativeError))
    }
  })

  it('predict nothing at first, and better and better', async () => {
    const { rounds } = await run({ rounds: 90 }, 1, 30)
    assert.deepEqual(
      rounds.map(({ samplesPerNode }) => samplesPerNode),
      [30, 60, 90]
    )
    assert.ok(rounds[0].medianRelativeError > rounds[1].medianRelativeError)
    assert.ok(rounds[1].medianRelativeError > rounds[2].medianRelativeError)
    assert.ok(rounds[0].movesPerSample > rounds[2].movesPerSample)
  })

  it('are exact where a space has room for all', async () => {
    const { medianRelativeError } = await finalOf({ topology: 'line', dimensions: 2, nodes: 20, rounds: 400 })
    assert.ok(medianRelativeError < 0.02, `${medianRelativeError}`)
  })

  it('are the better for a height where access links count', async () => {
    const options = { nodes: 150, rounds: 300, dimensions: 2 }
    const [without, withHeight] = [await finalOf({ ...options, height: false }), await finalOf(options)]
    assert.ok(withHeight.medianRelativeError < 0.85 * without.medianRelativeError)
  })

  it('have as many nodes as the matrix has hosts, in both modes', async () => {
    for (const mode of MODES) {
      const { parameters, final } = await run({ nodes: undefined, latencyMatrix: matrixOf(60), mode })
      assert.deepEqual(
        [parameters.nodes, parameters.mode, parameters.latencyMatrix, 'topology' in parameters, 'delay' in parameters],
        [60, mode, 'x1.txt', false, false]
      )
      assert.ok(final.medianRelativeError < 0.4)
    }
  })

  it('are by rounds unless something of events is asked for', async () => {
    assert.equal(coordinates.parameters({ latencyMatrix: matrixOf(9) }).mode, 'rounds')
    assert.equal(coordinates.parameters({ latencyMatrix: matrixOf(9), period: 500 }).mode, 'events')
  })

  it('take a sample of each round trip, and by events lose those that take too long', async () => {
    const { final } = await run({ mode: 'events', exchangeTimeout: 60 })
    assert.ok(final.samplesPerNode > 5 && final.samplesPerNode < 25, `${final.samplesPerNode}`)
  })

  it('find out where newcomers are', async () => {
    const { rounds } = await run({ rounds: 150, join: [{ share: 1, round: 80 }] }, 1, 1)
    const error = (round: number) => rounds[round - 1].medianRelativeError
    assert.ok(error(81) > 2 * error(80))
    assert.ok(error(150) < 1.5 * error(80))
    // of 80 rounds, and of those after the joining
    assert.equal(rounds[149].samplesPerNode, (150 + 70) / 2)
  })

  it('stay with those that survive', async () => {
    const { rounds } = await run({ rounds: 100, crash: [{ share: 0.5, round: 80 }] }, 1, 1)
    assert.ok(rounds[99].medianRelativeError < 1.1 * rounds[78].medianRelativeError)
  })

  it('find other neighbours for those that died', async () => {
    const crash = [{ share: 0.5, round: 10 }]
    const { samplesPerNode } = await finalOf({ nodes: 100, rounds: 60, neighbours: 4, crash })
    // of four, about two are asked in vain, once each
    assert.ok(samplesPerNode > 57 && samplesPerNode < 60, `${samplesPerNode}`)
  })

  it('follow a network that changes', async () => {
    const latencyMatrix = matrixOf(80)
    const replay = [{ matrix: matrixOf(80, 2), round: 100 }]
    const { rounds, parameters } = await run({ latencyMatrix, replay, rounds: 200 }, 1, 1)
    const error = (round: number) => rounds[round - 1].medianRelativeError
    assert.deepEqual(parameters.replay, ['x2.txt@100'])
    // what is predicted is half of what is true
    assert.ok(error(99) < 0.15 && error(100) > 0.4 && error(200) < 0.2, `${[99, 100, 200].map(error)}`)
  })

  it('bear liars, where the published rule does not', async () => {
    const options = { nodes: 150, rounds: 200 }
    const [calm, lied, published] = [
      await finalOf(options),
      await finalOf({ ...options, liars: 0.1 }),
      await finalOf({ ...options, liars: 0.1, rule: 'published' })
    ]
    assert.ok(lied.medianRelativeError > calm.medianRelativeError)
    assert.ok(lied.medianRelativeError < 2 * calm.medianRelativeError)
    assert.ok(published.medianRelativeError > 2 * lied.medianRelativeError)
  })

  it('suffer from noise, less where few neighbours are looked at through a filter', async () => {
    const options = { nodes: 150, rounds: 300, neighbours: 32 }
    const [calm, noisy, filtered] = [
      await finalOf(options),
      await finalOf({ ...options, noise: 0.5 }),
      await finalOf({ ...options, noise: 0.5, filter: 'quartile' })
    ]
    assert.ok(noisy.medianRelativeError > 1.5 * calm.medianRelativeError)
    assert.ok(filtered.medianRelativeError < 0.75 * noisy.medianRelativeError)
  })

  it('find the nearest better than chance', async () => {
    const { rounds } = await run({ nodes: 150, rounds: 150, proximity: true }, 1, 75)
    const [early, late] = rounds
    assert.ok(late.neighbourStretch < early.neighbourStretch)
    assert.ok(late.neighbourStretch >= 1 && late.neighbourStretch < late.randomStretch / 3, `${late.neighbourStretch}`)
    assert.ok(late.nearestFound > 0.3 && late.nearestFound <= 1, `${late.nearestFound}`)
  })

  it('stand beside landmarks when the run is over', async () => {
    const { rounds } = await run({ nodes: 60, rounds: 20, landmarks: 12 }, 1, 10)
    const [before, after] = rounds
    assert.ok(Number.isNaN(before.landmarkMedianRelativeError) && Number.isNaN(before.landmarkP90RelativeError))
    assert.ok(after.landmarkMedianRelativeError > 0.02 && after.landmarkMedianRelativeError < 0.2)
    assert.ok(after.landmarkP90RelativeError > after.landmarkMedianRelativeError)
  })

  it('end where nobody is left', async () => {
    const { final } = await run({ crash: [{ share: 1, round: 3 }], proximity: true, landmarks: 9, neighbours: 3 })
    assert.ok(Number.isNaN(final.medianRelativeError) && Number.isNaN(final.landmarkMedianRelativeError))
  })

  it('keep nothing of the picture in JSON and CSV', async () => {
    const result = await run()
    assert.equal(result.chart?.map?.x.length, 80)
    const json = JSON.parse(JSON.stringify(result))
    assert.ok(!('chart' in json))
    assert.equal(json.final.landmarkMedianRelativeError, null)
    const { columns } = resultTable([{ label: '', swept: {}, result }])
    assert.deepEqual(columns, [
      'experiment',
      'seed',
      'round',
      'medianRelativeError',
      'p90RelativeError',
      'medianAbsoluteError',
      'meanError',
      'drift',
      'samplesPerNode',
      'movesPerSample',
      'landmarkMedianRelativeError',
      'landmarkP90RelativeError',
      'neighbourStretch',
      'nearestFound',
      'randomStretch'
    ])
  })

  it('have means and spreads of several runs', async () => {
    const { repeated, final } = await repeat(coordinates, SMALL, 3)
    const values = repeated?.runs.map(one => one.final.medianRelativeError) ?? []
    assert.equal(final.medianRelativeError, values.reduce((sum, value) => sum + value, 0) / 3)
    assert.ok((repeated?.spread.final.medianRelativeError ?? 0) > 0)
  })

  it('are measured fifty times unless said otherwise', async () => {
    assert.equal(coordinates.measureEvery?.(coordinates.parameters({})), 4)
    assert.equal(coordinates.measureEvery?.(coordinates.parameters({ rounds: 7 })), 1)
  })

  it('refuse options that cannot be', () => {
    const latencyMatrix = matrixOf(9)
    const later = { matrix: matrixOf(9), round: 3 }
    const wrong: Array<[parameter: string, options: CoordinateOptions]> = [
      ['topology', { latencyMatrix, topology: 'line' }],
      ['topology', { topology: 'torus' as 'line' }],
      ['replay', { replay: [later] }],
      ['replay', { latencyMatrix, replay: [{ ...later, matrix: matrixOf(8) }] }],
      ['replay', { latencyMatrix, replay: [{ ...later, round: 200 }] }],
      ['dimensions', { dimensions: 17 }],
      ['filter', { filter: 'mean' as 'none' }],
      ['rule', { rule: 'none' as 'relative' }],
      ['neighbours', { neighbours: 1_001 }],
      ['noise', { noise: -1 }],
      ['noise', { noise: Number.NaN }],
      ['liars', { liars: 0.999 }],
      ['landmarks', { landmarks: 33 }],
      ['landmarks', { landmarks: 8 }],
      ['landmarks', { nodes: 12, liars: 0.3, landmarks: 10 }],
      ['landmarkDimensions', { landmarks: 15, landmarkDimensions: 0 }],
      ['landmarkDimensions', { landmarkDimensions: 7 }],
      ['nodes', { nodes: 4_000_000, filter: 'median' }],
      ['nodes', { nodes: 4_000_000, neighbours: 1_000 }]
    ]

    for (const [parameter, options] of wrong) {
      assert.throws(
        () => coordinates.parameters(options),
        err => err instanceof ParameterError && err.parameter === parameter,
        `${parameter} ${JSON.stringify(options)}`
      )
    }
  })
})
