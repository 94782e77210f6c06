import assert from 'node:assert/strict'
import fc from 'fast-check'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { type Faults, NO_FAULTS, type Partition } from '../../src/sim/faults.ts'
import { slotsNeeded, World } from '../../src/sim/world.ts'

function worldOf(nodes: number, faults: Partial<Faults>, { rounds = 100, seed = 1 } = {}): World {
  return new World(nodes, { ...NO_FAULTS, ...faults }, rounds, new Random(seed))
}

/** Lets rounds pass in which nobody says anything. */
function pass(world: World, rounds: number, from = 1): void {
  for (let round = from; round < from + rounds; round++) {
    world.beginRound(round)
    world.endRound(round)
  }
}

function livingOf({ alive }: World): number[] {
  return Array.from(alive.keys()).filter(node => alive[node] === 1)
}

/** The groups of nodes that reach each other. */
function partsOf(world: World): number[][] {
  const parts: number[][] = []

  for (const node of livingOf(world)) {
    const part = parts.find(([other]) => world.reaches(node, other))

    if (part == null) {
      parts.push([node])
    } else {
      part.push(node)
    }
  }

  return parts
}

const share = fc.double({ min: 0.001, max: 1, noNaN: true })
const anyFaults = fc.record({
  churn: fc.oneof(fc.constant(0), fc.constantFrom(0.1, 1 / 3, 1), share),
  crash: fc.array(fc.record({ share, round: fc.nat(30) }), { maxLength: 3 }),
  join: fc.array(fc.record({ share: fc.double({ min: 0.001, max: 3, noNaN: true }), round: fc.nat(30) }), {
    maxLength: 3
  }),
  partition: fc.constantFrom<Partition[]>([], [{ from: 3, to: 20, parts: 3 }])
})

