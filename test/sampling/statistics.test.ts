import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { SamplingMessage } from '../../src/sampling/message.ts'
import type { Suspicion } from '../../src/sampling/reputations.ts'
import { Statistics } from '../../src/sampling/statistics.ts'

/** Names in the answer of an exchange with a view of 30. */
const NAMES = 15

/** Colluders have the numbers from here on. */
const COLLUDERS = 1_000_000

class Listener {
  readonly statistics: Statistics
  readonly random: Random
  private readonly message = new SamplingMessage(NAMES + 1)
  private readonly peers: number

  /** @param peers - how many there are: their numbers follow those of the nodes */
  constructor(
    peers: number,
    readonly nodes: number,
    seed = 1
  ) {
    this.peers = peers
    this.statistics = new Statistics(nodes, 31)
    this.random = new Random(seed)
  }

  somebody(): number {
    return this.nodes + this.random.below(this.peers)
  }

  /** Names given, and others drawn from all peers till there are enough of them. */
  names(given: number[] = []): number[] {
    const names = new Set(given)

    while (names.size < Math.min(NAMES, this.peers)) {
      names.add(this.somebody())
    }

    return [...names]
  }

  colluders(count: number, among: number): number[] {
    const all = Array.from({ length: among }, (_, i) => COLLUDERS + i)
    this.random.choose(all, count)
    return all.slice(0, count)
  }

  saying(names: number[]): SamplingMessage {
    this.message.clear()

    for (const peer of names) {
      this.message.add(peer, 0)
    }

    return this.message
  }

  reply(node: number, round: number, names = this.names(), from = 2 * COLLUDERS): boolean {
    return this.statistics.judgeReply(node, from, this.saying(names), round)
  }

  request(node: number, round: number, names: number[], from = 2 * COLLUDERS): boolean {
    return this.statistics.judgeRequest(node, from, this.saying(names), round)
  }

  suspects(node: number, round: number): Suspicion[] {
    const suspects: Suspicion[] = []
    this.statistics.forEachSuspect(node, round, suspicion => suspects.push(suspicion))
    return suspects
  }
}

