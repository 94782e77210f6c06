import assert from 'node:assert/strict'
import { defaultLogger } from '@libp2p/logger'
import { Listeners } from '../../src/live/listeners.ts'

const log = defaultLogger().forComponent('test')

describe('listeners', () => {
  it('are told of everything from when they ask to when they end it, as often as they ask', () => {
    const listeners = new Listeners<[name: string, value: number]>(log)
    const told: string[] = []
    const note = (name: string, value: number) => told.push(`${name} ${value}`)
    listeners.tell('before', 1)
    const ends = [listeners.add(note), listeners.add(note)]
    listeners.tell('both', 2)
    ends[0]()
    ends[0]()
    listeners.tell('one', 3)
    ends[1]()
    listeners.tell('none', 4)
    assert.deepEqual(told, ['both 2', 'both 2', 'one 3'])
  })

  it('cannot harm one another, nor who tells them', () => {
    const listeners = new Listeners<[]>(log)
    let told = 0
    listeners.add(() => {
      throw new Error('as applications do')
    })
    listeners.add(() => told++)
    listeners.tell()
    assert.equal(told, 1)
  })
})
