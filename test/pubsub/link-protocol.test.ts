import assert from 'node:assert/strict'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import {
  INTEREST_LINKS,
  MAX_LINK_AGE,
  MAX_OFFERS,
  MAX_RING_LINKS,
  QUARANTINE_ROUNDS,
  REMEMBERED_ROUNDS,
  RENEWAL
} from '../../src/pubsub/constants.ts'
import { LinkMessage } from '../../src/pubsub/message.ts'
import type { Region } from '../../src/pubsub/region.ts'
import { drawCubes } from './boxes-drawn.ts'
import { Population } from './population.ts'

const WIDE = 1

/** Members all of which overlap. */
function wide(count: number, seed = 1): Population {
  return new Population(drawCubes(new Random(seed), count, 2, WIDE), 2, seed)
}

const offersOf = ({ offers, offered }: LinkMessage) => [...offers.subarray(0, offered)]
const agesOf = ({ offerAges, offered }: LinkMessage) => [...offerAges.subarray(0, offered)]

describe('a member', () => {
  it('keeps no more links than there are places, whatever it is told, and none of another one', () => {
    const regions = drawCubes(new Random(1), 1, 1, 0.5)
    const same: Region[] = Array.from({ length: 400 }, () => regions[0])
    const { protocol, ...population } = new Population(same, 1)

    for (let member = 1; member < 400; member++) {
      protocol.learn(0, member, 0)
    }

    assert.ok(protocol.links.sizes[0] <= protocol.links.capacity)
    assert.ok(protocol.links.sizes.subarray(1).every(size => size === 0))
    assert.ok(protocol.links.members.subarray(protocol.links.capacity).every(member => member === 0))
    const message = new LinkMessage(MAX_OFFERS, MAX_RING_LINKS + INTEREST_LINKS)
    message.clear(1, 0)
    protocol.absorb(0, 1, message, message)
    assert.ok(protocol.links.sizes[0] <= MAX_RING_LINKS + INTEREST_LINKS)
    assert.ok(population.alive.has(0))
  })

  it('does not take note of itself, of who asks for nothing, nor of who has been silent for long', () => {
    const { protocol, members } = wide(5)
    members.set(3, 7, undefined)
    protocol.learn(0, 0, 0)
    protocol.learn(0, 3, 0)
    protocol.learn(0, 4, MAX_LINK_AGE + 1)
    assert.equal(protocol.links.sizes[0], 0)
    protocol.learn(0, 4, MAX_LINK_AGE)
    assert.ok(protocol.knows(0, 4))
  })

  it('knows how long others have been silent by the latest that it was told', () => {
    const { protocol } = wide(3)

    for (const [age, expected] of [
      [9, 9],
      [12, 9],
      [3, 3]
    ]) {
      protocol.learn(0, 1, age)
      assert.equal(protocol.links.ages[0], expected)
    }
  })

  it('forgets who did not answer, and does not take it back from others until it speaks for itself', () => {
    const { protocol } = wide(4)
    protocol.learn(0, 1, 0)
    protocol.abandon(0, 1, 'busy')
    protocol.abandon(0, 1, 'aborted')
    assert.equal(protocol.links.sizes[0], 1)
    protocol.abandon(0, NOBODY, 'timeout')
    protocol.abandon(0, 1, 'timeout')
    assert.equal(protocol.links.sizes[0], 0)
    assert.ok(protocol.knows(0, 1), 'its number is still in use')
    protocol.learn(0, 1, 0)
    assert.equal(protocol.links.sizes[0], 0)
    const message = protocol.createMessage()
    message.clear(1, 0)
    protocol.absorb(0, 1, message, message)
    assert.equal(protocol.links.sizes[0], 1)
    protocol.abandon(0, 1, 'timeout')

    for (let round = 0; round < QUARANTINE_ROUNDS; round++) {
      protocol.turns(0)
      protocol.partner(0)
    }

    assert.ok(!protocol.knows(0, 1))
    protocol.learn(0, 1, 0)
    assert.equal(protocol.links.sizes[0], 1)
  })

  it('has rounds that begin once each, also when one is cut short', () => {
    const { protocol } = wide(3)
    protocol.learn(0, 1, 0)

    for (let round = 1; round <= 6; round++) {
      const turns = round % 3 === 0 ? protocol.turns(0) : 1
      assert.equal(protocol.turns(0), 2)

      for (let turn = 0; turn < turns; turn++) {
        protocol.partner(0)
      }

      assert.equal(protocol.rounds[0], round)
      assert.equal(protocol.links.ages[0], round)
    }
  })

  it('remembers events for three dozen of its rounds', () => {
    const { protocol, recent } = wide(2)
    recent.add(0, 'event', new Float64Array(2), 0)

    for (let round = 1; round <= REMEMBERED_ROUNDS + 1; round++) {
      protocol.turns(0)
      protocol.partner(0)
      assert.equal(recent.has(0, 'event'), round <= REMEMBERED_ROUNDS)
    }
  })

  it('that gets the number of another one is known to nobody, and knows nobody', () => {
    const population = wide(6)
    const { protocol, members, recent } = population
    population.run(3)
    protocol.abandon(1, 2, 'timeout')
    recent.add(2, 'event', new Float64Array(2), 1)
    members.set(2, 12_345, members.regions[5])
    protocol.reset(2)
    assert.equal(protocol.links.sizes[2], 0)
    assert.equal(protocol.rounds[2], 0)
    assert.ok(!recent.has(2, 'event'))
    assert.ok([0, 1, 3, 4, 5].every(member => !population.known(member).includes(2) && !protocol.knows(member, 2)))
    population.run(3)
    assert.ok([0, 1, 3, 4, 5].every(member => population.known(member).includes(2)))
  })
})

