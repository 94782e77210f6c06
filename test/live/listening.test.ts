import assert from 'node:assert/strict'
import type { Libp2pEvents } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { isListening } from '../../src/live/listening.ts'

const HERE = [multiaddr('/ip4/127.0.0.1/tcp/1')]

describe('a peer that waits to listen', () => {
  const events = new TypedEventEmitter<Libp2pEvents>()
  const waiting = (toListenAt: Multiaddr[], listensAt: Multiaddr[], signal = new AbortController().signal) => {
    const addressManager = { getListenAddrs: () => toListenAt, getAddresses: () => listensAt }
    return isListening({ addressManager: addressManager as AddressManager, events }, signal)
  }

  it('need not when it listens already, or never will', async () => {
    assert.equal(await waiting(HERE, HERE), true)
    assert.equal(await waiting([], []), true)
  })

  it('waits for libp2p', async () => {
    const listens = waiting(HERE, [])
    assert.equal(await Promise.race([listens, new Promise(resolve => setImmediate(resolve, 'not yet'))]), 'not yet')
    events.safeDispatchEvent('transport:listening')
    assert.equal(await listens, true)
    assert.equal(events.listenerCount('transport:listening'), 0)
  })

  it('gives up with its signal, and leaves nothing behind', async () => {
    const controller = new AbortController()
    const listens = waiting(HERE, [], controller.signal)
    controller.abort()
    assert.equal(await listens, false)
    assert.equal(events.listenerCount('transport:listening'), 0)
    assert.equal(await waiting(HERE, [], controller.signal), false)
    assert.equal(await waiting(HERE, HERE, controller.signal), false)
  })
})
