import assert from 'node:assert/strict'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import { DelayLine } from '../support/delay-line.ts'
import { delayedTcp } from '../support/delayed-transport.ts'
import { eventually } from '../support/eventually.ts'
import { LOOPBACK } from '../support/nodes.ts'

const PROTOCOL = '/test/1.0.0'

function timers(): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'Timeout' || kind === 'Immediate').length
}

describe('a line that delays', () => {
  it('brings everything in its order and not before its time, also when the way changes', async () => {
    let delay = 20
    const line = new DelayLine(() => delay)
    const came: number[] = []
    const early: number[] = []

    for (let i = 0; i < 50; i++) {
      delay = 20 - (i % 20)
      const due = performance.now() + delay
      line.push(() => {
        came.push(i)

        if (performance.now() < due) {
          early.push(i)
        }
      })
    }

    await line.flushed()
    assert.deepEqual(
      came,
      Array.from({ length: 50 }, (_, i) => i)
    )
    assert.deepEqual(early, [])
  })

  for (const delay of [0, 1_000]) {
    it(`leaves no timer behind when it is cut, ${delay} ms before something comes`, async () => {
      const line = new DelayLine(() => delay)
      const came: string[] = []
      const before = timers()
      line.push(() => came.push('late'))
      const flushed = line.flushed()
      assert.equal(timers(), before + 1)
      line.cut()
      line.push(() => came.push('later'))
      assert.equal(timers(), before)
      await flushed
      await line.flushed()
      assert.deepEqual(came, [])
    })
  }

  it('is cut by what it delivers', async () => {
    const line = new DelayLine(() => 1)
    const came: number[] = []
    line.push(() => {
      came.push(1)
      line.cut()
    })
    line.push(() => came.push(2))
    await line.flushed()
    assert.deepEqual(came, [1])
  })
})

describe('delayed TCP', () => {
  const nodes: Libp2p[] = []
  let roundTrip = 30

  afterEach(async () => {
    roundTrip = 30
    await Promise.all(nodes.splice(0).map(node => node.stop()))
  })

  /** A connection, first as the one who dials sees it. */
  async function couple(onStream: (stream: Stream) => void): Promise<[Connection, Connection]> {
    const start = () => createLibp2p({ ...LOOPBACK, transports: [delayedTcp(() => roundTrip)] })
    const [one, other] = [await start(), await start()]
    nodes.push(one, other)
    await Promise.all(nodes.map(node => node.handle(PROTOCOL, onStream)))
    const connection = await one.dial(other.getMultiaddrs())
    // the last word of the handshake is still under way to the other end
    await eventually(() => other.getConnections().length > 0, { what: 'the other end' })
    return [connection, other.getConnections()[0]]
  }

  async function echo(stream: Stream): Promise<void> {
    const messages = lpStream(stream)

    try {
      for (;;) {
        await messages.write(await messages.read())
      }
    } catch {
      // the other end is done with us
    }
  }

  async function timeOf(messages: LengthPrefixedStream): Promise<number> {
    const began = performance.now()
    await messages.write(Uint8Array.of(1))
    await messages.read()
    return performance.now() - began
  }

  it('takes the round trip of the layout, whoever asks, and another one when that changes', async () => {
    for (const connection of await couple(echo)) {
      const messages = lpStream(await connection.newStream(PROTOCOL))

      for (roundTrip of [30, 60, 30]) {
        assert.ok((await timeOf(messages)) >= roundTrip)
      }
    }
  })

  it('ends at once when it is aborted, whatever is under way', async () => {
    const [connection] = await couple(echo)
    const messages = lpStream(await connection.newStream(PROTOCOL))
    await timeOf(messages)
    roundTrip = 1_000_000
    const ended = assert.rejects(timeOf(messages))
    connection.abort(new Error('enough'))
    await ended
    assert.equal(connection.status, 'aborted')
  })

  it('brings what was sent before it closes', async () => {
    const sizes = [1, 100, 10_000]
    const came: number[] = []
    const [connection, back] = await couple(async stream => {
      const messages = lpStream(stream)

      for (const _ of sizes) {
        came.push((await messages.read()).byteLength)
      }
    })
    const messages = lpStream(await connection.newStream(PROTOCOL))

    for (const size of sizes) {
      await messages.write(new Uint8Array(size))
    }

    await connection.close()
    await eventually(() => back.status !== 'open', { what: 'the end' })
    assert.deepEqual(came, sizes)
  })

  it('ends at both ends when either aborts', async () => {
    for (const whose of ['one', 'other']) {
      const ends = await couple(echo)
      const [aborted, left] = whose === 'one' ? ends : ends.toReversed()
      aborted.abort(new Error('enough'))
      await eventually(() => left.status !== 'open', { what: `the end of what ${whose} aborts` })
      await Promise.all(nodes.splice(0).map(node => node.stop()))
    }
  })
})
