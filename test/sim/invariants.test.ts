import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { Views } from '../../src/gossip/views.ts'
import { fillAtRandom } from '../../src/sim/graph/random-graph.ts'
import { InvariantError, ViewInvariants } from '../../src/sim/invariants.ts'

const NODES = 20
const CAPACITY = 6

/** Views of 20 nodes, 6 peers each, with room for 5 nodes that never come. */
function properViews(): Views {
  const views = new Views(NODES + 5, CAPACITY)
  fillAtRandom(views, NODES, new Random(1))
  return views
}

function numbersBelow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, number) => number)
}

describe('the check of the views', () => {
  it('lets proper views pass, again and again', () => {
    const invariants = new ViewInvariants(properViews())

    for (let i = 0; i < 3; i++) {
      invariants.check(numbersBelow(NODES), NODES)
    }
  })

  it('lets empty views pass', () => {
    new ViewInvariants(new Views(NODES, CAPACITY)).check(numbersBelow(NODES), NODES)
  })

  const broken: Array<[what: string, breakIt: (views: Views) => void, message: RegExp]> = [
    ['a node in its own view', views => views.set(7, 3, 7, 0), /^node 7 has itself in its view$/],
    [
      'a peer twice in a view',
      views => views.set(7, 3, views.peer(7, 0), 9),
      /^node 7 has peer \d+ twice in its view$/
    ],
    [
      'a node that has not come yet',
      views => views.set(7, 3, NODES, 0),
      /^node 7 has 20 in its view, which is no node$/
    ],
    ['a number below zero', views => views.set(7, 3, -1, 0), /^node 7 has -1 in its view, which is no node$/],
    [
      'a number beyond all slots',
      views => views.set(7, 5, 1_000_000, 0),
      /^node 7 has 1000000 in its view, which is no node$/
    ],
    ['more peers than there is room for', views => views.append(7, 0, 0), /^node 7 has 7 peers in its view of 6$/],
    [
      'a size below zero',
      views => {
        views.words[views.firstPeer(7) - 1] = -1
      },
      /^node 7 has -1 peers in its view of 6$/
    ]
  ]

  for (const [what, breakIt, message] of broken) {
    it(`finds ${what}`, () => {
      const views = properViews()
      breakIt(views)
      assert.throws(
        () => new ViewInvariants(views).check(numbersBelow(NODES), NODES),
        (err: unknown) => err instanceof InvariantError && message.test(err.message)
      )
    })
  }

  it('does not look at those who have not come yet', () => {
    const views = properViews()
    views.append(NODES, NODES, 0)
    new ViewInvariants(views).check(numbersBelow(NODES), NODES)
    assert.throws(() => new ViewInvariants(views).check(numbersBelow(NODES + 1), NODES + 1), InvariantError)
  })

  it('finds what a plain look at every pair of entries finds, and nothing else', () => {
    const entry = fc.integer({ min: -1, max: 9 })

    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 4 }), { minLength: 8, maxLength: 8 }), peers => {
        const views = new Views(8, 4)
        peers.forEach((view, node) => {
          for (const peer of view) {
            views.append(node, peer, 0)
          }
        })
        const isProper = peers.every((view, node) =>
          view.every((peer, i) => peer !== node && peer >= 0 && peer < 8 && view.indexOf(peer) === i)
        )
        const check = () => new ViewInvariants(views).check(numbersBelow(8), 8)

        if (isProper) {
          check()
        } else {
          assert.throws(check, InvariantError)
        }
      }),
      { numRuns: 500 }
    )
  })
})
