import assert from 'node:assert/strict'
import { setImmediate as immediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Connection, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { lpStream } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { Random } from '../../src/gossip/random.ts'
import { encodeFrame } from '../../src/live/frame.ts'
import type { Refusal } from '../../src/live/refusal.ts'
import { MAX_MESSAGE_BYTES, MAX_VIEW_SIZE, PROTOCOL } from '../../src/sampling/index.ts'
import { type Descriptor, Exchange } from '../../src/sampling/messages.ts'
import { stoppedClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { PASSIVE_PERIOD, type SamplingNode, startNode, startPassiveNode } from '../support/nodes.ts'
import { HUGE_LENGTH, lax, replyOf, requestOf, Stranger } from '../support/stranger.ts'

const FRAMES = 10_000
const CLIENTS = 8
const VIEW = 8

/** Bytes by which the heap may differ without anything having stayed behind. */
const HEAP_TOLERANCE = 8 * 2 ** 20

/** Decides what is mutated, and how; the keys and ports in the frames are new in each run. */
const seed = Number(process.env.HOSTILE_SEED ?? Math.floor(Math.random() * 2 ** 32))

/**
 * A hostile client against one honest peer, whose view is full with honest members.
 *
 * A valid request of a peer that can be reached does change the view: that is the protocol. So that "unchanged" can be
 * asked of every frame, mutations that happen to stay valid included, the client's own record lists no address. It is
 * properly signed, the client is answered, and nobody takes it as a member. All other peers in the frame that is mutated are
 * members already, and nobody else's signature can come about by chance: whatever is let through could at most change the
 * ages of members, which are claims.
 */
describe(`a hostile client (HOSTILE_SEED=${seed})`, function () {
  this.timeout(180_000)

  const running: Array<{ stop(): unknown }> = []
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  let peer: SamplingNode
  let members: SamplingNode[]
  let clients: Stranger[]
  /** Descriptors of honest members as the peer itself tells them. */
  let honest: Descriptor[]
  let viewBefore: string[]
  let heapBefore: number

  before(async () => {
    process.on('unhandledRejection', onUnhandled)
    // none of them begins an exchange: what changes the view is the attack
    peer = await startPassiveNode({
      view: VIEW,
      exchangeTimeout: 1_000,
      streamTimeout: 1_000,
      // one in a millisecond: what matters here is what becomes of requests that are looked at
      requestsPerPeriod: PASSIVE_PERIOD
    })
    running.push(peer)
    members = await Promise.all(Array.from({ length: VIEW }, () => startPassiveNode()))
    running.push(...members)

    for (const member of members) {
      assert.equal(await member.services.sampling.join(peer.getMultiaddrs()), 'answered')
    }

    await recruit()
    const [{ body }] = await clients[0].ask(peer, requestOf([own(clients[0])]))
    honest = Exchange.decode(body).descriptors
    assert.equal(honest.length, VIEW / 2)
    viewBefore = view()
    assert.equal(viewBefore.length, VIEW)

    // whatever is loaded or compiled on first use is there before the heap is measured
    await bombard(200, 0)
    await disband()
    await eventually(() => streams() === 0, { what: 'the streams of the members have been idle' })
    heapBefore = heap()
  })

  beforeEach(recruit)

  afterEach(async function () {
    await disband()

    if (this.currentTest?.state === 'failed') {
      console.error(`to replay: HOSTILE_SEED=${seed} npx mocha dist/test/live/hostile.test.js`)
    }
  })

  after(async () => {
    process.off('unhandledRejection', onUnhandled)
    await Promise.all(running.map(each => each.stop()))
  })

  async function recruit(): Promise<void> {
    clients = await Promise.all(Array.from({ length: CLIENTS }, () => Stranger.start(false)))
  }

  async function disband(): Promise<void> {
    await Promise.all(clients.splice(0).map(client => client.stop()))
  }

  function view(): string[] {
    return peer.services.sampling.view.map(({ id, multiaddrs }) => `${id} at ${multiaddrs.join()}`).sort()
  }

  function streams(): number {
    return peer.getConnections().reduce((sum, connection) => sum + connection.streams.length, 0)
  }

  /** Requests and answers that the peer has dealt with. */
  function handled(): number {
    const { answered, rejected } = peer.services.sampling.statistics().exchanges
    return answered + rejected
  }

  /** What the peer refuses during an attack, by reason. Its view must be the same afterwards. */
  async function refusedIn(attack: () => Promise<unknown>): Promise<Partial<Record<Refusal, number>>> {
    const before = peer.services.sampling.statistics().refusals
    await attack()
    assert.deepEqual(view(), viewBefore)
    const after = peer.services.sampling.statistics().refusals
    return Object.fromEntries(
      Object.entries(after)
        .map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const)
        .filter(([, count]) => count > 0)
    )
  }

  /** Sends random and mutated frames until the peer has dealt with so many. */
  async function bombard(frames: number, salt: number): Promise<void> {
    const end = handled() + frames

    await Promise.all(
      clients.map(async (client, i) => {
        const random = new Random(seed + salt * CLIENTS + i)
        const valid = requestOf([own(client), ...honest])

        while (handled() < end) {
          const connection = await client.connect(peer)

          // each connection takes some bad frames, and each bad frame takes a stream; one that has just been cut has to be
          // given the time to find out
          while (handled() < end && connection.status === 'open') {
            await throwAt(connection, () => mutation(random, valid)).catch(() => immediate())
          }
        }
      })
    )
  }

  it('with 10,000 random and mutated frames changes nothing', async () => {
    const refusals = await refusedIn(() => bombard(FRAMES, 1))

    for (const reason of ['malformed', 'bad-record', 'forged-record'] as const) {
      assert.ok((refusals[reason] ?? 0) > FRAMES / 1_000, `${reason}: ${JSON.stringify(refusals)}`)
    }
  })

  it('with huge lengths is cut off, and no memory is set aside for them', async () => {
    const lengths = [
      HUGE_LENGTH,
      new Uint8Array(1_000).fill(0xff),
      varint(MAX_MESSAGE_BYTES + 6),
      varint(2 ** 31 - 1),
      varint(2 ** 40)
    ]
    const refusals = await refusedIn(async () => {
      const connection = await clients[0].connect(peer)

      for (const length of lengths) {
        const stream = await connection.newStream(PROTOCOL)
        stream.send(length)
        await eventually(() => stream.status !== 'open', { what: 'the stream is reset' })
      }

      await eventually(() => connection.status !== 'open', { what: 'five offences cost the connection' })
    })
    assert.deepEqual(refusals, { 'too-long': lengths.length })
  })

  it('with half-open streams loses them, and keeps its connection', async () => {
    const frame = requestOf([own(clients[0])])
    const beginnings = [
      new Uint8Array(0),
      varint(frame.length).subarray(0, 1),
      Uint8Array.of(...varint(frame.length), ...frame.subarray(0, 5)),
      Uint8Array.of(...varint(frame.length), ...frame.subarray(0, frame.length - 1))
    ]
    const refusals = await refusedIn(async () => {
      const opened = await Promise.all(
        beginnings.map(async (bytes, i) => {
          const stream = await (await clients[i].connect(peer)).newStream(PROTOCOL)
          stream.send(bytes)
          return stream
        })
      )
      await eventually(() => opened.every(stream => stream.status !== 'open'), { what: 'the streams are reset' })
    })
    assert.deepEqual(refusals, { idle: beginnings.length })
    const connected = clients.slice(0, beginnings.length).flatMap(client => client.node.getConnections())
    assert.deepEqual(
      connected.map(connection => connection.status),
      beginnings.map(() => 'open')
    )
  })

  it('that asks and never reads the answers is not waited for', async () => {
    const refusals = await refusedIn(async () => {
      const stream = await (await clients[0].connect(peer)).newStream(PROTOCOL)
      const request = requestOf([own(clients[0])])
      stream.pause()

      // a few at a time, so that they are not too many in a period: a full window is what stops the answers
      while (stream.status === 'open') {
        const before = handled()

        for (let i = 0; i < 8; i++) {
          stream.send(Uint8Array.of(...varint(request.length), ...request))
        }

        await eventually(() => handled() >= before + 8 || stream.status !== 'open', {
          what: 'answers, or none any more'
        })
      }
    })
    // on a busy machine, a few requests may come in the same period as those of other tests
    const { 'too-often': _, ...others } = refusals
    assert.deepEqual(others, { stalled: 1 })
  })

  it('with a thousand streams at once loses its connection', async () => {
    const refusals = await refusedIn(async () => {
      // libp2p cuts off whoever opens a dozen before the connection is quite ready; these are to reach the peer
      await clients[0].ask(peer, requestOf([own(clients[0])]))
      const connection = await clients[0].connect(peer)
      const open = () => connection.newStream(PROTOCOL, { maxOutboundStreams: 1_000 })
      await Promise.allSettled(Array.from({ length: 1_000 }, open))
      await eventually(() => connection.status !== 'open', { what: 'the connection is cut' })
    })
    assert.deepEqual(Object.keys(refusals), ['too-many-streams'])
    await eventually(() => streams() === 0, { what: 'no stream is left' })
  })

  it('with more connections than there may be pushes no member out', async () => {
    const limit = peer.services.sampling.timing.maxConnections

    await refusedIn(async () => {
      for (let i = 0; i < (limit * 1.25) / CLIENTS; i++) {
        await Promise.all(
          clients.map(async client => {
            const connection = await client.node.dial(peer.getMultiaddrs(), { force: true })
            await Promise.allSettled([connection.newStream(PROTOCOL), connection.newStream(PROTOCOL)])
          })
        )
      }
    })
    await eventually(() => peer.getConnections().length <= limit, { what: `at most ${limit} connections` })
    const connected = new Set(peer.getConnections().map(connection => connection.remotePeer.toString()))
    assert.ok(members.every(member => connected.has(member.peerId.toString())))
  })

  it('that asks all the time is told to wait', async () => {
    // the peer may be so slow that its allowance grows as fast as it answers
    const realTime = stoppedClock()
    const refusals = await refusedIn(async () => {
      const requests = new Array<Uint8Array>(200).fill(requestOf([own(clients[0])]))
      const bytes = requests.flatMap(request => [varint(request.length), request])
      const stream = await (await clients[0].connect(peer)).newStream(PROTOCOL)
      const before = handled()
      stream.send(Buffer.concat(bytes))
      await eventually(() => handled() >= before + requests.length, { what: 'all requests are dealt with' })
      assert.equal(stream.status, 'open')
    }).finally(realTime)
    assert.deepEqual(Object.keys(refusals), ['too-often'])
  })

  describe('is refused with', () => {
    const cases: Array<[reason: Refusal, what: string, frame: (client: Stranger) => Uint8Array | Promise<Uint8Array>]> =
      [
        ['malformed', 'an empty frame', () => new Uint8Array(0)],
        ['malformed', 'a frame of a kind that there is not', () => Uint8Array.of(3, 0, 0, 0, 1)],
        ['malformed', 'half a header', () => Uint8Array.of(0, 0, 0)],
        ['malformed', 'an answer that nobody asked for', client => replyOf([own(client)], 1)],
        ['malformed', 'a busy that nobody asked for', () => encodeFrame('busy', 1)],
        ['malformed', 'a body that is no message', () => encodeFrame('request', 1, new Uint8Array(100).fill(0xff))],
        ['not-the-sender', 'no descriptor', () => requestOf([])],
        ['not-the-sender', "somebody else's record as its own", () => requestOf([member()])],
        ['not-the-sender', 'its own record in the second place', client => requestOf([member(), own(client)])],
        ['age-out-of-range', 'an age of 65,536', client => requestOf([own(client), { ...member(), age: 65_536 }])],
        ['age-out-of-range', 'the largest age', client => requestOf([{ ...own(client), age: 2 ** 32 - 1 }])],
        ['duplicate', 'itself twice', client => requestOf([own(client), own(client)])],
        ['duplicate', 'a member four times', client => requestOf([own(client), ...times(4, member())])],
        ['duplicate', 'two records of one peer', async client => requestOf([own(client), await record(client, 1, 2n)])],
        [
          'too-many-descriptors',
          'more than the largest view',
          client => requestOf([own(client), ...times(MAX_VIEW_SIZE + 1, member())])
        ],
        [
          'duplicate',
          'a whole view of duplicates',
          client => requestOf([own(client), ...times(MAX_VIEW_SIZE, member())])
        ],
        ['bad-record', 'an empty record', client => requestOf([own(client), { record: new Uint8Array(0), age: 0 }])],
        ['bad-record', 'noise', client => requestOf([own(client), { record: new Uint8Array(99).fill(9), age: 0 }])],
        ['bad-record', 'a record of 17 addresses', async client => requestOf([await record(client, 17)])],
        ['bad-record', 'a record of 500 addresses', async client => requestOf([await record(client, 500)])],
        ['forged-record', 'its own record forged', async client => requestOf([forge(await record(client, 1))])],
        ['forged-record', 'a member forged', client => requestOf([own(client), forge(member())])],
        [
          'foreign-record',
          'a record of a member that it signed itself',
          async client => {
            const victim = members[0].peerId
            return requestOf([own(client), await sealAs(victim, client.privateKey)])
          }
        ],
        [
          'foreign-record',
          'a record of its own that somebody else signed',
          async client => {
            const self = peerIdFromPrivateKey(client.privateKey)
            return requestOf([await sealAs(self, clients[1].privateKey)])
          }
        ]
      ]

    for (const [reason, what, frame] of cases) {
      it(`${what}: ${reason}`, async () => {
        const bytes = await frame(clients[0])
        const refusals = await refusedIn(async () => {
          const connection = await clients[0].connect(peer)
          await assert.rejects(throwAt(connection, () => bytes))
        })
        assert.deepEqual(refusals, { [reason]: 1 })
      })
    }
  })

  describe('leaves nothing behind:', () => {
    it('the peer has the view, the connections, the streams and the memory that it had', async () => {
      await disband()
      await eventually(() => peer.getConnections().length === VIEW, { what: 'the connections of the members only' })
      await eventually(() => streams() === 0, { what: 'no stream' })
      await eventually(() => heap() - heapBefore < HEAP_TOLERANCE, { what: 'the heap is as small as before' })
      assert.deepEqual(view(), viewBefore)
      assert.equal(peer.services.sampling.statistics().rounds, 1)
      assert.deepEqual(unhandled, [])
    })

    it('every reason is counted', () => {
      const reasons: Refusal[] = [
        'age-out-of-range',
        'bad-record',
        'duplicate',
        'foreign-record',
        'forged-record',
        'idle',
        'malformed',
        'not-the-sender',
        'stalled',
        'too-long',
        'too-many-descriptors',
        'too-many-streams',
        'too-often'
      ]
      assert.deepEqual(Object.keys(peer.services.sampling.statistics().refusals).sort(), reasons)
    })

    it('an honest newcomer joins through the peer', async () => {
      const newcomer = await startNode({ bootstrap: peer.getMultiaddrs() })
      running.push(newcomer)
      const { id } = await newcomer.services.sampling.waitForPeer({ signal: AbortSignal.timeout(20_000) })
      assert.ok(members.some(member => member.peerId.equals(id)))
    })
  })

  function member(): Descriptor {
    return honest[honest.length - 1]
  }
})

function own(client: Stranger): Descriptor {
  return { record: client.record.envelope, age: 0 }
}

function times<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value)
}

