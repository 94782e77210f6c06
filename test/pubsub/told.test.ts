import assert from 'node:assert/strict'
import type { VerifiedRecord } from '../../src/live/records.ts'
import type { StoredEvent } from '../../src/pubsub/event-store.ts'
import { MAX_TOLD, MAX_TOLD_BY_PEER } from '../../src/pubsub/limits.ts'
import { Told, type Waiting } from '../../src/pubsub/told.ts'
import { eventually } from '../support/eventually.ts'

const peer = (key: string) => ({ key }) as VerifiedRecord
const waiting = (member: number): Waiting => ({ member, arc: 7 })

describe('events that a peer was told of', () => {
  let had: Map<string, StoredEvent>
  let asked: Array<[string, string]>
  let arrived: Array<[StoredEvent, readonly Waiting[]]>
  let answer: (peer: string, event: string) => void
  let told: Told

  beforeEach(() => {
    had = new Map()
    asked = []
    arrived = []
    answer = () => {}
    told = new Told({
      patience: () => 20,
      get: event => had.get(event),
      arrive: (event, waiting) => arrived.push([event, waiting]),
      ask: async ({ key }, event) => {
        asked.push([key, event])
        await Promise.resolve()
        answer(key, event)
      }
    })
  })

  afterEach(() => told.clear())

  it('are asked of one source after the other, each peer once and three at most, until one brings it', async () => {
    told.hear('e', peer('a'), waiting(1))
    told.hear('e', peer('a'), waiting(2))

    for (const key of ['b', 'c', 'd']) {
      told.hear('e', peer(key), waiting(1))
    }

    assert.equal(asked.length, 0, 'it may be on its way')
    await eventually(() => !told.awaits('e'), { what: 'all have been asked in vain' })
    assert.deepEqual(asked.splice(0), [
      ['a', 'e'],
      ['b', 'e'],
      ['c', 'e']
    ])

    answer = (key, event) => key === 'b' && took.push(...told.take(event))
    const took: Waiting[] = []
    told.hear('e', peer('a'), waiting(1))
    told.hear('e', peer('b'), waiting(2))
    told.hear('e', peer('c'), waiting(3))
    await eventually(() => took.length > 0, { what: 'it is there' })
    assert.deepEqual(took, [waiting(1), waiting(2), waiting(3)])
    // one more is told of and asked for: what was to be asked for before it has been
    told.hear('f', peer('d'), waiting(1))
    await eventually(() => asked.some(([, event]) => event === 'f'), { what: 'the next one' })
    assert.deepEqual(
      asked.map(([key]) => key),
      ['a', 'b', 'd']
    )
  })

  it('are not asked for when they have come meanwhile: those who wait have them', async () => {
    const event = {} as StoredEvent
    told.hear('e', peer('a'), waiting(1))
    told.hear('e', peer('b'), waiting(1))
    had.set('e', event)
    await eventually(() => arrived.length > 0, { what: 'it has arrived' })
    assert.deepEqual([arrived, asked, told.awaits('e')], [[[event, [waiting(1)]]], [], false])
  })

  it('are bounded by the peer that tells of them also where that cannot be asked: this peer keeps its own share', () => {
    for (let i = 0; i < 2 * MAX_TOLD_BY_PEER; i++) {
      told.hear(`a${i}`, undefined, waiting(1), 'a')
    }

    assert.ok(told.awaits(`a${MAX_TOLD_BY_PEER - 1}`) && !told.awaits(`a${MAX_TOLD_BY_PEER}`))
    told.hear('b', undefined, waiting(1))
    assert.ok(told.awaits('b'))
    assert.deepEqual(told.waitingFor('b'), [waiting(1)])
  })

  it('are bounded, in all and by the peer that tells of them', async () => {
    for (let i = 0; i < 2 * MAX_TOLD_BY_PEER; i++) {
      told.hear(`a${i}`, peer('a'), waiting(1))
    }

    assert.ok(told.awaits(`a${MAX_TOLD_BY_PEER - 1}`) && !told.awaits(`a${MAX_TOLD_BY_PEER}`))
    told.hear('b', peer('b'), waiting(1))
    assert.ok(told.awaits('b'), 'others are heard')
    told.take('a0')
    told.hear('a again', peer('a'), waiting(1))
    told.hear('a too much', peer('a'), waiting(1))
    assert.ok(told.awaits('a again') && !told.awaits('a too much'))

    for (let i = 0; i < MAX_TOLD; i++) {
      told.hear(`c${i}`, peer(`c${i % 16}`), waiting(1))
    }

    const room = MAX_TOLD - MAX_TOLD_BY_PEER - 1
    assert.ok(told.awaits(`c${room - 1}`) && !told.awaits(`c${room}`))
    told.clear()
    told.hear('a0', peer('a'), waiting(1))
    assert.ok(told.awaits('a0') && !told.awaits('b'))
    await eventually(() => !told.awaits('a0'), { what: 'it was asked for in vain' })
    assert.deepEqual(asked, [['a', 'a0']], 'what is forgotten is not asked for')
  })
})
