import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { encodeFrame } from '../../src/live/frame.ts'
import { type Outcome, type PeerSamplingInit, PROTOCOL } from '../../src/sampling/index.ts'
import { Exchange } from '../../src/sampling/messages.ts'
import { eventually } from '../support/eventually.ts'
import { offencesAt, PASSIVE_PERIOD, type SamplingNode, startNode, startPassiveNode, viewOf } from '../support/nodes.ts'
import { answer, HUGE_LENGTH, lax, replyOf, requestOf, Stranger } from '../support/stranger.ts'

/** Nobody is given up because the machine is busy. */
const QUICK: PeerSamplingInit = { period: 100, exchangeTimeout: 15_000, dialTimeout: 15_000 }

/** Milliseconds: soon, and yet longer than a busy machine takes to answer. */
const SOON = 800

describe('an exchange over the network', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown; getConnections?(): Connection[] }> = []

  async function node(init: PeerSamplingInit = {}, options = {}): Promise<SamplingNode> {
    const started = await startNode(init, options)
    running.push(started)
    return started
  }

  /** One that only answers. */
  async function passiveNode(init: PeerSamplingInit = {}, options = {}): Promise<SamplingNode> {
    const started = await startPassiveNode(init, options)
    running.push(started)
    return started
  }

  async function stranger(): Promise<Stranger> {
    const started = await Stranger.start()
    running.push(started.node)
    return started
  }

  afterEach(async () => {
    const stopping = running.splice(0)

    // whoever is left behind by the other end takes half a second to stop
    for (const connection of stopping.flatMap(each => each.getConnections?.() ?? [])) {
      connection.abort(new Error('the test is over'))
    }

    await Promise.all(stopping.map(each => each.stop()))
  })

  describe('that ends without an answer', () => {
    /**
     * Lets a peer that has an honest member and a stranger in its view meet the stranger. Afterwards, whatever the stranger
     * did, the peer is to have counted the outcome, to have the honest member and nobody else, and to go on.
     *
     * @param afterwards - what the stranger does when it is in the view
     */
    async function meet(evil: Stranger, expected: Outcome, afterwards = async () => {}): Promise<SamplingNode> {
      const peer = await node(expected === 'timeout' ? { ...QUICK, exchangeTimeout: SOON } : QUICK)
      const lost = new Map<string, Outcome>()
      peer.services.sampling.addEventListener('member:lost', ({ detail }) => {
        lost.set(detail.id.toString(), detail.why)
      })

      const honest = await passiveNode({ requestsPerPeriod: Number.POSITIVE_INFINITY })
      assert.equal(await honest.services.sampling.join(peer.getMultiaddrs()), 'answered')
      await evil.enter(peer)
      await afterwards()
      await eventually(() => lost.has(evil.id), { what: 'the stranger is lost' })
      assert.deepEqual([...lost], [[evil.id, expected]])
      assert.deepEqual(viewOf(peer), [honest.peerId.toString()])

      const { outcomes, exchanges, refusals } = peer.services.sampling.statistics()
      assert.equal(outcomes[expected], 1)
      assert.equal(exchanges.failed, 1)
      assert.equal(exchanges.rejected, refusals.busy ?? 0, 'what was refused is an answer, not a request')

      const { answered } = outcomes
      await eventually(() => peer.services.sampling.statistics().outcomes.answered >= answered + 3, {
        what: 'more exchanges with the honest member'
      })
      return peer
    }

    it('because the partner is gone: it is dropped as unreachable', async () => {
      const evil = await stranger()
      // if it is asked before it is gone
      await evil.onStream(() => {})
      await meet(evil, 'unreachable', () => evil.stop())
    })

    it('because the partner says nothing: it is dropped in time, and a connection that only we use with it', async () => {
      const evil = await stranger()
      await evil.onStream(() => {})
      const peer = await meet(evil, 'timeout')
      await eventually(() => peer.getConnections(evil.node.peerId).length === 0, { what: 'the connection is given up' })
    })

    it('because the partner says nothing: a connection that the app uses as well is left to it', async () => {
      const evil = await stranger()
      await evil.onStream(() => {}, '/app/1.0.0')
      await evil.onStream(async (_, connection) => {
        await connection.newStream('/app/1.0.0')
      })
      const peer = await node({ ...QUICK, exchangeTimeout: SOON })
      await peer.handle('/app/1.0.0', () => {})
      assert.equal(await peer.services.sampling.join(evil.node.getMultiaddrs()), 'timeout')
      assert.equal(peer.getConnections(evil.node.peerId).length, 1)
      assert.deepEqual(
        peer.getConnections(evil.node.peerId)[0].streams.map(stream => stream.protocol),
        ['/app/1.0.0']
      )
    })

    it('because the answer announces a huge length: nothing is read of it', async () => {
      const evil = await stranger()
      await evil.onRequest((_, stream) => stream.send(HUGE_LENGTH))
      await meet(evil, 'too-long')
    })

    it('because the answer is nonsense', async () => {
      const evil = await stranger()
      await evil.onRequest((_, stream) => answer(stream, crypto.getRandomValues(new Uint8Array(100)).fill(9, 0, 1)))
      const peer = await meet(evil, 'malformed')
      assert.deepEqual(offencesAt(peer), { malformed: 1 })
    })

    it('because the answer is to another exchange', async () => {
      const evil = await stranger()
      await evil.onRequest(({ exchange }, stream) => answer(stream, replyOf([], exchange + 1)))
      const peer = await meet(evil, 'malformed')
      assert.deepEqual(offencesAt(peer), { late: 1 })
    })

    it('because the answer names somebody by a forged record', async () => {
      const evil = await stranger()
      const record = evil.record.envelope.slice()
      record[record.length - 1] ^= 1
      await evil.onRequest(({ exchange }, stream) => answer(stream, replyOf([{ record, age: 0 }], exchange)))
      const peer = await meet(evil, 'malformed')
      assert.deepEqual(offencesAt(peer), { 'forged-record': 1 })
    })

    it('because the partner speaks another version only', async () => {
      const evil = await stranger()
      await evil.onStream(() => {}, '/gossip-peer/sampling/2.0.0')
      await meet(evil, 'unsupported')
    })

    it('because the connection breaks in the middle of the answer', async () => {
      const evil = await stranger()
      await evil.onRequest(({ exchange }, stream, connection) => {
        stream.send(Uint8Array.of(100, ...replyOf([], exchange)))
        connection.abort(new Error('pulled the plug'))
      })
      await meet(evil, 'unreachable')
    })

    it('because the partner resets the stream', async () => {
      const evil = await stranger()
      await evil.onRequest((_, stream) => stream.abort(new Error('no')))
      await meet(evil, 'unreachable')
    })

    it('because the partner is busy: it stays in the view, and so does everybody', async () => {
      const evil = await stranger()
      await evil.onRequest(({ exchange }, stream) => answer(stream, encodeFrame('busy', exchange)))
      const peer = await node(QUICK)
      await evil.enter(peer)
      await eventually(
        () => {
          const { outcomes, exchanges } = peer.services.sampling.statistics()
          return outcomes.busy >= 3 && exchanges.busy === exchanges.initiated
        },
        { what: 'three busy answers, and nothing but these' }
      )
      assert.deepEqual(viewOf(peer), [evil.id])
      assert.equal(peer.services.sampling.statistics().exchanges.failed, 0)
    })
  })

  it('answers busy while an exchange of its own is under way, and keeps its view as it was sent', async () => {
    const silent = await stranger()
    const heard = Promise.withResolvers<void>()
    await silent.onRequest(() => heard.resolve())
    const peer = await passiveNode({ exchangeTimeout: SOON })
    const other = await passiveNode()
    await other.dial(peer.getMultiaddrs())
    const waiting = peer.services.sampling.join(silent.node.getMultiaddrs())
    await heard.promise

    assert.equal(await other.services.sampling.join(peer.getMultiaddrs()), 'busy')
    assert.deepEqual(peer.services.sampling.statistics().refusals, { busy: 1 })
    assert.equal(peer.services.sampling.statistics().exchanges.rejected, 1)
    assert.deepEqual(viewOf(peer), [])
    assert.equal(await waiting, 'timeout')

    // afterwards it is at leisure again
    assert.equal(await other.services.sampling.join(peer.getMultiaddrs()), 'answered')
    assert.deepEqual(viewOf(peer), [other.peerId.toString()])
  })

  it('is not disturbed by another attempt that cannot even connect', async () => {
    const silent = await stranger()
    let heard = false
    await silent.onRequest(() => {
      heard = true
    })
    const deaf = await deafServer()
    running.push({ stop: () => deaf.server.close() })

    // Cyclon takes the partner out of its view until it has answered: the variant with the most to lose
    const peer = await node({ ...QUICK, preset: 'cyclon' })
    await silent.enter(peer)
    await eventually(() => heard, { what: 'an exchange under way' })

    const giveUp = new AbortController()
    const attempt = assert.rejects(peer.services.sampling.join(deaf.address, { signal: giveUp.signal }), /enough/)
    await eventually(() => deaf.connections() > 0, { what: 'the attempt to connect' })
    giveUp.abort(new Error('enough'))
    await silent.node.stop()
    await attempt

    await eventually(() => peer.services.sampling.statistics().outcomes.unreachable > 0, { what: 'the exchange ends' })
    assert.deepEqual(viewOf(peer), [])
    assert.equal(peer.services.sampling.statistics().viewSize, 0)
  })

  describe('with an AbortSignal', () => {
    it('waitForPeer gives up with the reason', async () => {
      const peer = await passiveNode()
      const giveUp = new AbortController()
      const waiting = peer.services.sampling.waitForPeer({ signal: giveUp.signal })
      giveUp.abort(new Error('enough'))
      await assert.rejects(waiting, /enough/)
      await assert.rejects(peer.services.sampling.waitForPeer({ signal: giveUp.signal }), /enough/)
    })

    it('join gives up with the reason, connected or not', async () => {
      const deaf = await deafServer()
      running.push({ stop: () => deaf.server.close() })
      const silent = await stranger()
      let heard = false
      await silent.onRequest(() => {
        heard = true
      })
      const peer = await passiveNode({ dialTimeout: 60_000, exchangeTimeout: 60_000 })

      const first = new AbortController()
      const connecting = peer.services.sampling.join(deaf.address, { signal: first.signal })
      await eventually(() => deaf.connections() > 0, { what: 'the attempt to connect' })
      first.abort(new Error('enough'))
      await assert.rejects(connecting, /enough/)

      const second = new AbortController()
      const waiting = peer.services.sampling.join(silent.node.getMultiaddrs(), { signal: second.signal })
      await eventually(() => heard, { what: 'the request' })
      second.abort(new Error('enough'))
      await assert.rejects(waiting, /enough/)
      assert.equal(peer.services.sampling.statistics().outcomes.aborted, 2)
      assert.deepEqual(peer.services.sampling.statistics().refusals, {})
    })
  })

  it('stops at once in the middle of an exchange and leaves no timer and no stream behind', async () => {
    const silent = await stranger()
    let heard = false
    await silent.onRequest(() => {
      heard = true
    })
    const timers = timersRunning()
    const peer = await node({ ...QUICK, exchangeTimeout: 600_000 })
    const waiting = peer.services.sampling.waitForPeer()
    await silent.enter(peer)
    await waiting
    await eventually(() => heard, { what: 'an exchange under way' })

    // an exchange may take ten times as long as this test
    await peer.stop()
    await assert.rejects(peer.services.sampling.join(silent.node.getMultiaddrs()).then(requireAnswer), /aborted/)
    await eventually(() => silent.node.getConnections().length === 0, { what: 'the connection is closed' })
    await eventually(() => timersRunning() <= timers, { what: `no more than ${timers} timers` })
  })

  it('tells the app who enters, who leaves, and when it is in a network, has a full view, or is alone', async () => {
    const peer = await node({ ...QUICK, view: 2, healer: 0, swapper: 0, retryPause: 50 })
    const told: string[] = []
    const discovered = new Set<string>()
    const names = new Map<string, string>()
    const { sampling } = peer.services
    sampling.addEventListener('joined', ({ detail }) => told.push(`joined through ${names.get(`${detail.through}`)}`))
    sampling.addEventListener('view:enter', ({ detail }) => told.push(`enter ${names.get(`${detail.id}`)}`))
    sampling.addEventListener('view:leave', ({ detail }) => told.push(`leave ${names.get(`${detail.id}`)}`))
    sampling.addEventListener('view:full', ({ detail }) => told.push(`full with ${detail.size}`))
    sampling.addEventListener('alone', () => told.push('alone'))
    peer.addEventListener('peer:discovery', ({ detail }) => discovered.add(detail.id.toString()))

    const [first, second] = [await stranger(), await stranger()]
    names.set(first.id, 'first').set(second.id, 'second')
    await first.onRequest(({ exchange }, stream) => answer(stream, encodeFrame('busy', exchange)))
    await second.onRequest(({ exchange }, stream) => answer(stream, encodeFrame('busy', exchange)))
    await first.enter(peer)
    await second.enter(peer)
    assert.deepEqual(told, ['enter first', 'joined through first', 'enter second', 'full with 2'])
    assert.deepEqual(discovered, new Set([first.id, second.id]))

    const back = await passiveNode()
    names.set(back.peerId.toString(), 'back')
    await sampling.join(back.getMultiaddrs())
    told.length = 0
    await Promise.all([first.stop(), second.stop(), back.stop()])
    await eventually(() => told.includes('alone'), { what: 'nobody is left' })
    // as long as one of them still answers, it may name another one that is then taken once more
    const count = (what: string) => told.filter(line => line.startsWith(what)).length
    assert.equal(count('leave') - count('enter'), 2, `both members are said to have left: ${told}`)
    assert.equal(sampling.statistics().viewSize, 0)
  })

  it('goes on looking for a network, and joins it when its bootstrap peer appears', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const first = await passiveNode({}, { privateKey })
    const address = first.getMultiaddrs()
    await first.stop()
    const peer = await node({ ...QUICK, bootstrap: address, retryPause: 50, maxRetryPause: 200 })
    const alone: number[] = []
    peer.services.sampling.addEventListener('alone', ({ detail }) => alone.push(detail.pause))
    await eventually(() => alone.length >= 3, { what: 'it says that it is alone' })
    assert.ok(alone[1] > alone[0], `the pause grows: ${alone}`)

    const joined = Promise.withResolvers<string>()
    peer.services.sampling.addEventListener('joined', ({ detail }) => joined.resolve(detail.through.toString()))
    await passiveNode({}, { privateKey, addresses: { listen: address.map(each => each.toString()) } })
    assert.equal(await joined.promise, first.peerId.toString())
  })

  describe('and signed records', () => {
    it('the newest one of a peer wins, and an older one never takes its place', async () => {
      const peer = await passiveNode()
      const somebody = await stranger()
      const at = async (port: number, seq: bigint) => {
        const { envelope } = await lax.seal(somebody.privateKey, [multiaddr(`/ip4/127.0.0.1/tcp/${port}`)], seq)
        await somebody.ask(peer, requestOf([{ record: envelope, age: 0 }]))
        return peer.services.sampling.view.flatMap(entry => entry.multiaddrs.map(address => address.toString()))
      }

      assert.deepEqual(await at(1010, 10n), ['/ip4/127.0.0.1/tcp/1010'])
      assert.deepEqual(await at(1005, 5n), ['/ip4/127.0.0.1/tcp/1010'])
      assert.deepEqual(await at(1011, 10n), ['/ip4/127.0.0.1/tcp/1010'])
      assert.deepEqual(await at(1020, 20n), ['/ip4/127.0.0.1/tcp/1020'])
    })

    it('a peer whose clock went back signs one that is newer than those that others hold', async () => {
      const privateKey = await generateKeyPair('Ed25519')
      const peer = await node(QUICK, { privateKey })
      const future = BigInt(Date.now()) + 86_400_000n
      const { envelope } = await lax.seal(privateKey, [multiaddr('/ip4/127.0.0.1/tcp/1')], future)
      const witness = await stranger()
      await witness.onRequest(({ exchange }, stream) => answer(stream, encodeFrame('busy', exchange)))
      const own = { record: witness.record.envelope, age: 0 }
      await witness.ask(peer, requestOf([own, { record: envelope, age: 0 }]))

      await eventually(
        async () => {
          const [{ body }] = await witness.ask(peer, requestOf([own]))
          const records = Exchange.decode(body).descriptors.map(({ record }) => lax.verify(record ?? new Uint8Array(0)))
          const said = (await Promise.all(records)).find(({ key }) => key === peer.peerId.toString())
          return (
            said != null &&
            said.seq > future &&
            said.multiaddrs.join() === peer.getMultiaddrs()[0].decapsulate('/p2p').toString()
          )
        },
        { what: 'a record from beyond the future' }
      )
    })
  })

  it('takes one stream a connection, however many exchanges there are', async () => {
    const other = await passiveNode({ requestsPerPeriod: Number.POSITIVE_INFINITY })
    const peer = await node({ ...QUICK, period: 20, bootstrap: other.getMultiaddrs() })
    const streams = () =>
      peer
        .getConnections()
        .flatMap(connection => connection.streams)
        .filter(stream => stream.protocol === PROTOCOL)
    const { sampling } = peer.services
    await eventually(() => sampling.statistics().outcomes.answered > 0, { what: 'the first exchange' })
    const [first] = streams()
    await eventually(() => sampling.statistics().outcomes.answered > 30, { what: 'thirty exchanges' })
    assert.deepEqual(
      streams().map(({ id }) => id),
      [first.id]
    )
    assert.equal(peer.getConnections().length, 1)
  })

  it('replaces a connection that is of no use any more, and does not blame the partner', async () => {
    const peer = await passiveNode()
    const partner = await stranger()
    await partner.onRequest(({ exchange }, stream) => answer(stream, replyOf([], exchange)))

    // a dozen streams before libp2p is ready for them do that, now and then: the connection itself stays open
    const connection = (await peer.dial(partner.node.getMultiaddrs())) as Connection & {
      muxer: { abort(err: Error): void }
    }
    connection.muxer.abort(new Error('too many early streams'))
    assert.equal(connection.status, 'open')
    assert.equal(await peer.services.sampling.join(partner.node.getMultiaddrs()), 'answered')
  })

  it('keeps the connections of the node within their limit, and those to members of the view', async () => {
    const peer = await passiveNode({ view: 6, maxConnections: 10 })

    for (const newcomer of await Promise.all(Array.from({ length: 30 }, () => passiveNode()))) {
      assert.equal(await newcomer.services.sampling.join(peer.getMultiaddrs()), 'answered')
    }

    await eventually(() => peer.getConnections().length <= 10, { what: 'at most 10 connections' })
    const connected = new Set(peer.getConnections().map(connection => connection.remotePeer.toString()))
    assert.equal(viewOf(peer).length, 6)
    assert.deepEqual(
      viewOf(peer).filter(id => !connected.has(id)),
      []
    )
  })

  it('takes place with a new partner even if the app uses more connections than there may be', async () => {
    const peer = await passiveNode({ maxConnections: 2 })

    for (const friend of [await stranger(), await stranger(), await stranger()]) {
      await friend.onStream(() => {}, '/app/1.0.0')
      await peer.dialProtocol(friend.node.getMultiaddrs(), '/app/1.0.0')
    }

    const newcomer = await passiveNode()
    assert.equal(await peer.services.sampling.join(newcomer.getMultiaddrs()), 'answered')
    assert.equal(peer.getConnections().length, 4)
  })

  it('takes place with a newcomer even if a crowd holds more connections open than there may be', async () => {
    const peer = await passiveNode({ maxConnections: 10 })
    await peer.handle('/held/1.0.0', () => {})

    for (let i = 0; i < 20; i++) {
      const holder = await stranger()
      await holder.node.dialProtocol(peer.getMultiaddrs(), '/held/1.0.0')
    }

    await eventually(() => peer.getConnections().length <= 10, { what: 'at most 10 connections' })
    const newcomer = await passiveNode()
    assert.equal(await newcomer.services.sampling.join(peer.getMultiaddrs()), 'answered')
  })

  it('is denied to a peer that asks too often: busy, without a look at what it says', async () => {
    const peer = await passiveNode()
    const eager = await stranger()
    const request = requestOf([{ record: eager.record.envelope, age: 0 }])
    const answers = await eager.ask(peer, ...new Array<Uint8Array>(20).fill(request))
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      [...new Array<string>(8).fill('reply'), ...new Array<string>(12).fill('busy')]
    )
    assert.deepEqual(peer.services.sampling.statistics().refusals, { 'too-often': 12 })
    assert.equal(peer.getConnections(eager.node.peerId).length, 1)
  })

  it('a peer can be joined as soon as it has started, before its first round', async () => {
    const lateFirstRound = { period: PASSIVE_PERIOD, seed: 6 }
    const [peer, newcomer] = [await node(lateFirstRound), await node(lateFirstRound)]
    assert.equal(await newcomer.services.sampling.join(peer.getMultiaddrs()), 'answered')
    assert.deepEqual(viewOf(newcomer), [peer.peerId.toString()])
    assert.deepEqual(viewOf(peer), [newcomer.peerId.toString()])
  })
})

function requireAnswer(outcome: Outcome): void {
  if (outcome !== 'answered') {
    throw new Error(outcome)
  }
}

function timersRunning(): number {
  return process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
}

/** Somebody who takes up the phone and says nothing: a connection to it is never ready. */
async function deafServer(): Promise<{ server: Server; address: Multiaddr; connections(): number }> {
  let connections = 0
  const server = createServer(socket => {
    connections++
    // read, or its end would never be seen
    socket.on('error', () => {}).resume()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { server, address: multiaddr(`/ip4/127.0.0.1/tcp/${port}`), connections: () => connections }
}