describe('what one member tells another', () => {
  it('is of others that it knows, none twice, and never too many', () => {
    const population = wide(80)
    const { protocol } = population
    population.run(6)
    const out = protocol.createMessage()

    for (let node = 0; node < 80; node++) {
      const to = (node + 7) % 80
      protocol.request(node, to, out)
      const offers = offersOf(out)
      assert.equal(new Set(offers).size, offers.length)
      assert.ok(offers.length > 0 && offers.length <= MAX_OFFERS)
      assert.ok(!offers.includes(node) && !offers.includes(to))
      assert.ok(offers.every(member => population.known(node).includes(member)))
      assert.ok(agesOf(out).every(age => age <= MAX_LINK_AGE))
      const known = [...out.known.subarray(0, out.knowing)]
      assert.deepEqual(
        known,
        population.known(node).filter(member => population.members.overlap(node, member))
      )
      assert.ok(out.from === node && out.to === to && !out.leaving)
    }
  })

  it('leaves out those that the other one knows as young', () => {
    const population = wide(60)
    const { protocol } = population
    population.run(5)
    const [request, reply] = [protocol.createMessage(), protocol.createMessage()]
    protocol.request(0, 1, request)
    const [old, ...fresh] = offersOf(request)
    request.knowing = 0
    const age = (member: number) =>
      protocol.links.ages[protocol.links.find(1, member, population.members.arc(1, member))]
    const known = population.known(1)

    for (const member of known) {
      request.know(member, age(member) + (member === known[0] ? RENEWAL : RENEWAL - 1))
    }

    protocol.respond(1, 0, request, reply)
    assert.ok(offersOf(reply).every(member => member === known[0]))
    assert.ok(old !== undefined && fresh.length > 0)
  })

  it('is who comes before and after it on the circle, when it asks for all that the other one does', () => {
    const regions = drawCubes(new Random(1), 30, 1, 0.5).fill(drawCubes(new Random(1), 1, 1, 0.5)[0])
    const population = new Population(regions, 1)
    const { protocol, members } = population
    // the sender is next to the receiver, before all others
    members.set(0, members.ids[1] + 1, regions[0])

    for (let member = 2; member < 30; member++) {
      protocol.learn(0, member, 0)
    }

    const nearest = (clockwise: boolean, than: number[]) =>
      than.sort((a, b) => (clockwise ? 1 : -1) * (members.arc(1, a) - members.arc(1, b)))[0]
    const others = Array.from({ length: 28 }, (_, i) => i + 2)
    const out = protocol.createMessage()
    const next = [true, false].map(clockwise => nearest(clockwise, [0, ...others]))
    protocol.request(0, 1, out)
    assert.equal(next[0], 0)
    assert.ok(next.every(member => member === 0 || offersOf(out).includes(member)))
    protocol.farewell(0, 1, out)
    assert.ok(out.leaving)
    assert.ok([true, false].every(clockwise => offersOf(out).includes(nearest(clockwise, [...others]))))
  })

  it('is anybody, for one that asks for nothing', () => {
    const population = wide(60)
    population.run(5)
    population.members.set(1, 1, undefined)
    const out = population.protocol.createMessage()
    population.protocol.request(0, 1, out)
    assert.ok(out.offered > MAX_OFFERS / 2)
  })

  it('names events that the other one asks for, which says what it lacks', () => {
    const population = wide(2)
    const { recent, members, missing } = population
    const within = (member: number) => {
      const { lows, highs } = members.regions[member] as Region
      return lows.map((low, i) => (low + highs[i]) / 2)
    }
    const shared = [within(0), within(1)].find(point => members.holds(0, point) && members.holds(1, point))
    recent.add(0, 'both', shared as Float64Array, 0)
    recent.add(0, 'not for the other', Float64Array.of(-5, -5), 0)
    population.run(1)
    assert.ok(missing.length > 0)
    assert.ok(missing.every(([node, from, event]) => node === 1 && from === 0 && event === 'both'))
    recent.add(1, 'both', shared as Float64Array, 0)
    missing.length = 0
    population.run(1)
    assert.deepEqual(missing, [])
  })

  it('holds ages that are not less than they were, however great', () => {
    const message = new LinkMessage(2, 2)

    for (const age of [0xffff, 0x10000, 2 ** 40]) {
      message.clear(1, 2)
      message.offer(3, age)
      message.know(3, age)
      assert.deepEqual([message.offerAges[0], message.knownAges[0]], [0xffff, 0xffff])
    }

    message.clear(1, 2)

    for (let member = 0; member < 5; member++) {
      message.offer(member, 0)
      message.know(member, 0)
    }

    assert.deepEqual([message.offered, message.knowing], [2, 2])
  })
})
