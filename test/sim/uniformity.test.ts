import assert from 'node:assert/strict'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { PeerSamplingProtocol } from '../../src/sampling/protocol.ts'
import { chiSquarePValue } from '../../src/sim/experiments/chi-square.ts'
import { type UniformityMeasures, type UniformityOptions, uniformity } from '../../src/sim/experiments/uniformity.ts'
import { simulate } from '../../src/sim/simulate.ts'

/** Small enough to take a twentieth of a second: 151 draws at each of 30 nodes. */
const NETWORK: UniformityOptions = { nodes: 30, view: 8, warmUp: 50 }

async function finalOf(options: UniformityOptions): Promise<UniformityMeasures> {
  return (await simulate(uniformity, options, { measureEvery: 100_000 })).final
}

/** Does something while nodes draw their samples otherwise. */
async function withSample<T>(sample: PeerSamplingProtocol['sample'], action: () => Promise<T>): Promise<T> {
  const { prototype } = PeerSamplingProtocol
  const real = prototype.sample
  prototype.sample = sample

  try {
    return await action()
  } finally {
    prototype.sample = real
  }
}

describe('the test of uniform samples', () => {
  const healthy: UniformityOptions[] = [
    {},
    { mode: 'events' },
    { preset: 'cyclon' },
    { preset: 'healer' },
    { preset: 'newscast', view: 20 },
    { loss: 0.05 }
  ]

  for (const options of healthy) {
    it(`finds nothing wrong with ${JSON.stringify(options)} where 20 rounds lie between two draws`, async () => {
      const { draws, drawsPerPeer, observers, rejected, meanPValue, pValue } = await finalOf({ ...NETWORK, ...options })
      assert.equal(observers, 30)
      assert.ok(draws > 150 && drawsPerPeer >= 5)
      // one or two of 30 reject by chance; of means of 30 even p-values the standard deviation is 0.053
      assert.ok(rejected <= 0.15, `${rejected}`)
      assert.ok(meanPValue > 0.3 && meanPValue < 0.7, `${meanPValue}`)
      assert.ok(pValue > 0.01, `${pValue}`)
    })
  }

  it('finds that successive views overlap, where a round lies between two draws and views change slowly', async () => {
    const slow: UniformityOptions = { preset: 'blind', propagation: 'push' }
    const { rejected, meanPValue } = await finalOf({ ...NETWORK, ...slow, lag: 1, rounds: 3_000 })
    assert.ok(rejected > 0.4 && meanPValue < 0.2, `${rejected} ${meanPValue}`)
  })

  it('finds that a network has fallen apart', async () => {
    const { rejected } = await finalOf({ ...NETWORK, preset: 'newscast' })
    assert.equal(rejected, 1)
  })

  /** Who stands in the view of a node. */
  function viewOf({ views }: PeerSamplingProtocol, node: number): number[] {
    return Array.from({ length: views.size(node) }, (_, i) => views.peer(node, i))
  }

  const odd: Array<[what: string, sample: (this: PeerSamplingProtocol, node: number) => number]> = [
    [
      'whoever has the lowest number',
      function (node) {
        return Math.min(...viewOf(this, node))
      }
    ],
    [
      'anybody but the first ten, where they can',
      function (node) {
        const view = viewOf(this, node)
        return view.find(peer => peer >= 10) ?? view[0]
      }
    ]
  ]

  for (const [what, sample] of odd) {
    it(`finds nodes that draw ${what}`, async () => {
      const { rejected, pValue, chiSquare, degreesOfFreedom } = await withSample(sample, () => finalOf(NETWORK))
      assert.ok(rejected > 0.8, `${rejected}`)
      assert.ok(pValue < 0.05)
      assert.equal(pValue, chiSquarePValue(chiSquare, degreesOfFreedom))
    })
  }

  it('counts the draws that were made, each at its round', async () => {
    let calls = 0
    const sample = (node: number) => {
      calls++
      return node === 0 ? 1 : 0
    }
    const options = { nodes: 4, view: 2, warmUp: 10, lag: 5, rounds: 31 }
    const { rounds } = await withSample(sample, () => simulate(uniformity, options, { measureEvery: 1 }))
    const draws = rounds.map(measured => measured.draws)
    // after rounds 10, 15, 20, 25 and 30
    assert.deepEqual(
      draws,
      Array.from({ length: 31 }, (_, i) => Math.max(0, Math.floor((i + 1 - 10) / 5) + 1))
    )
    assert.equal(calls, 5 * 4)
    // always the same one of three: 5 draws, 5/3 expected of each
    const { chiSquare, degreesOfFreedom, drawsPerPeer } = rounds[30]
    assert.equal(degreesOfFreedom, 2)
    assert.equal(drawsPerPeer, 5 / 3)
    assert.ok(Math.abs(chiSquare - 10) < 1e-9)
  })

  it('has nothing to say before the first draw', async () => {
    const options = { nodes: 10, view: 4, warmUp: 50, rounds: 50 }
    const { rounds } = await simulate(uniformity, options, { measureEvery: 49 })
    const [{ draws, chiSquare, pValue, rejected }, { draws: after }] = rounds
    assert.deepEqual(
      { draws, chiSquare, pValue, rejected },
      { draws: 0, chiSquare: Number.NaN, pValue: Number.NaN, rejected: Number.NaN }
    )
    assert.equal(after, 1)
  })

  it('has nothing to say where nobody knows anybody', async () => {
    const { draws, observers, pValue, meanPValue } = await finalOf({ nodes: 30, loss: 1, rounds: 150, lag: 1 })
    assert.deepEqual({ observers, meanPValue }, { observers: 0, meanPValue: Number.NaN })
    assert.deepEqual({ draws, pValue }, { draws: 0, pValue: Number.NaN })
  })

  it('cannot end before its first draw', () => {
    assert.throws(() => uniformity.parameters({ rounds: 99 }), /^ParameterError: rounds: 99 end before the first draw/)
  })

  it('draws five times as often as there are peers, where nothing is said', () => {
    const { nodes, lag, warmUp, rounds } = uniformity.parameters({})
    assert.deepEqual({ nodes, lag, warmUp, rounds }, { nodes: 200, lag: 20, warmUp: 100, rounds: 100 + 20 * 5 * 200 })
    assert.equal(uniformity.parameters({ nodes: 50, lag: 3, warmUp: 7 }).rounds, 7 + 3 * 5 * 50)
    assert.equal(uniformity.parameters({ rounds: 130 }).rounds, 130)
  })

  it('is measured some twenty times, where nothing is said', async () => {
    const { rounds } = await simulate(uniformity, { nodes: 5, view: 2, rounds: 95, warmUp: 0 })
    assert.equal(rounds.length, 19)
  })

  it('shows its own parameters with those of the network', () => {
    const shown = uniformity.describe(uniformity.parameters({ lag: 7, warmUp: 9 }))
    assert.equal(shown.lag, 7)
    assert.equal(shown.warmUp, 9)
    assert.equal(shown.nodes, 200)
  })

  const impossible: Array<[parameter: string, options: UniformityOptions]> = [
    ['nodes', { nodes: 2 }],
    ['nodes', { nodes: 2 ** 24 + 1 }],
    ['lag', { lag: 0 }],
    ['lag', { lag: 1.5 }],
    ['warmUp', { warmUp: -1 }],
    ['rounds', { rounds: 0 }],
    ['nodes', { nodes: 100_000 }],
    ['view', { view: 1 }],
    ['churn', { churn: 0.1 }],
    ['crash', { crash: [{ share: 0.1, round: 10 }] }],
    ['join', { join: [{ share: 0.1, round: 10 }] }],
    ['partition', { partition: [{ from: 10, to: 20, parts: 2 }] }]
  ]

  for (const [parameter, options] of impossible) {
    it(`cannot be made with ${JSON.stringify(options)}: ${parameter} is named`, () => {
      assert.throws(
        () => uniformity.parameters(options),
        (err: unknown) => err instanceof ParameterError && err.parameter === parameter
      )
    })
  }
})
