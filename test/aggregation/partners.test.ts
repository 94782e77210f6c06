import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { MAX_KNOWN_PEERS, UNSUPPORTED_ROUNDS } from '../../src/aggregation/limits.ts'
import { Partners } from '../../src/aggregation/partners.ts'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { SELF } from '../../src/live/population.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import type { Underlay } from '../../src/live/underlay.ts'

/** Nothing but its id matters here. */
const recordOf = (key: string) => ({ key }) as VerifiedRecord
const idOf = (key: string) => ({ toString: () => key }) as PeerId

describe('the partners of a live peer', () => {
  let members: VerifiedRecord[]
  let round: number
  let partners: Partners
  /** With whom an exchange is under way. */
  let busyWith: number

  beforeEach(() => {
    const random = new Random(1)
    const underlay = {
      sample: () => (members.length === 0 ? undefined : members[random.below(members.length)]),
      members: () => members
    } as Partial<Underlay> as Underlay
    members = ['a', 'b', 'c'].map(recordOf)
    round = 1
    busyWith = NOBODY
    partners = new Partners({
      underlay: () => underlay,
      random,
      inUse: peer => peer === busyWith,
      round: () => round
    })
  })

  /** The keys of partners drawn so many times. */
  function drawn(times = 100): string {
    const keys = new Set(Array.from({ length: times }, () => partners.recordOf(partners.sample())?.key))
    return [...keys].sort().join('')
  }

  it('are members of its view', () => {
    assert.equal(drawn(), 'abc')
    const out = new Int32Array(2)
    assert.equal(partners.members(SELF, out), 2)
    assert.deepEqual(
      [...out].map(peer => partners.recordOf(peer)?.key),
      ['a', 'b']
    )
    members = []
    assert.equal(partners.sample(), NOBODY)
  })

  it('are not those who do not speak the protocol, for a while or until they do', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(key => partners.numberOf(idOf(key)))
    partners.failed(a, 'unsupported')
    partners.failed(b, 'timeout')
    assert.equal(drawn(), 'bc')
    assert.equal(partners.members(SELF, new Int32Array(3)), 2)
    partners.failed(b, 'unsupported')
    partners.failed(c, 'unsupported')
    assert.equal(partners.sample(), NOBODY)
    partners.numberOf(idOf('c'))
    assert.equal(drawn(), 'c')
    round += UNSUPPORTED_ROUNDS
    assert.equal(drawn(), 'abc')
  })

  it('keep their numbers whoever else asks, and no more are kept than there may be', () => {
    partners.failed(partners.numberOf(idOf('a')), 'unsupported')
    const partner = partners.sample()
    const record = partners.recordOf(partner) as VerifiedRecord
    busyWith = partners.numberOf(idOf('asked'))

    for (let i = 0; i < 3 * MAX_KNOWN_PEERS; i++) {
      partners.numberOf(idOf(`stranger ${i}`))
    }

    assert.equal(partners.recordOf(partner), record)
    assert.equal(partners.numberOf(idOf(record.key)), partner)
    assert.equal(partners.numberOf(idOf('asked')), busyWith)
    assert.ok(partners.size <= MAX_KNOWN_PEERS)
    assert.equal(drawn(), 'bc')
  })
})
