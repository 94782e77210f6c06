import assert from 'node:assert/strict'
import { LOCAL_MEMBERS } from '../../src/pubsub/known-members.ts'
import { LocalMembers } from '../../src/pubsub/local-members.ts'
import { Region } from '../../src/pubsub/region.ts'
import { Population } from './population.ts'

describe('the members at one peer', () => {
  it('have numbers that nobody else gets before their farewells are over, be there any or not', () => {
    const everything = new Region([new Map()], () => -1)
    const { protocol } = new Population(new Array(LOCAL_MEMBERS + 1).fill(everything), 0)
    const local = new LocalMembers(protocol)
    const first = local.vacancy
    local.enter(first)
    assert.deepEqual(local.leave(first, 0), [])
    const second = local.vacancy
    assert.notEqual(second, first)
    local.enter(second)
    protocol.learn(second, LOCAL_MEMBERS, 0)
    assert.deepEqual(local.leave(second, 8), [LOCAL_MEMBERS])
    assert.ok(![first, second].includes(local.vacancy))
    local.remove(second)
    assert.equal(local.vacancy, second)
    local.remove(first)
    assert.equal(local.vacancy, first)
  })
})
