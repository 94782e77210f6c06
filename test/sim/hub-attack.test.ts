import assert from 'node:assert/strict'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { binOf, isEmptyBin, middleOf } from '../../src/sim/attack/in-degree-bins.ts'
import { ATTACKS } from '../../src/sim/attack/parameters.ts'
import { type HubAttackOptions, hubAttack } from '../../src/sim/experiments/hub-attack.ts'
import { MODES } from '../../src/sim/parameters.ts'
import { simulate } from '../../src/sim/simulate.ts'
import { AttackedNetwork } from './attacked-network.ts'

/** Enough attackers to fill a view. */
const NETWORK: HubAttackOptions = { nodes: 1_000, attackers: 30, view: 30, rounds: 60 }

async function roundsOf(options: HubAttackOptions, seed = 1) {
  const { rounds } = await simulate(hubAttack, { ...NETWORK, ...options }, { seed })
  return rounds
}

function meanOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('what an attack comes to', () => {
  const networks: HubAttackOptions[] = [
    { preset: 'newscast' },
    { defence: 'statistics', attack: 'frame' },
    { defence: 'statistics', attack: 'flood', churn: 0.01, crash: [{ share: 0.2, round: 45 }] },
    { defence: 'ranking', mode: 'events' },
    { attack: 'eclipse', flood: 5 },
    { attackers: 0, defence: 'statistics' },
    { attackers: 99 }
  ]

  for (const options of networks) {
    it(`${JSON.stringify(options)}: is what plain counting finds`, () => {
      const attacked = new AttackedNetwork({ nodes: 100, attackers: 12, view: 10, rounds: 100, ...options })
      const { network, meter } = attacked
      const { protocol } = network
      const samples: Array<[node: number, peer: number]> = []
      const { sample } = protocol
      protocol.sample = node => {
        const peer = sample.call(protocol, node)

        if (peer !== NOBODY) {
          samples.push([node, peer])
        }

        return peer
      }
      let unheeded = 0
      let answers = 0

      for (let round = 10; round <= 50; round += 10) {
        samples.length = 0
        const said = attacked.advance(10)
        const damage = meter.measure()
        const honest = attacked.honest()
        const attackers = [...network.world.living.subarray(0, network.world.count)].filter(node =>
          attacked.isAttacker(node)
        )
        const links = honest.flatMap(node => attacked.viewOf(node))
        const share = (part: number, whole: number) => part / whole
        const bad = (nodes: number[]) => nodes.filter(node => attacked.isAttacker(node)).length
        assert.equal(damage.honestNodes, honest.length)
        assert.equal(damage.pollutedLinks, share(bad(links), links.length))

        // one by each honest node that there was, in each round
        assert.ok(samples.every(([node]) => !attacked.isAttacker(node)))
        assert.ok(options.churn !== undefined || samples.length === 10 * honest.length)
        assert.equal(damage.pollutedSamples, share(bad(samples.map(([, peer]) => peer)), samples.length))

        const isolated = honest.filter(
          node => !attacked.viewOf(node).some(peer => !attacked.isAttacker(peer) && network.world.alive[peer] === 1)
        )
        assert.equal(damage.isolatedNodes, isolated.length)

        const suspected = honest.flatMap(node => {
          const peers: number[] = []
          protocol.forEachSuspect(node, ({ peer }) => peers.push(peer))
          return peers.filter(peer => network.world.alive[peer] === 1)
        })
        const framed = suspected.filter(peer => !attacked.isAttacker(peer))
        const counts = framed.map(peer => framed.filter(other => other === peer).length)
        assert.equal(damage.suspectedAttackers, share(bad(suspected), honest.length * attackers.length))
        assert.equal(damage.suspectedHonest, share(framed.length, honest.length * (honest.length - 1)))
        assert.equal(damage.suspectedMost, Math.max(0, ...counts) / honest.length)

        const degreeOf = (node: number) => links.filter(peer => peer === node).length
        const bins: number[] = []
        ;[...honest, ...attackers].forEach(node => {
          bins[binOf(degreeOf(node))] = (bins[binOf(degreeOf(node))] ?? 0) + 1
        })
        assert.deepEqual(
          damage.inDegree.distribution,
          Array.from(bins, count => count ?? 0)
        )
        const sum = (nodes: number[]) => nodes.reduce((total, node) => total + degreeOf(node), 0)
        assert.equal(damage.inDegree.honest, share(sum(honest), honest.length))
        assert.equal(damage.inDegree.attackers, share(sum(attackers), attackers.length))

        // by rounds, and where nothing gets lost, whoever asked has got the answer
        if (network.driver.counts.unreachable === 0 && options.mode !== 'events') {
          const got = said.filter(one => !one.isRequest && !attacked.isAttacker(one.to) && !one.isBusy).length
          const all = honest.reduce((total, node) => total + (protocol.sightings(node)?.unheeded ?? 0), 0)
          answers += got
          assert.equal(damage.unheeded, share(all - unheeded, got))
          unheeded = all
        }
      }

      assert.ok(options.mode === 'events' || options.churn !== undefined || answers > 0)
    })
  }

  it('is measured before the first round, when nobody has drawn anything', async () => {
    const [start, first] = await roundsOf({ nodes: 100, rounds: 2 })
    assert.equal(start.round, 0)
    assert.ok(Number.isNaN(start.pollutedSamples) && Number.isNaN(start.unheeded))
    // views are random: no more attackers than chance gives
    assert.ok(Math.abs(start.pollutedLinks - 0.3) < 0.05)
    assert.equal(first.round, 1)
  })

  it('is the same however often it is measured', async () => {
    const options = { ...NETWORK, nodes: 100, attackers: 5, rounds: 12 }
    const often = await simulate(hubAttack, options, { seed: 5 })
    const seldom = await simulate(hubAttack, options, { seed: 5, measureEvery: 12 })
    const { pollutedSamples: _, unheeded: __, ...one } = often.final
    const { pollutedSamples: all, unheeded: ___, ...another } = seldom.final
    assert.deepEqual(one, another)
    // as many samples in each round
    const each = often.rounds.slice(1).map(({ pollutedSamples }) => pollutedSamples)
    assert.ok(Math.abs(meanOf(each) - all) < 1e-12)
  })

  it('without attackers is nothing', async () => {
    const rounds = await roundsOf({ nodes: 100, attackers: 0, rounds: 5 })

    for (const { pollutedLinks, isolatedNodes, inDegree, suspectedAttackers } of rounds) {
      assert.deepEqual({ pollutedLinks, isolatedNodes }, { pollutedLinks: 0, isolatedNodes: 0 })
      assert.equal(inDegree.honest, 30)
      assert.ok(Number.isNaN(inDegree.attackers) && Number.isNaN(suspectedAttackers))
    }
  })

  for (const mode of MODES) {
    for (const attack of ATTACKS) {
      it(`${mode}, ${attack}: is the same to the last digit for the same seed`, async () => {
        const options: HubAttackOptions = { nodes: 60, attackers: 10, rounds: 12, mode, attack, defence: 'statistics' }
        const run = async (seed: number) => await roundsOf({ view: 8, ...options, loss: 0.1 }, seed)
        assert.deepEqual(await run(1), await run(1))
        assert.notDeepEqual(await run(1), await run(2))
      })
    }
  }
})