/** A properly signed record of a client that can be reached at so many addresses. */
async function record(client: Stranger, addresses: number, seq = 2n): Promise<Descriptor> {
  const multiaddrs = Array.from({ length: addresses }, (_, i) => multiaddr(`/ip4/127.0.0.1/tcp/${i + 1}`))
  return { record: (await lax.seal(client.privateKey, multiaddrs, seq)).envelope, age: 0 }
}

/** The last bit of a record is one of its signature. */
function forge({ record, age }: Descriptor): Descriptor {
  const forged = (record ?? new Uint8Array(0)).slice()
  forged[forged.length - 1] ^= 1
  return { record: forged, age }
}

/** A record of one peer, signed with the key of another. */
async function sealAs(peerId: PeerRecord['peerId'], privateKey: PrivateKey): Promise<Descriptor> {
  const multiaddrs: Multiaddr[] = [multiaddr('/ip4/127.0.0.1/tcp/1')]
  const record = new PeerRecord({ peerId, multiaddrs, seqNumber: 2n ** 60n })
  return { record: (await RecordEnvelope.seal(record, privateKey)).marshal().slice(), age: 0 }
}

/** Sends frames on one stream until the other end has had enough, or has answered ten of them. */
async function throwAt(connection: Connection, frame: () => Uint8Array): Promise<void> {
  const stream = await connection.newStream(PROTOCOL)
  const messages = lpStream(stream)
  const signal = AbortSignal.timeout(5_000)

  try {
    for (let i = 0; i < 10; i++) {
      await messages.write(frame(), { signal })
      await messages.read({ signal })
    }
  } finally {
    stream.abort(new Error('next'))
  }
}