describe('the world of a simulation', () => {
  it('gives every node that ever lives a number of its own, and never brings one back', () => {
    fc.assert(
      fc.property(anyFaults, fc.integer({ min: 2, max: 40 }), fc.nat(), (faults, nodes, seed) => {
        const world = worldOf(nodes, faults, { rounds: 40, seed })
        const dead = new Set<number>()
        let before = livingOf(world)

        for (let round = 1; round <= 40; round++) {
          const first = world.used
          assert.equal(world.beginRound(round), first, 'newcomers are those from here on')
          world.endRound(round)
          const living = livingOf(world)

          for (const node of before) {
            if (world.alive[node] === 0) {
              dead.add(node)
            }
          }

          for (const node of living) {
            assert.ok(!dead.has(node), `${node} lives again`)
            assert.ok(node < world.used)
          }

          assert.deepEqual(
            Array.from(world.living.subarray(0, world.count)).sort((a, b) => a - b),
            living
          )
          assert.ok(world.used <= world.slots, `${world.used} nodes in ${world.slots} slots`)
          before = living
        }
      })
    )
  })

  it('has a slot for everybody who will come, and few to spare', () => {
    const faults = { ...NO_FAULTS, churn: 0.1, join: [{ share: 0.25, round: 3 }] }
    const world = worldOf(1_000, faults, { rounds: 50 })
    pass(world, 50)
    assert.equal(world.slots, slotsNeeded(1_000, faults, 50))
    // as if those who join after round 3 had been there from the beginning
    assert.equal(world.slots, 1_250 + 1_250 * 0.1 * 50)
    assert.equal(world.used, 1_250 + 1_000 * 0.1 * 3 + 1_250 * 0.1 * 47)
  })

  it('lets exactly the rounded share of the living crash, once the round is over', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), share, share, fc.nat(), (nodes, first, second, seed) => {
        const crash = [
          { share: first, round: 2 },
          { share: second, round: 4 }
        ]
        const world = worldOf(nodes, { crash }, { seed })
        let left = nodes
        pass(world, 1)

        for (let round = 2; round <= 5; round++) {
          world.beginRound(round)
          assert.equal(world.count, left)
          world.endRound(round)
          left -= Math.round((crash.find(each => each.round === round)?.share ?? 0) * left)
          assert.equal(world.count, left)
        }
      })
    )
  })

  it('lets a crash at round 0 come before everything else', () => {
    assert.equal(worldOf(10, { crash: [{ share: 0.3, round: 0 }] }).count, 7)
  })

  it('lets the crashes of a round come one after the other, and so all nodes crash if that is asked for', () => {
    const crash = [
      { share: 0.5, round: 1 },
      { share: 0.5, round: 1 },
      { share: 1, round: 2 }
    ]
    const world = worldOf(100, { crash })
    pass(world, 1)
    assert.equal(world.count, 25)
    pass(world, 1, 2)
    assert.equal(world.count, 0)
  })

  it('chooses who crashes at random', () => {
    const crashes = new Array<number>(20).fill(0)

    for (let seed = 0; seed < 2_000; seed++) {
      const { alive } = worldOf(20, { crash: [{ share: 0.25, round: 0 }] }, { seed })
      alive.forEach((lives, node) => {
        crashes[node] += 1 - lives
      })
    }

    // 500 each; standard deviation 19
    assert.ok(
      crashes.every(count => count > 400 && count < 600),
      crashes.join(' ')
    )
  })

  for (const [nodes, churn, replaced] of [
    [100, 0.05, 5_000],
    [10, 0.05, 500],
    [7, 0.01, 70],
    [3, 1 / 3, 1_000]
  ]) {
    it(`replaces a share of ${churn} of ${nodes} nodes in each round on average, also where that is a fraction`, () => {
      const world = worldOf(nodes, { churn }, { rounds: 1_000 })
      pass(world, 1_000)
      assert.equal(world.count, nodes)
      // what is left over of the last round is less than a node
      assert.ok(Math.abs(world.used - nodes - replaced) <= 1, `${world.used - nodes}`)
    })
  }

  it('lets newcomers come before the round after the one that is said', () => {
    const world = worldOf(10, { join: [{ share: 1.5, round: 2 }] })
    pass(world, 2)
    assert.equal(world.count, 10)
    assert.equal(world.beginRound(3), 10)
    assert.equal(world.count, 25)
  })

  it('is cut into parts as equal as can be, from the end of one round to the end of another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 7 }), fc.nat(), (nodes, parts, seed) => {
        const world = worldOf(nodes, { partition: [{ from: 2, to: 5, parts }] }, { seed })

        for (let round = 1; round <= 6; round++) {
          world.beginRound(round)
          assert.equal(partsOf(world).length, round >= 3 && round <= 5 ? Math.min(parts, nodes) : 1, `round ${round}`)
          world.endRound(round)

          if (round >= 2 && round < 5) {
            const sizes = partsOf(world).map(part => part.length)
            assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes}`)
          }
        }
      })
    )
  })

  it('draws at random who is in which part', () => {
    let together = 0

    for (let seed = 0; seed < 2_000; seed++) {
      together += worldOf(10, { partition: [{ from: 0, to: 5, parts: 2 }] }, { seed }).reaches(0, 9) ? 1 : 0
    }

    // 4 of the 9 others are in the half of node 0: 889, standard deviation 22
    assert.ok(together > 790 && together < 990, `${together}`)
  })

  it('puts newcomers in a part, while there are parts', () => {
    const world = worldOf(100, { partition: [{ from: 1, to: 5, parts: 2 }], join: [{ share: 1, round: 2 }] })
    pass(world, 3)
    const sizes = partsOf(world).map(part => part.length)
    assert.equal(sizes.length, 2)
    assert.ok(sizes.every(size => size > 70 && size < 130))
  })

  it('is cut anew as an earlier cut ends, in whatever order they are listed', () => {
    const cuts = [
      { from: 1, to: 3, parts: 2 },
      { from: 3, to: 5, parts: 3 }
    ]

    for (const partition of [cuts, cuts.toReversed()]) {
      const world = worldOf(30, { partition })
      const seen = [partsOf(world).length]

      for (let round = 1; round <= 5; round++) {
        pass(world, 1, round)
        seen.push(partsOf(world).length)
      }

      assert.deepEqual(seen, [1, 2, 2, 3, 3, 1])
    }
  })

  it('says who reaches whom the same from both ends', () => {
    const world = worldOf(30, { partition: [{ from: 0, to: 5, parts: 3 }] })

    for (let a = 0; a < 30; a++) {
      for (let b = 0; b < 30; b++) {
        assert.equal(world.reaches(a, b), world.reaches(b, a))
      }
    }
  })

  for (const [what, faults, calm] of [
    ['nothing happens', {}, [true, true, true, true, true]],
    ['newcomers come', { join: [{ share: 1, round: 2 }] }, [true, true, true, true, true]],
    ['somebody has died', { crash: [{ share: 0.2, round: 2 }] }, [true, true, false, false, false]],
    ['nodes are replaced', { churn: 0.1 }, [false, false, false, false, false]],
    ['a cut lasts', { partition: [{ from: 1, to: 3, parts: 2 }] }, [true, false, false, true, true]],
    ['messages get lost', { loss: 0.01 }, [false, false, false, false, false]],
    ['some are slow', { slow: { share: 0.5, factor: 2 } }, [false, false, false, false, false]]
  ] as Array<[what: string, faults: Partial<Faults>, calm: boolean[]]>) {
    it(`knows in which rounds it is calm where ${what}`, () => {
      const world = worldOf(20, faults)
      const seen = calm.map((_, i) => {
        world.beginRound(i + 1)
        const isCalm = world.calm
        world.endRound(i + 1)
        return isCalm
      })
      assert.deepEqual(seen, calm)
    })
  }

  for (const loss of [0, 0.05, 0.5, 1]) {
    it(`loses a share of ${loss} of the messages`, () => {
      const world = worldOf(2, { loss })
      const lost = Array.from({ length: 20_000 }, () => world.loses()).filter(Boolean).length
      // five standard deviations
      assert.ok(Math.abs(lost - 20_000 * loss) <= 5 * Math.sqrt(20_000 * loss * (1 - loss)), `${lost}`)
    })
  }

  it('lets a slow node rest in all but one of so many rounds, and nobody else at all', () => {
    const world = worldOf(1_000, { slow: { share: 0.2, factor: 5 } })
    let slow = 0
    /** Turns of slow nodes, by the round in which they are. */
    const turns = new Array<number>(5).fill(0)

    for (let node = 0; node < 1_000; node++) {
      const awake = Array.from({ length: 20 }, (_, round) => round).filter(round => !world.rests(node, round + 1))

      if (awake.length < 20) {
        slow++
        turns[awake[0]]++
        assert.deepEqual(
          awake,
          [0, 1, 2, 3].map(i => awake[0] + i * 5)
        )
      }
    }

    assert.ok(slow > 135 && slow < 265, `${slow}`)
    assert.ok(Math.min(...turns) > slow / 10, `not all slow nodes have their turns in the same round: ${turns}`)
  })

  it('makes newcomers slow as often as others', () => {
    const world = worldOf(100, { slow: { share: 0.3, factor: 2 }, join: [{ share: 50, round: 1 }] })
    pass(world, 2)
    const slow = Array.from(world.slowness ?? []).filter(factor => factor === 2).length
    assert.ok(Math.abs(slow / 5_100 - 0.3) < 0.035, `${slow}`)
  })

  it('finds a contact for a newcomer among the living members that it reaches, any of them as often', () => {
    const world = worldOf(40, {
      crash: [{ share: 0.25, round: 0 }],
      partition: [{ from: 0, to: 5, parts: 2 }]
    })
    const isMember = (node: number) => node % 3 !== 0
    const [newcomer] = livingOf(world)
    const found = new Map<number, number>()

    for (let i = 0; i < 5_000; i++) {
      const contact = world.contact(newcomer, isMember)
      found.set(contact, (found.get(contact) ?? 0) + 1)
    }

    const possible = livingOf(world).filter(
      node => node !== newcomer && world.reaches(newcomer, node) && isMember(node)
    )
    assert.deepEqual(
      [...found.keys()].sort((a, b) => a - b),
      possible
    )
    const mean = 5_000 / possible.length

    for (const count of found.values()) {
      assert.ok(Math.abs(count - mean) < 5 * Math.sqrt(mean), `${count} instead of ${mean}`)
    }
  })

  it('finds no contact where there is none', () => {
    const world = worldOf(3, {})
    assert.equal(
      world.contact(0, () => false),
      NOBODY
    )
    assert.equal(
      world.contact(0, node => node === 0),
      NOBODY
    )
  })
})
