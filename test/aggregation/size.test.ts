import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Instances } from '../../src/aggregation/instances.ts'
import { AggregationMessage } from '../../src/aggregation/message.ts'
import { Schema } from '../../src/aggregation/schema.ts'
import { Crowd } from './crowd.ts'

const SIZE = { aggregates: [{ name: 'size', function: 'count' as const }] }
const KEPT = 4

/** The slow and obvious twin of a merge. */
function merged(one: Map<number, number>, other: Map<number, number>): Map<number, number> {
  const tags = [...new Set([...one.keys(), ...other.keys()])].sort((a, b) => a - b).slice(0, KEPT)
  return new Map(tags.map(tag => [tag, ((one.get(tag) ?? 0) + (other.get(tag) ?? 0)) / 2]))
}

describe('the size', () => {
  for (const nodes of [1, 2, 3, 10, 100, 5_000]) {
    it(`is known to everybody within 1 % after an epoch: ${nodes}`, () => {
      const crowd = new Crowd(nodes, SIZE, () => undefined)
      crowd.run(31)

      for (const size of crowd.results()) {
        assert.ok(Math.abs(size / nodes - 1) < 0.01, `${size}`)
      }
    })
  }

  it('is right within 1 % though 10 % of the messages get lost, with five repetitions, and says how sure it is', () => {
    const crowd = new Crowd(2_000, { ...SIZE, retries: 5 }, () => undefined, { loss: 0.1 })
    crowd.run(30)
    const sizes = crowd.estimates().sort((a, b) => a - b)
    assert.ok(Math.abs(sizes[1_000] / 2_000 - 1) < 0.01, `${sizes[1_000]}`)
    const spreads = crowd.members.map(node => crowd.protocol.estimate(node, 0)?.spread as number)
    const [low, high] = [sizes[50], sizes[1_950]]
    const spread = spreads.sort((a, b) => a - b)[1_000]
    assert.ok(spread > (high - low) / 20 && spread < (high - low) * 20, `${spread}: ${low} to ${high}`)
  })

  it('is right again in the epoch after half of all nodes have crashed', () => {
    const crowd = new Crowd(2_000, SIZE, () => undefined)
    crowd.run(15)
    crowd.members = crowd.members.slice(0, 1_000)
    crowd.run(46)

    for (const size of crowd.results()) {
      assert.ok(Math.abs(size / 1_000 - 1) < 0.01, `${size}`)
    }
  })

  it('is counted by instances that are merged as sets are, so that nothing of the smallest tags gets lost', () => {
    const pairs = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 60 })

    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2 ** 32 - 1), { minLength: 7, maxLength: 7 }), pairs, (tags, sequence) => {
        const instances = new Instances(7, KEPT)
        const twins = tags.map(tag => new Map([[tag, 1]]))
        const schema = new Schema(0, [])
        const [one, other] = [new AggregationMessage(schema, KEPT), new AggregationMessage(schema, KEPT)]

        for (const [node, tag] of tags.entries()) {
          instances.start(node, tag)
        }

        for (const [a, b] of sequence.filter(([a, b]) => a !== b)) {
          instances.write(a, one)
          instances.write(b, other)
          assert.equal(Instances.defect(one), undefined)
          instances.merge(a, other)
          instances.merge(b, one)
          twins[a] = merged(twins[a], twins[b])
          twins[b] = new Map(twins[a])
        }

        for (const [node, twin] of twins.entries()) {
          instances.write(node, one)
          const held = Array.from({ length: one.instances }, (_, i) => [one.tags[i], one.shares[i]])
          assert.deepEqual(held, [...twin])
        }

        for (const tag of [...tags].sort((a, b) => a - b).slice(0, KEPT)) {
          const sum = twins.reduce((total, _, node) => total + instances.share(node, tag), 0)
          assert.ok(Math.abs(sum - 1) < 1e-12)
        }
      })
    )
  })
})