/** A frame with a few bits flipped, cut short, spliced with itself, or nothing but noise. */
function mutation(random: Random, frame: Uint8Array): Uint8Array {
  const mutated = frame.slice()

  switch (random.below(5)) {
    case 0: {
      const noise = new Uint8Array(random.below(300))

      for (let i = 0; i < noise.length; i++) {
        noise[i] = random.below(256)
      }

      return noise
    }
    case 1:
      return mutated.subarray(0, random.below(frame.length))
    case 2: {
      // a piece of the frame over another one
      const length = random.below(frame.length / 2)
      mutated.copyWithin(random.below(frame.length), random.below(frame.length), length)
      return mutated
    }
    case 3: {
      // a piece of the frame once more
      const from = random.below(frame.length)
      const piece = frame.subarray(from, from + random.below(200))
      const at = random.below(frame.length)
      return Uint8Array.from([...frame.subarray(0, at), ...piece, ...frame.subarray(at)])
    }
    default: {
      const flips = 1 + random.below(8)

      for (let i = 0; i < flips; i++) {
        mutated[random.below(frame.length)] ^= 1 << random.below(8)
      }

      return mutated
    }
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value

  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128)
  }

  return Uint8Array.from([...bytes, rest])
}

/** Bytes of the heap that are in use. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
