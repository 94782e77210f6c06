import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { defaultLogger } from '@libp2p/logger'
import { lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import { type GossipProtocol, NOBODY, type Outcome } from '../../src/gossip/exchange.ts'
import { type Codec, type DriverInit, ExchangeDriver } from '../../src/live/driver.ts'
import { decodeFrame, encodeFrame } from '../../src/live/frame.ts'
import { slowClock } from '../support/clock.ts'
import { LOOPBACK } from '../support/nodes.ts'

const NAME = '/test/timing/1.0.0'

/** Milliseconds. */
const LONG = 15

/** Of a message. */
const MAX_BYTES = 1_000

type Node = Libp2p<{ registrar: Registrar }>

/** Counts what it is told. */
class Count implements GossipProtocol<object> {
  absorbed = 0
  abandoned = 0

  partner = () => NOBODY
  anotherPartner = () => NOBODY
  request = () => {}
  respond = () => true
  absorb = () => this.absorbed++
  abandon = () => this.abandoned++
}

type Options = Partial<Pick<DriverInit<object, object>, 'onTimed' | 'onChange'>> & {
  open?: Codec<object, object>['open']
  /** Bytes of each message. */
  size?: number
  requestBurst?: number
}

describe('an exchange is timed', function () {
  this.timeout(60_000)

  const running: Array<{ stop(): unknown }> = []
  let realTime = () => {}
  let asking: Node
  let answering: Node
  let protocol: Count
  /** The round trips of a test, and all of them with their peers. */
  let timed: number[]
  let samples: Array<[peer: string, roundTrip: number]>

  before(async () => {
    asking = await node()
    answering = await node()
  })

  after(async () => {
    await Promise.all([asking.stop(), answering.stop()])
  })

  beforeEach(() => {
    protocol = new Count()
    timed = []
    samples = []
    // a machine that does something else while a request is held makes a round trip that is not told
    realTime = slowClock()
  })

  afterEach(async () => {
    realTime()
    await Promise.all(running.splice(0).map(each => each.stop()))
    await answering.unhandle(NAME)

    for (const [peer, roundTrip] of samples) {
      assert.equal(peer, answering.peerId.toString())
      assert.ok(Number.isFinite(roundTrip) && roundTrip > 0, `${roundTrip} ms`)
    }
  })

  async function node(): Promise<Node> {
    return await createLibp2p({
      ...LOOPBACK,
      services: { registrar: (components: { registrar: Registrar }) => components.registrar }
    })
  }

  function driver(
    at: Node,
    { open = () => ({}), size = 3, requestBurst = 100, ...init }: Options = {}
  ): ExchangeDriver<object, object> {
    const codec: Codec<object, object> = {
      createMessage: () => ({}),
      encode: () => new Uint8Array(size),
      open,
      adopt: () => NOBODY
    }
    return new ExchangeDriver({
      protocol: at === asking ? protocol : new Count(),
      codec,
      name: NAME,
      limits: {
        dialTimeout: 10_000,
        exchangeTimeout: 10_000,
        streamTimeout: 60_000,
        maxMessageBytes: MAX_BYTES,
        maxInboundStreams: 10,
        requestBurst,
        requestRate: 0,
        maxOffences: 1
      },
      registrar: at.services.registrar,
      log: defaultLogger().forComponent('test'),
      isIdle: () => false,
      beforeTurn: () => {},
      onChange: () => {},
      ...init
    })
  }

  // what a listener throws is not seen: it only notes, and `afterEach` checks
  const onTimed = (peer: PeerId, roundTrip: number) => {
    timed.push(roundTrip)
    samples.push([peer.toString(), roundTrip])
  }

  async function answer(options?: Options): Promise<void> {
    const started = driver(answering, options)
    running.push(started)
    await started.start()
  }

  async function ask(from: ExchangeDriver<object, object>): Promise<Outcome> {
    return await from.exchange({
      partner: NOBODY,
      say: () => {},
      connect: async options => await asking.dial(answering.getMultiaddrs(), options),
      signal: new AbortController().signal
    })
  }

  /** An answerer that says what it likes of how long it held a request. */
  async function lie(held: number, kind: 'reply' | 'busy' = 'reply'): Promise<void> {
    await answering.handle(NAME, async (stream: Stream) => {
      const messages = lpStream(stream)

      try {
        for (;;) {
          const { exchange } = decodeFrame((await messages.read()).subarray())
          await messages.write(encodeFrame(kind, exchange, Uint8Array.of(1), held))
        }
      } catch {
        // the other end is done
      }
    })
  }

  it('when it has been answered: after the answer was absorbed, and what has changed was told', async () => {
    const told: string[] = []
    await answer({ onTimed: () => told.push('the answerer does not know') })
    const from = driver(asking, {
      onChange: () => told.push(`changed, ${protocol.absorbed} absorbed`),
      onTimed: (peer, roundTrip) => {
        onTimed(peer, roundTrip)
        told.push('timed')
      }
    })
    assert.equal(await ask(from), 'answered')
    assert.equal(await ask(from), 'answered')
    assert.deepEqual(told, ['changed, 1 absorbed', 'timed', 'changed, 2 absorbed', 'timed'])
  })

  it('when the other end was busy, too', async () => {
    await answer({ requestBurst: 1 })
    const from = driver(asking, { onTimed })
    assert.deepEqual([await ask(from), await ask(from)], ['answered', 'busy'])
    assert.equal(timed.length, 2)
  })

  it('with messages of any length that there may be, in both directions', async () => {
    const sizes: Array<[asked: number, answered: number, outcome: Outcome]> = [
      [MAX_BYTES, MAX_BYTES, 'answered'],
      [MAX_BYTES, MAX_BYTES + 1, 'too-long'],
      [MAX_BYTES + 1, MAX_BYTES, 'unreachable']
    ]

    for (const [asked, answered, outcome] of sizes) {
      await answer({ size: answered })
      assert.equal(await ask(driver(asking, { onTimed, size: asked })), outcome)
      await Promise.all(running.splice(0).map(each => each.stop()))
    }

    assert.equal(timed.length, 1)
  })

  it('without what either end takes to open a message, be it at once or not', async () => {
    realTime()
    const slowly = async () => {
      await delay(LONG)
      return {}
    }
    const busily = () => {
      const end = performance.now() + LONG
      while (performance.now() < end) {}
      return {}
    }

    for (const open of [slowly, busily]) {
      await answer({ open })
      const from = driver(asking, { onTimed, open })

      // the machine may be busy with something else
      while (timed.every(roundTrip => roundTrip >= LONG)) {
        assert.equal(await ask(from), 'answered')
      }

      timed.splice(0)
      await Promise.all(running.splice(0).map(each => each.stop()))
    }
  })

  it('but for who says that a request was held for longer than it all took: that is counted, and the answer taken', async () => {
    for (const [kind, outcome] of [
      ['reply', 'answered'],
      ['busy', 'busy']
    ] as const) {
      await lie(60_000, kind)
      const from = driver(asking, { onTimed })
      const { absorbed } = protocol
      assert.deepEqual([await ask(from), await ask(from)], [outcome, outcome])
      assert.deepEqual(from.counts.refusals, { 'held-too-long': 2 })
      assert.deepEqual([protocol.absorbed - absorbed, timed], [kind === 'reply' ? 2 : 0, []])
      assert.equal(asking.getConnections(answering.peerId)[0].status, 'open')
      await answering.unhandle(NAME)
    }
  })

  it("but for one whose request was held for long, to what the way took: that is nobody's fault", async () => {
    let passed = 0
    let holds = 0
    const { now } = performance
    performance.now = () => now.call(performance) + passed
    await answer({
      open: () => {
        passed += holds
        return {}
      }
    })
    const from = driver(asking, { onTimed })

    for (const [held, isTaken] of [
      [19, true],
      [60_000, false]
    ] as const) {
      holds = held
      timed.splice(0)
      assert.equal(await ask(from), 'answered')
      assert.equal(timed.length, isTaken ? 1 : 0)
      assert.ok(timed.every(roundTrip => roundTrip < 30_000))
    }

    assert.deepEqual(from.counts.refusals, {})
  })

  it('but for one that is shorter than the clock can tell', async () => {
    await answer()
    const from = driver(asking, { onTimed })
    performance.now = () => 1_000
    assert.equal(await ask(from), 'answered')
    assert.deepEqual([timed, from.counts.refusals], [[], {}])
  })

  it('but for one whose answer is refused', async () => {
    await lie(0)
    const from = driver(asking, {
      onTimed,
      open: () => {
        throw new Error('not to be read')
      }
    })
    assert.equal(await ask(from), 'unreachable')
    assert.deepEqual([timed, protocol.abandoned], [[], 1])
  })

  it('and goes on when a listener fails', async () => {
    const failing = () => {
      throw new Error('as applications do')
    }
    await answer({ onChange: failing })
    const from = driver(asking, { onChange: failing, onTimed: failing })
    assert.deepEqual([await ask(from), await ask(from)], ['answered', 'answered'])
    assert.deepEqual([protocol.absorbed, protocol.abandoned], [2, 0])
    assert.equal(from.use(asking.getConnections(answering.peerId)[0]).busy, false)
  })
})
