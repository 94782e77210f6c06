import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ASIDE_ROUNDS, FIRST_SENTENCE, LONGEST_SENTENCE, TAINT_ROUNDS } from '../../src/sampling/constants.ts'
import { Reputations, type Suspicion } from '../../src/sampling/reputations.ts'

interface Entry {
  tainted: number
  refused: number
  suspected: number
  offences: number
  cleared: boolean
  seen: number
  expected: number
}

/** What is held against whom, in lists. One of four loses the first of the least degree, of these the one that matters for the shortest time. */
class SlowReputations {
  private readonly sets: Array<Array<{ peer: number; entry: Entry }>> = [[], [], []]

  get(peer: number): Entry | undefined {
    return this.sets[peer % 3].find(each => each.peer === peer)?.entry
  }

  enter(peer: number): Entry {
    const known = this.get(peer)

    if (known != null) {
      return known
    }

    const set = this.sets[peer % 3]
    const entry = { tainted: 0, refused: 0, suspected: 0, offences: 0, cleared: false, seen: 0, expected: 0 }
    const times = set.map(each => mattersUntil(each.entry))
    set[set.length < 4 ? set.length : times.indexOf(Math.min(...times))] = { peer, entry }
    return entry
  }

  suspects(round: number): Suspicion[] {
    return this.sets
      .flat()
      .filter(({ entry }) => entry.suspected > round)
      .map(({ peer, entry: { seen, expected, offences, suspected } }) => {
        return { peer, seen, expected, offences, rounds: suspected - round }
      })
  }
}

/** The degree counts first. No round here has as many digits. */
function mattersUntil({ cleared, tainted, refused, suspected, offences }: Entry): number {
  const degrees = [cleared ? 1 : 0, offences > 0 ? suspected : 0, refused, tainted]
  const degree = degrees.findIndex(until => until > 0)
  return degree === -1 ? Number.NEGATIVE_INFINITY : degrees[degree] - degree * 1e9
}

/** Eight peers share each of the three sets, so that sets are full. */
const hash = (peer: number) => (peer % 3) << 12

function suspectsOf(reputations: Reputations, node: number, round: number): Suspicion[] {
  const suspects: Suspicion[] = []
  reputations.forEachSuspect(node, round, suspicion => suspects.push(suspicion))
  return suspects
}

const byPeer = (a: Suspicion, b: Suspicion) => a.peer - b.peer

describe('reputations', () => {
  it('are what plain lists of them are', () => {
    const step = fc.record({
      peer: fc.nat(23),
      act: fc.constantFrom('taint', 'setAside', 'suspect', 'suspect', 'clear' as const),
      pause: fc.integer({ min: 1, max: 90 }),
      seen: fc.integer({ min: 4, max: 126 }),
      expected: fc.nat(1_200)
    })

    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const reputations = new Reputations(3)
        const slow = new SlowReputations()
        let round = 0

        for (const { peer, act, pause, seen, expected } of steps) {
          round += pause

          if (act === 'clear') {
            const entry = slow.get(peer)
            const suspected = entry != null && !entry.cleared && entry.offences > 0
            assert.equal(reputations.clear(1, peer, hash(peer)), suspected)

            if (entry != null && suspected) {
              Object.assign(entry, { tainted: 0, refused: 0, suspected: 0, offences: 0, cleared: true })
            }
          } else {
            const entry = slow.enter(peer)

            if (act === 'taint') {
              reputations.taint(1, peer, hash(peer), round)
              entry.tainted = entry.cleared ? 0 : round + TAINT_ROUNDS
            } else if (act === 'setAside') {
              reputations.setAside(1, peer, hash(peer), round)
              entry.refused = entry.cleared ? 0 : Math.max(entry.refused, round + ASIDE_ROUNDS)
            } else {
              reputations.suspect(1, peer, hash(peer), round, seen, expected / 100)

              if (!entry.cleared && entry.suspected <= round) {
                const sentence = Math.min(LONGEST_SENTENCE, FIRST_SENTENCE * 2 ** entry.offences)
                entry.offences++
                entry.suspected = round + sentence
                entry.refused = Math.max(entry.refused, entry.suspected)
                entry.seen = seen
                entry.expected = expected / 100
              }
            }
          }

          for (let each = 0; each < 24; each++) {
            const entry = slow.get(each)
            assert.equal(reputations.knows(1, each, hash(each)), entry != null)
            assert.equal(reputations.isTainted(1, each, hash(each), round), (entry?.tainted ?? 0) > round)
            assert.equal(reputations.isRefused(1, each, hash(each), round), (entry?.refused ?? 0) > round)
            assert.ok(!reputations.knows(0, each, hash(each)) && !reputations.knows(2, each, hash(each)))
          }

          assert.deepEqual(suspectsOf(reputations, 1, round).sort(byPeer), slow.suspects(round).sort(byPeer))
        }
      }),
      { numRuns: 200 }
    )
  })

  it('double the sentence with each offence, up to the longest', () => {
    const reputations = new Reputations(1)
    let round = 1

    for (let offences = 1; offences < 40; offences++) {
      reputations.suspect(0, 7, 0, round, 9, 1)
      reputations.suspect(0, 7, 0, round + 1, 9, 1)
      const [{ rounds, offences: found }] = suspectsOf(reputations, 0, round)
      assert.equal(found, offences, 'who is serving a sentence gets no other one')
      assert.equal(rounds, Math.min(LONGEST_SENTENCE, FIRST_SENTENCE * 2 ** (offences - 1)))
      assert.ok(reputations.isRefused(0, 7, 0, round + rounds - 1))
      assert.ok(!reputations.isRefused(0, 7, 0, round + rounds))
      round += rounds
    }
  })

  it('tell peer 0 from an empty place', () => {
    const reputations = new Reputations(1)
    reputations.taint(0, 5, 0, 1)
    assert.ok(!reputations.knows(0, 0, 0))
    reputations.taint(0, 0, 0, 1)
    assert.ok(reputations.knows(0, 0, 0))
  })
})
