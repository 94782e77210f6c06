import assert from 'node:assert/strict'
import { DEFENCE_NAMES, PRESET_NAMES } from '../../src/sampling/parameters.ts'
import { ATTACKS } from '../../src/sim/attack/parameters.ts'
import type { HubAttackOptions } from '../../src/sim/experiments/hub-attack.ts'
import { MODES } from '../../src/sim/parameters.ts'
import { AttackedNetwork, type Said } from './attacked-network.ts'

/** 40 attackers: more than a message of the default variant holds. */
const NETWORK: HubAttackOptions = { nodes: 200, attackers: 40, view: 10 }

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** What an honest node says: its own name, and names from its view. */
function isHonest({ by, names, view, isBusy }: Said): boolean {
  return isBusy || names.every(name => name === by || view.includes(name))
}

function countBy(said: Said[], key: (one: Said) => unknown): Map<unknown, number> {
  const counts = new Map<unknown, number>()
  said.forEach(one => {
    counts.set(key(one), (counts.get(key(one)) ?? 0) + 1)
  })
  return counts
}

describe('attackers', () => {
  /** Sorts what was said by who said it. */
  function campsOf(attacked: AttackedNetwork, said: Said[]): { hostile: Said[]; honest: Said[] } {
    return {
      hostile: said.filter(({ by }) => attacked.isAttacker(by)),
      honest: said.filter(({ by }) => !attacked.isAttacker(by))
    }
  }

  /** Names attackers only, of age 0, none twice, as many as there is room for; a request begins with its sender. */
  function assertHub(attacked: AttackedNetwork, said: Said[]): void {
    assert.ok(said.length > 0)

    for (const { by, names, ages, room, isRequest, isBusy } of said) {
      assert.ok(names.every(name => attacked.isAttacker(name)))
      assert.ok(ages.every(age => age === 0))
      assert.equal(new Set(names).size, names.length)
      assert.equal(names.length, Math.min(room, 40))
      assert.equal(isBusy, false)
      assert.ok(!isRequest || names[0] === by)
    }
  }

  for (const mode of MODES) {
    for (const options of [
      ...PRESET_NAMES.map(preset => ({ preset })),
      ...DEFENCE_NAMES.slice(1).map(defence => ({ defence }))
    ]) {
      it(`${mode}, ${JSON.stringify(options)}: name each other only, and honest nodes what they know`, () => {
        const attacked = new AttackedNetwork({ ...NETWORK, ...options, mode })
        const { hostile, honest } = campsOf(attacked, attacked.advance(8))
        assertHub(attacked, hostile)
        assert.deepEqual(
          honest.filter(one => !isHonest(one)),
          []
        )
      })
    }
  }

  it('are the last of the nodes that were there at the start, and nobody who joins', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, churn: 0.1 })
    attacked.advance(5)
    const { used } = attacked.network.world
    assert.ok(used > 200)
    assert.deepEqual(
      range(0, used).filter(node => attacked.isAttacker(node)),
      range(160, 200)
    )
  })

  it('ask honest nodes, any of them, once in a round', () => {
    const attacked = new AttackedNetwork(NETWORK)
    const requests = campsOf(attacked, attacked.advance(20)).hostile.filter(({ isRequest }) => isRequest)
    assert.ok([...countBy(requests, ({ by, round }) => `${by} ${round}`).values()].every(count => count === 1))
    assert.equal(requests.length, 20 * 40)
    assert.ok(requests.every(({ to }) => !attacked.isAttacker(to)))
    // of 800 draws from 160 about one node is never drawn
    assert.ok(countBy(requests, ({ to }) => to).size > 150)
  })

  it('ask another honest node when one cannot be reached, where the protocol tries several', () => {
    const attacked = new AttackedNetwork({
      ...NETWORK,
      defence: 'ranking',
      partition: [{ from: 1, to: 50, parts: 3 }]
    })
    attacked.advance(1)
    const requests = campsOf(attacked, attacked.advance(10)).hostile.filter(({ isRequest }) => isRequest)
    assert.ok(requests.every(({ to }) => !attacked.isAttacker(to)))
    // a third of them at once, and most in three tries
    assert.ok(requests.length > 0.5 * 10 * 40 && requests.length < 0.9 * 10 * 40, `${requests.length}`)
  })

  it('start as many exchanges as they are told to, and ten where they flood', () => {
    for (const [options, exchanges] of [
      [{ flood: 3 }, 3],
      [{ attack: 'flood' }, 10],
      [{ attack: 'flood', flood: 4 }, 4]
    ] as Array<[HubAttackOptions, number]>) {
      const attacked = new AttackedNetwork({ ...NETWORK, ...options })
      const { hostile, honest } = campsOf(attacked, attacked.advance(5))
      assert.equal(hostile.filter(({ isRequest }) => isRequest).length, exchanges * 40 * 5)
      assert.equal(honest.filter(({ isRequest }) => isRequest).length, 160 * 5)
    }
  })

  it('flood by events too, as often as answers come in time', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, attack: 'flood', delay: { kind: 'constant', time: 1 } })
    attacked.advance(2)
    const { hostile, honest } = campsOf(attacked, attacked.advance(10))
    const perRound = hostile.filter(({ isRequest }) => isRequest).length / (40 * 10)
    assert.ok(perRound > 9.5 && perRound < 10.5, `${perRound}`)
    assert.ok(Math.abs(honest.filter(({ isRequest }) => isRequest).length / (160 * 10) - 1) < 0.05)
  })

  it('learn nothing: what they know stays as it was', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, attackFrom: 5 })
    attacked.advance(5)
    const before = range(160, 200).map(node => attacked.viewOf(node))
    attacked.advance(5)
    assert.deepEqual(
      range(160, 200).map(node => attacked.viewOf(node)),
      before
    )
  })

  for (const options of [{ attack: 'late' }, { attack: 'hub', attackFrom: 100 }] as HubAttackOptions[]) {
    it(`${JSON.stringify(options)}: are honest for 100 rounds, and then a hub`, () => {
      const attacked = new AttackedNetwork({ ...NETWORK, nodes: 80, rounds: 300, ...options })
      const before = attacked.advance(100)
      assert.ok(before.every(isHonest))
      assert.ok([...countBy(before, ({ by, isRequest }) => `${by} ${isRequest}`).values()].every(count => count > 20))
      assertHub(attacked, campsOf(attacked, attacked.advance(3)).hostile)
    })
  }

  it('eclipse one node, and are honest with the others', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, attack: 'eclipse', flood: 3 })
    const { hostile } = campsOf(attacked, attacked.advance(20))
    const isToVictim = ({ to }: Said) => to === 0
    const fromView = hostile.filter(one => isHonest(one) && !isToVictim(one))
    assert.ok(hostile.filter(one => !isToVictim(one)).every(isHonest))
    // those of their own accord, and one as anybody makes it
    const requests = hostile.filter(({ isRequest }) => isRequest)
    assert.equal(requests.length, 20 * 40 * 4)
    assert.ok(requests.filter(isToVictim).length >= 20 * 40 * 3)
    assert.ok(fromView.some(({ names }) => names.some(name => !attacked.isAttacker(name))))
    assertHub(
      attacked,
      hostile.filter(one => isToVictim(one) && (!one.isRequest || !isHonest(one)))
    )
    assert.equal(attacked.meter.measure().victimPollutedLinks, 1)
  })

  it('have nothing to do when their victim is dead, and stay honest', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, attack: 'eclipse', churn: 0.05, rounds: 500 })

    while (attacked.network.world.alive[0] === 1) {
      attacked.advance(1)
    }

    assert.equal(attacked.colluders.turns(199), 1)
    const { hostile } = campsOf(attacked, attacked.advance(5))
    assert.ok(hostile.length > 0 && hostile.every(isHonest))
    assert.ok(Number.isNaN(attacked.meter.measure().victimPollutedLinks))
  })

  for (const [options, honesty] of [
    [{ attack: 'cautious' }, 0.8],
    [{ attack: 'cautious', honesty: 0.3 }, 0.3]
  ] as Array<[HubAttackOptions, number]>) {
    it(`${JSON.stringify(options)}: are honest in as many exchanges, of either kind`, () => {
      // at first nearly every honest message has honest names
      const attacked = new AttackedNetwork({ ...NETWORK, nodes: 1_000, ...options })
      const { hostile } = campsOf(attacked, attacked.advance(10))

      for (const isRequest of [true, false]) {
        const those = hostile.filter(one => one.isRequest === isRequest && !one.isBusy)
        const share = those.filter(({ names }) => names.some(name => !attacked.isAttacker(name))).length / those.length
        assert.ok(Math.abs(share - honesty) < 0.1, `${share}`)
      }
    })
  }

  it('frame honest nodes, always the same ones', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, attack: 'frame' })
    const { hostile } = campsOf(attacked, attacked.advance(5))
    const named = new Set(hostile.flatMap(({ by, names }) => names.filter(name => name !== by)))
    assert.deepEqual(
      [...named].sort((a, b) => a - b),
      range(0, 40)
    )
  })

  it('dilute what they say: half of the names are honest, and any of them', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, attack: 'diluted' })
    const { hostile } = campsOf(attacked, attacked.advance(10))
    const names = hostile.flatMap(one => one.names)
    const honest = names.filter(name => !attacked.isAttacker(name))
    assert.ok(hostile.every(one => new Set(one.names).size === one.names.length))
    assert.ok(Math.abs(honest.length / names.length - 0.5) < 0.1, `${honest.length / names.length}`)
    assert.equal(new Set(honest).size, 160)
  })

  it('die as others do, and are named no more', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, crash: [{ share: 0.5, round: 3 }] })
    attacked.advance(3)
    const { alive } = attacked.network.world
    const { hostile } = campsOf(attacked, attacked.advance(3))
    assert.ok(hostile.length > 0)
    assert.ok(hostile.every(({ by, names }) => [by, ...names].every(node => alive[node] === 1)))
  })

  it('welcome newcomers as they do others', () => {
    const attacked = new AttackedNetwork({ ...NETWORK, join: [{ share: 1, round: 2 }] })
    attacked.advance(2)
    const welcomes = attacked.advance(1).filter(({ isIntroduction, isRequest }) => isIntroduction && !isRequest)
    assertHub(attacked, campsOf(attacked, welcomes).hostile)
  })

  for (const mode of MODES) {
    for (const attack of ATTACKS) {
      it(`${mode}, ${attack}: leave no exchange open, whatever befalls the network`, () => {
        const faults: HubAttackOptions = { churn: 0.05, loss: 0.1, crash: [{ share: 0.3, round: 10 }] }
        const options: HubAttackOptions = { ...NETWORK, nodes: 100, rounds: 30, mode, attack, defence: 'ranking' }
        const attacked = new AttackedNetwork({ ...options, ...faults })
        attacked.advance(30)
        const { started, answered, busy, unreachable, timeout } = attacked.network.driver.counts
        const open = started - answered - busy - unreachable - timeout
        assert.ok(mode === 'rounds' ? open === 0 : open >= 0 && open <= 100, `${open}`)
      })
    }
  }
})