describe('the hub attack', () => {
  for (const mode of MODES) {
    it(`${mode}: captures every node of Newscast`, async () => {
      const rounds = await roundsOf({ preset: 'newscast', rounds: 30, mode })
      const { pollutedLinks, pollutedSamples, isolatedNodes, inDegree } = rounds[30]
      assert.deepEqual(
        { pollutedLinks, pollutedSamples, isolatedNodes },
        { pollutedLinks: 1, pollutedSamples: 1, isolatedNodes: 970 }
      )
      assert.deepEqual([inDegree.honest, inDegree.attackers], [0, 970])
      // attackers in every view, and nobody else in any
      assert.deepEqual(
        inDegree.distribution.flatMap((count, bin) => (count > 0 ? [[bin, count]] : [])),
        [
          [0, 970],
          [binOf(970), 30]
        ]
      )
    })

    it(`${mode}: captures nearly every link of the healer, and a fifth of the default variant`, async () => {
      const options: HubAttackOptions = { mode, rounds: 100 }
      assert.ok((await roundsOf({ ...options, preset: 'healer' }))[100].pollutedLinks > 0.98)
      const late = (await roundsOf(options)).slice(50).map(({ pollutedLinks }) => pollutedLinks)
      assert.ok(meanOf(late) > 0.18 && meanOf(late) < 0.28, `${meanOf(late)}`)
    })
  }

  it('begins when it is told to', async () => {
    const rounds = await roundsOf({ preset: 'newscast', attackFrom: 20, rounds: 50 })
    assert.ok(rounds.slice(0, 21).every(({ pollutedLinks }) => pollutedLinks < 0.06))
    assert.equal(rounds[45].pollutedLinks, 1)
  })

  it('is held down by statistics', async () => {
    const rounds = await roundsOf({ defence: 'statistics' })
    assert.ok(Math.max(...rounds.map(({ pollutedLinks }) => pollutedLinks)) < 0.2)
    assert.ok(meanOf(rounds.slice(31).map(({ pollutedLinks }) => pollutedLinks)) < 0.03)
    assert.ok(rounds.every(({ isolatedNodes }) => isolatedNodes === 0))
    assert.ok(rounds[60].suspectedAttackers > 100 * rounds[60].suspectedHonest)
  })

  for (const [attackers, flood] of [
    [10, 10],
    [100, 10]
  ]) {
    it(`is held by ranking to twice the share of the attackers: ${attackers} of 1,000, flood ${flood}`, async () => {
      const late = (await roundsOf({ defence: 'ranking', view: 50, attackers, flood })).slice(31)
      const share = attackers / 1_000
      assert.ok(late.every(({ pollutedLinks }) => pollutedLinks <= 2 * share))
      assert.ok(meanOf(late.map(({ pollutedSamples }) => pollutedSamples)) <= 1.5 * share)
      assert.ok(late.every(({ isolatedNodes }) => isolatedNodes === 0))
    })
  }

  it('is not seen by statistics where there is none', async () => {
    const rounds = await roundsOf({ defence: 'statistics', attackers: 0 })
    assert.ok(rounds.every(({ suspectedHonest }) => suspectedHonest < 1e-5))
    assert.ok(rounds.slice(1).every(({ unheeded }) => unheeded < 0.01))
  })

  it('cannot get an honest node suspected by many', async () => {
    const rounds = await roundsOf({ defence: 'statistics', attack: 'frame', flood: 10 })
    assert.ok(Math.max(...rounds.map(({ suspectedMost }) => suspectedMost)) < 0.05)
  })

  it('against one node fills its view, unless views are ranked', async () => {
    const victims = async (options: HubAttackOptions) => {
      const rounds = await roundsOf({ attack: 'eclipse', flood: 10, rounds: 40, ...options })
      return meanOf(rounds.slice(21).map(({ victimPollutedLinks = Number.NaN }) => victimPollutedLinks))
    }
    assert.ok((await victims({})) > 0.5)
    assert.ok((await victims({ defence: 'ranking', view: 50 })) < 0.2)
  })
})

