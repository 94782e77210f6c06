import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { LOST_PEER_LIFETIME, REMEMBERED_LOST_PEERS, REMEMBERED_PEERS } from '../../src/sampling/constants.ts'
import { Memory } from '../../src/sampling/memory.ts'

const NOW = 1_700_000_000_000

describe('the memory of peers', () => {
  it('keeps the lost ones, however many lively ones come', () => {
    const memory = new Memory(new Random(1))
    const lost = peers('lost', REMEMBERED_LOST_PEERS)

    for (const record of lost) {
      memory.answered(record, NOW)
      memory.failed(record, NOW)
    }

    for (const record of peers('lively', 1_000)) {
      memory.answered(record, NOW)
    }

    const keys = memory.all().flatMap(({ record, lost }) => (lost ? [record.key] : []))
    assert.deepEqual(
      keys,
      lost.map(({ key }) => key)
    )
    assert.equal(memory.size, REMEMBERED_PEERS + REMEMBERED_LOST_PEERS)
  })

  it('holds no peer twice and not more than its limits, whatever happens', () => {
    const events = fc.array(fc.record({ peer: fc.nat(150), answers: fc.boolean() }), { maxLength: 500 })

    fc.assert(
      fc.property(events, happened => {
        const memory = new Memory(new Random(1))
        const records = peers('peer', 151)

        for (const { peer, answers } of happened) {
          if (answers) {
            memory.answered(records[peer], NOW)
          } else {
            memory.failed(records[peer], NOW)
          }

          const latest = memory.all().find(({ record }) => record === records[peer])
          assert.equal(latest?.lost, !answers)
        }

        const all = memory.all()
        assert.equal(new Set(all.map(({ record }) => record.key)).size, all.length)
        assert.ok(all.filter(({ lost }) => lost).length <= REMEMBERED_LOST_PEERS)
        assert.ok(all.filter(({ lost }) => !lost).length <= REMEMBERED_PEERS)
      })
    )
  })

  it('takes a lost one that answers for a lively one', () => {
    const memory = new Memory(new Random(1))
    const [record] = peers('peer', 1)
    memory.failed(record, NOW)
    memory.answered(record, NOW + 5)
    assert.deepEqual(memory.all(), [{ record, seen: NOW + 5, lost: false }])
  })

  it('forgets one that has not answered for too long, and not before', () => {
    const memory = new Memory(new Random(1))
    const [record] = peers('peer', 1)
    memory.answered(record, NOW)
    memory.failed(record, NOW + LOST_PEER_LIFETIME)
    assert.deepEqual(memory.all(), [{ record, seen: NOW, lost: true }])
    memory.failed(record, NOW + LOST_PEER_LIFETIME + 1)
    assert.deepEqual(memory.all(), [])
  })

  it('of one that fails keeps the record that it holds itself: a contact may be known by other addresses', () => {
    const memory = new Memory(new Random(1))
    const [record, contact] = [...peers('peer', 1), ...peers('peer', 1)]
    memory.answered(record, NOW)
    memory.failed(contact, NOW + 5)
    const [remembered] = memory.all()
    assert.equal(remembered.record, record)
    assert.deepEqual(remembered, { record, seen: NOW, lost: true })
  })

  it('gives a random one, but none that is excluded', () => {
    const memory = new Memory(new Random(1))
    const records = peers('peer', 4)
    assert.equal(
      memory.pick(() => false),
      undefined
    )
    memory.answered(records[0], NOW)
    memory.answered(records[1], NOW)
    memory.failed(records[2], NOW)
    memory.failed(records[3], NOW)
    const picked = new Set(Array.from({ length: 100 }, () => memory.pick(key => key === 'peer-0')?.key))
    assert.deepEqual([...picked].sort(), ['peer-1', 'peer-2', 'peer-3'])
    assert.equal(
      memory.pick(() => true),
      undefined
    )
  })

  it('is the same after a restart', () => {
    const memory = new Memory(new Random(1))
    const records = peers('peer', 6)
    records.forEach((record, i) => {
      memory.answered(record, NOW + i)
    })
    records.slice(0, 3).forEach(record => {
      memory.failed(record, NOW)
    })
    assert.ok(memory.changed)
    const restarted = new Memory(new Random(2))
    restarted.restore(memory.all(), NOW)
    assert.deepEqual(restarted.all(), memory.all())
    assert.ok(!restarted.changed)
  })

  it('comes back from a long time off without the lost ones that are too long gone', () => {
    const memory = new Memory(new Random(1))
    const [alive, gone, lost] = peers('peer', 3)
    memory.answered(alive, NOW)
    memory.failed(gone, NOW)
    memory.failed(lost, NOW + 1)
    const restarted = new Memory(new Random(2))
    restarted.restore(memory.all(), NOW + LOST_PEER_LIFETIME + 1)
    assert.deepEqual(
      restarted.all().map(({ record }) => record),
      [alive, lost]
    )
  })
})

/** Of a record only the key matters here. */
function peers(name: string, count: number): VerifiedRecord[] {
  return Array.from({ length: count }, (_, i) => ({ key: `${name}-${i}` }) as VerifiedRecord)
}