describe('statistics of whom a node hears of', () => {
  for (const peers of [2, 3, 16, 40, 150, 300, 2_000, 100_000]) {
    it(`let all but very few of the messages of ${peers} honest peers pass, from the first one on`, () => {
      const nodes = 60
      const rounds = 160
      const listener = new Listener(peers, nodes)
      let unheeded = 0
      let early = 0
      let suspects = 0
      let refused = 0

      for (let node = 0; node < nodes; node++) {
        for (let round = 1; round <= rounds; round++) {
          const passes = [listener.request(node, round, listener.names()), listener.reply(node, round)]
          const fails = passes.filter(pass => !pass).length
          unheeded += fails
          early += round <= 12 ? fails : 0
        }

        suspects += listener.suspects(node, rounds).length

        for (let peer = 0; peer < Math.min(peers, 1_000); peer++) {
          refused += listener.statistics.refuses(node, nodes + peer, rounds) ? 1 : 0
        }
      }

      const messages = 2 * nodes * rounds
      assert.ok(unheeded / messages < 0.005, `${unheeded} of ${messages} not heeded`)
      assert.ok(early / (24 * nodes) < 0.005, `${early} of the first ones`)
      assert.ok(suspects <= 1, `${suspects} suspects`)
      assert.ok(refused / (nodes * Math.min(peers, 1_000)) < 0.02, `${refused} refused`)
    })
  }

  it('do not heed colluders once they were seen a few times, in answers and in requests', () => {
    const nodes = 100
    const listener = new Listener(100_000, nodes)
    const heeded = [0, 0, 0, 0, 0, 0]

    for (let node = 0; node < nodes; node++) {
      for (let round = 1; round <= 60; round++) {
        listener.reply(node, round)
      }

      for (let told = 0; told < heeded.length; told++) {
        const round = 61 + told * 5
        const names = listener.colluders(NAMES, 30)
        // a request never teaches anything, and is judged alike
        const asRequest = listener.request(node, round, names)
        const asReply = listener.reply(node, round, names)
        assert.equal(asRequest, asReply)
        heeded[told] += asReply ? 1 : 0
        listener.reply(node, round + 1)
        listener.reply(node, round + 2)
      }

      assert.deepEqual(listener.statistics.gathered(node).judged, 60 - 4 + 3 * heeded.length)
    }

    assert.equal(heeded[0], nodes, 'somebody never heard of is not unusual')
    assert.ok(heeded[1] <= 0.7 * nodes, `the second time ${heeded[1]} of ${nodes}`)
    assert.ok(heeded[2] <= 0.05 * nodes, `the third time ${heeded[2]} of ${nodes}`)
    assert.deepEqual(heeded.slice(3), [0, 0, 0])
  })

  it('know colluders from the very beginning, where a newcomer has heard nobody else', () => {
    const nodes = 100
    const listener = new Listener(100_000, nodes)
    let heeded = 0

    for (let node = 0; node < nodes; node++) {
      listener.reply(node, 1)
      listener.reply(node, 2, listener.colluders(NAMES, 15))
      heeded += listener.reply(node, 3, listener.colluders(NAMES, 15)) ? 1 : 0
    }

    assert.equal(heeded, 0)
  })

  it('go on not heeding them, however often they try to become the usual', () => {
    const listener = new Listener(100_000, 1)

    for (let round = 1; round <= 100; round++) {
      listener.reply(0, round)
    }

    let heeded = 0

    for (let round = 101; round <= 600; round++) {
      const colludes = round % 3 === 0
      const usual = listener.reply(0, round, colludes ? listener.colluders(NAMES, 30) : undefined)
      heeded += colludes && usual ? 1 : 0
      assert.ok(colludes || usual || round % 3 !== 0)
    }

    assert.ok(heeded <= 3, `${heeded} of 166 were heeded`)
  })

  it('learn nothing from requests', () => {
    const listener = new Listener(300, 1)
    listener.reply(0, 1)
    const before = listener.statistics.gathered(0)

    for (let round = 1; round < 300; round++) {
      listener.request(0, round, listener.names())
    }

    assert.deepEqual(listener.statistics.gathered(0), before)
    assert.deepEqual([before.judged, before.unheeded], [0, 0])
  })

  it('count neither who speaks nor who listens', () => {
    const listener = new Listener(1_000, 1)
    const [from, other] = [COLLUDERS, COLLUDERS + 1]

    for (let round = 1; round <= 200; round++) {
      assert.ok(listener.reply(0, round, [0, from, other], from))
      assert.ok(listener.reply(0, round, [0, from], from), 'a message that names nobody is heeded')
      assert.ok(listener.reply(0, round, []))
    }

    assert.equal(listener.statistics.summary(0).sightings, 200)
    const { statistics } = listener
    assert.deepEqual([statistics.seen(0, 0), statistics.seen(0, from), statistics.seen(0, other)], [0, 0, 63])
  })

  it('never ask for the identity of the node itself, and go by identity alone', () => {
    const statistics = new Statistics(1, 31, peer => {
      assert.notEqual(peer, 0)
      return peer % 100
    })
    const message = new SamplingMessage(3)
    message.add(0, 0)
    message.add(7, 0)
    message.add(207, 0)
    statistics.judgeReply(0, 1, message, 1)
    statistics.judgeRequest(0, 1, message, 1)
    assert.equal(statistics.seen(0, 107), 2)
  })

  /** Makes the node suspect a peer that is named in every third answer, all of which are usual otherwise. */
  function suspect(listener: Listener, victim: number): number {
    let round = 0

    while (listener.suspects(0, round).length === 0) {
      round++
      assert.ok(round < 1_000)
      listener.reply(0, round, listener.names(round % 3 === 0 ? [victim] : []))
    }

    return round
  }

  it('suspect who is named far too often, say why, and refuse it and have it removed', () => {
    const listener = new Listener(1_000, 1)
    const { statistics } = listener
    const round = suspect(listener, COLLUDERS)
    const [{ peer, seen, expected, offences, rounds }] = listener.suspects(0, round)
    assert.deepEqual([peer, offences, rounds], [COLLUDERS, 1, 60])
    assert.equal(seen, statistics.seen(0, COLLUDERS))
    assert.ok(Math.abs(expected / statistics.summary(0).expected - 1) < 0.1)
    assert.ok(seen > 5 * expected)
    assert.ok(statistics.refuses(0, COLLUDERS, round))
    assert.ok(statistics.knows(0, COLLUDERS))
    assert.ok(statistics.refused.subarray(0, statistics.refusedCount).includes(COLLUDERS))
  })

  it('never suspect again whom somebody who knows better has cleared', () => {
    const listener = new Listener(1_000, 1)
    const { statistics } = listener
    const round = suspect(listener, COLLUDERS)
    assert.ok(statistics.clearSuspect(0, COLLUDERS))
    assert.ok(!statistics.clearSuspect(0, COLLUDERS), 'it is no suspect any more')
    assert.ok(!statistics.clearSuspect(0, COLLUDERS + 1), 'it never was')

    for (let later = 1; later < 300; later++) {
      listener.reply(0, round + later, listener.names([COLLUDERS]))
      assert.ok(!statistics.refuses(0, COLLUDERS, round + later))
      assert.ok(statistics.knows(0, COLLUDERS))
      assert.equal(listener.suspects(0, round + later).filter(({ peer }) => peer === COLLUDERS).length, 0)
    }
  })

  it('suspect nobody by an answer that is not heeded, whomever it names', () => {
    const nodes = 50
    const listener = new Listener(1_000, nodes)
    let framed = 0

    for (let node = 0; node < nodes; node++) {
      for (let round = 1; round <= 100; round++) {
        listener.reply(node, round)
      }

      const before = listener.suspects(node, 100).length
      const victim = listener.somebody()

      for (let round = 101; round <= 160; round++) {
        // the first ones are heeded: nothing is unusual about them yet
        const heeded = listener.reply(node, round, [victim, ...listener.colluders(NAMES - 1, 14)])
        const suspected = listener.suspects(node, round).some(({ peer }) => peer === victim)
        assert.ok(heeded || !suspected || framed > 0)
        framed += heeded && suspected ? 1 : 0
      }

      assert.ok(listener.suspects(node, 160).length <= before + 1)
    }

    assert.ok(framed <= 0.05 * nodes, `${framed} of ${nodes} suspect the victim`)
  })
})