describe('the parameters of an attack', () => {
  it('are the textbook’s where nothing is said, in a tenth of its network', () => {
    const { nodes, rounds, attack, attackers, flood, attackFrom } = hubAttack.parameters({})
    assert.deepEqual(
      { nodes, rounds, attack, attackers, flood, attackFrom },
      { nodes: 10_000, rounds: 300, attack: 'hub', attackers: 30, flood: 1, attackFrom: 0 }
    )
  })

  it('fit small networks and short runs', () => {
    assert.equal(hubAttack.parameters({ nodes: 50 }).attackers, 5)
    assert.equal(hubAttack.parameters({ nodes: 2 }).attackers, 1)
    assert.equal(hubAttack.parameters({ attack: 'late' }).attackFrom, 100)
    assert.equal(hubAttack.parameters({ attack: 'late', rounds: 30 }).attackFrom, 15)
    assert.equal(hubAttack.parameters({ attack: 'flood' }).flood, 10)
    assert.equal(hubAttack.parameters({ attack: 'cautious' }).honesty, 0.8)
  })

  it('are shown with those of the network', () => {
    const shown = (options: HubAttackOptions) => hubAttack.describe(hubAttack.parameters(options))
    const { nodes, defence, attack, attackers, flood, attackFrom } = shown({ attack: 'late', defence: 'ranking' })
    assert.deepEqual(
      { nodes, defence, attack, attackers, flood, attackFrom },
      { nodes: 10_000, defence: 'ranking', attack: 'late', attackers: 30, flood: 1, attackFrom: 100 }
    )
    assert.ok(!('honesty' in shown({})))
    assert.equal(shown({ attack: 'cautious', honesty: 0.5 }).honesty, 0.5)
  })

  const impossible: Array<[parameter: string, options: object]> = [
    ['attack', { attack: 'siege' }],
    ['attackers', { attackers: 10_000 }],
    ['attackers', { nodes: 20, attackers: 20 }],
    ['attackers', { attackers: -1 }],
    ['attackers', { attackers: 0.5 }],
    ['flood', { flood: 0 }],
    ['flood', { flood: 1_001 }],
    ['honesty', { honesty: 0.5 }],
    ['honesty', { attack: 'flood', honesty: 0.5 }],
    ['honesty', { attack: 'cautious', honesty: 1.1 }],
    ['attackFrom', { attackFrom: -1 }],
    ['attackFrom', { attackFrom: 300 }],
    ['defence', { defence: 'prayer' }],
    ['statisticsShare', { statisticsShare: 0.1 }],
    ['healer', { defence: 'ranking', healer: 3 }],
    ['view', { view: 1 }]
  ]

  for (const [parameter, options] of impossible) {
    it(`cannot be ${JSON.stringify(options)}: ${parameter} is named`, () => {
      assert.throws(
        () => hubAttack.parameters(options as HubAttackOptions),
        (err: unknown) => err instanceof ParameterError && err.parameter === parameter
      )
    })
  }
})

describe('bins of in-degrees', () => {
  it('hold what they say: from 10^((i - 1) / 20) to below 10^(i / 20)', () => {
    let bin = 1

    for (let degree = 1; degree <= 200_000; degree++) {
      while (degree >= 10 ** (bin / 20) - 1e-6) {
        bin++
      }

      assert.equal(binOf(degree), bin)
    }

    assert.equal(binOf(0), 0)
  })

  it('are drawn in their middle, those that can hold anything', () => {
    const bins = Array.from({ length: 60 }, (_, bin) => bin)
    const filled = new Set(Array.from({ length: 2_000 }, (_, degree) => binOf(degree)))

    for (const bin of bins) {
      assert.equal(isEmptyBin(bin), !filled.has(bin))
      assert.ok(isEmptyBin(bin) || bin === 0 || binOf(Math.round(middleOf(bin))) === bin)
    }

    assert.equal(middleOf(binOf(1)), 1)
    assert.equal(middleOf(0), 0.5)
  })
})
