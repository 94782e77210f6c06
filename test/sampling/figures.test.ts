import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import type { SamplingOptions } from '../../src/sampling/parameters.ts'
import { GraphMeter } from '../../src/sim/graph/meter.ts'
import { Network } from '../../src/sim/network.ts'
import { networkParameters } from '../../src/sim/parameters.ts'

/** Nodes of the published tables; the tests below take fewer where the figure does not depend on it. */
const NODES = 2_000

/** Rounds until in-degrees have settled; Cyclon, whose spread ends lowest, takes longest. */
const ROUNDS = 60
const CYCLON_ROUNDS = 150

/** The network after it has settled, and so many rounds after half of it crashed then. */
function settled(options: SamplingOptions, roundsAfterCrash = 0): Network {
  const round = options.preset === 'cyclon' ? CYCLON_ROUNDS : ROUNDS
  const rounds = round + roundsAfterCrash
  const crash = roundsAfterCrash > 0 ? [{ share: 0.5, round }] : []
  const network = new Network(networkParameters({ ...options, nodes: NODES, rounds, crash }), new Random(1))

  while (network.round < rounds) {
    network.advance()
  }

  return network
}

function graphOf({ protocol, world }: Network) {
  // distances are not asked for here, and take long
  return new GraphMeter(protocol.views, { exactUpTo: 0 }).measure(world.alive, new Random(2))
}

describe('peer sampling, as published', () => {
  // TOCS 2007, section 4.3, and CYCLON, section 3; the values of 10,000 nodes hold within 10 % at 2,000,
  // but for Cyclon's: 2.2 there, 3.6 here, and so says a second program
  const spreads: Array<[SamplingOptions, number, number]> = [
    [{ preset: 'cyclon' }, 3.2, 4],
    [{ preset: 'swapper' }, 3.2, 4.2],
    [{ preset: 'swapper', selection: 'rand' }, 3.8, 4.8],
    [{}, 4.3, 5.5],
    [{ preset: 'healer' }, 9, 12.3],
    [{ preset: 'healer', selection: 'rand' }, 9.4, 12],
    [{ preset: 'newscast' }, 11.4, 14.5],
    [{ preset: 'blind' }, 18.5, 25]
  ]

  for (const [options, low, high] of spreads) {
    it(`${JSON.stringify(options)}: in-degrees spread by ${low} to ${high}`, () => {
      const { standardDeviation } = graphOf(settled(options)).inDegree
      assert.ok(standardDeviation >= low && standardDeviation <= high, `${standardDeviation}`)
    })
  }

  // share of dead links so many rounds after half of all nodes crashed at once
  const decays: Array<[SamplingOptions, number, number]> = [
    [{ preset: 'healer', selection: 'rand' }, 20, 0.001],
    [{ selection: 'rand' }, 40, 0.001],
    [{ preset: 'swapper' }, 45, 0.005],
    [{}, 40, 0.001],
    [{ preset: 'cyclon' }, 60, 0.005]
  ]

  for (const [options, rounds, share] of decays) {
    it(`${JSON.stringify(options)}: at most ${share * 100} % dead links ${rounds} rounds after half have crashed`, () => {
      const { deadLinks, components } = graphOf(settled(options, rounds))
      assert.ok(deadLinks <= share, `${deadLinks}`)
      assert.equal(components, 1)
    })
  }
})
