import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { CallBackAllowance, callBackTargets, MAX_TARGETS } from '../../src/peer/call-backs.ts'
import { type Facts, troublesOf } from '../../src/peer/troubles.ts'

const answer = { peerId: 'a', tried: true, reachable: true, clockOffset: 3 }
const HEALTHY: Facts = {
  members: [['10.0.0.2'], ['10.0.0.3', '172.17.0.1'], ['10.0.0.4', '172.17.0.1']],
  own: ['10.0.0.1', '172.17.0.1'],
  asked: 3,
  answers: [answer, answer, answer],
  unchangedFor: 900,
  period: 1_000
}

describe('doctor', () => {
  it('finds nothing wrong with a peer that is well', () => {
    assert.deepEqual(namesOf({}), [])
  })

  it('finds that nobody is reachable, and then nothing else', () => {
    assert.deepEqual(namesOf({ members: [], answers: [], unchangedFor: 1e9 }), ['nobody-reachable'])
  })

  it('finds that nobody can call back', () => {
    const not = { ...answer, reachable: false }
    assert.deepEqual(namesOf({ answers: [not, not] }), ['not-reachable'])
    assert.deepEqual(namesOf({ answers: [not, answer] }), [])
    // who did not try does not know
    assert.deepEqual(namesOf({ answers: [{ ...not, tried: false }] }), [])
    assert.deepEqual(namesOf({ answers: [{ ...not, tried: false }, not] }), ['not-reachable'])
    assert.deepEqual(namesOf({ answers: [] }), [])
  })

  it('finds a clock that is off, whatever a single member claims', () => {
    const off = (...offsets: number[]) => ({ answers: offsets.map(clockOffset => ({ ...answer, clockOffset })) })
    assert.deepEqual(namesOf(off(-61_000, -62_000, 0)), ['clock-off'])
    assert.deepEqual(namesOf(off(61_000, 70_000)), ['clock-off'])
    assert.deepEqual(namesOf(off(1e12, 5, -4)), [])
    assert.deepEqual(namesOf(off(59_000, 59_000, 1e12)), [])
    assert.match(troublesOf({ ...HEALTHY, ...off(120_000) })[0].message, /120 s behind/)
  })

  it('finds members that are all on one host', () => {
    assert.deepEqual(namesOf({ members: [['10.0.0.2'], ['10.0.0.2', '172.17.0.1']] }), ['one-host'])
    assert.deepEqual(namesOf({ members: [['10.0.0.1', '172.17.0.1']] }), ['one-host'], 'ours')
    // a network of two hosts is small, and not wrong
    assert.deepEqual(namesOf({ members: [['10.0.0.2']] }), [])
    // who has no address known is somewhere
    assert.deepEqual(namesOf({ members: [[], []] }), [])
  })

  it('finds a view that does not change', () => {
    assert.deepEqual(namesOf({ unchangedFor: 20_001 }), ['view-frozen'])
    assert.deepEqual(namesOf({ unchangedFor: 20_001, period: 10_000 }), [])
  })

  it('says of each trouble what it is and what to do', () => {
    const not = { ...answer, reachable: false, clockOffset: -1e6 }
    const troubles = troublesOf({ ...HEALTHY, members: [HEALTHY.own], answers: [not], unchangedFor: 1e6 })
    assert.equal(troubles.length, 4)
    assert(troubles.every(({ message, advice }) => message !== '' && advice !== ''))
  })

  function namesOf(facts: Partial<Facts>): string[] {
    return troublesOf({ ...HEALTHY, ...facts }).map(({ name }) => name)
  }
})

describe('calling back', () => {
  it('is done only to the IP that asked, and only to the peer that asked', async () => {
    const asker = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const from = multiaddr(`/ip4/10.0.0.7/tcp/51234/p2p/${asker}`)
    const announced = [
      '/ip4/10.0.0.7/tcp/4001',
      `/ip4/10.0.0.7/tcp/4001/p2p/${asker}`,
      `/ip4/10.0.0.7/tcp/4002/p2p/${other}`,
      `/ip4/10.0.0.7/tcp/4003/p2p/${other}/p2p-circuit/p2p/${asker}`,
      '/ip4/10.0.0.8/tcp/4001',
      '/ip4/127.0.0.1/tcp/4001',
      '/ip4/10.0.0.7/udp/4001/quic-v1',
      '/dns4/victim.example/tcp/80'
    ].map(text => multiaddr(text).bytes)

    const targets = callBackTargets([...announced, new Uint8Array([1, 2, 3])], from, asker)
    assert.deepEqual(targets.map(String), [`/ip4/10.0.0.7/tcp/4001/p2p/${asker}`])

    const many = Array.from({ length: 50 }, (_, i) => multiaddr(`/ip4/10.0.0.7/tcp/${5_000 + i}`).bytes)
    assert.equal(callBackTargets(many, from, asker).length, MAX_TARGETS)
  })

  it('is done once in 10 seconds for a peer, and 5 times a second in all', () => {
    const allowance = new CallBackAllowance()
    assert.equal(allowance.take('a', 0), true)
    assert.equal(allowance.take('a', 9_999), false)
    assert.equal(allowance.take('a', 10_000), true)

    const taken = Array.from({ length: 100 }, (_, i) => allowance.take(`b${i}`, 20_000)).filter(Boolean)
    assert.equal(taken.length, 5)
    assert.equal(allowance.take('late', 21_000), true)
  })
})
