// Exchanges per second between two processes, next to a bare length-prefixed round trip of the same size over libp2p.
// Run with: npm run bench exchange
import '../src/peer/compat.ts'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { headerBytes } from '../src/live/frame.ts'
import { Crowd } from '../test/crowd/crowd.ts'
import { eventually } from '../test/support/eventually.ts'
import { type SamplingNode, startNode } from '../test/support/nodes.ts'
import { median, print } from './report.ts'

const BARE = '/bench/bare/1.0.0'
const PASSES = 15
const MILLISECONDS_PER_PASS = 500

/** Does nothing by itself, so that only what is measured happens. */
const STILL = { period: 3_600_000, requestsPerPeriod: Infinity }

if (process.send != null) {
  await answer()
} else {
  await ask()
}

/** The other process: answers exchanges, and bare round trips with as many bytes as it is asked for. */
async function answer(): Promise<void> {
  const node = await startNode(STILL)
  await node.handle(BARE, async stream => {
    const messages = lpStream(stream)

    try {
      while (stream.status === 'open') {
        await messages.write(await messages.read())
      }
    } catch {
      stream.abort(new Error('done'))
    }
  })
  process.send?.(node.getMultiaddrs().map(String))
}

async function ask(): Promise<void> {
  const other = fork(fileURLToPath(import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [addresses] = (await once(other, 'message')) as [string[]]
  const node = await startNode(STILL)
  await fillViews(node, addresses)

  const multiaddrs = addresses.map(address => multiaddr(address))
  const connection = await node.dial(multiaddrs)
  const contact = { id: connection.remotePeer, multiaddrs }
  const before = node.services.sampling.statistics()
  await node.services.sampling.join(contact)
  const { bytes } = node.services.sampling.statistics()
  const request = bytes.sent - before.bytes.sent
  const reply = bytes.received - before.bytes.received
  const payload = new Uint8Array(Math.round((request + reply) / 2))

  const kept = lpStream(await connection.newStream(BARE))
  const rates: Record<'exchange' | 'bare' | 'opened', number[]> = { exchange: [], bare: [], opened: [] }

  for (let pass = 0; pass <= PASSES; pass++) {
    const exchange = await rate(async () => {
      await node.services.sampling.join(contact)
    })
    const bare = await rate(async () => {
      await kept.write(payload)
      await kept.read()
    })
    const opened = await rate(async () => {
      const stream = await connection.newStream(BARE)
      const messages = lpStream(stream)
      await messages.write(payload)
      await messages.read()
      await stream.close()
    })

    // the first pass warms the compiler up
    if (pass > 0) {
      rates.exchange.push(exchange)
      rates.bare.push(bare)
      rates.opened.push(opened)
    }
  }

  print('exchanges between two processes', {
    'bytes of a request and its answer': request + reply - headerBytes('request') - headerBytes('reply'),
    'exchanges per second': Math.round(median(rates.exchange)),
    'bare round trips per second, kept stream': Math.round(median(rates.bare)),
    'bare round trips per second, a stream each': Math.round(median(rates.opened)),
    'ratio to bare round trips (aim: at least 0.8)': median(rates.exchange.map((value, i) => value / rates.bare[i])),
    'what keeping the stream gains': median(rates.bare.map((value, i) => value / rates.opened[i]))
  })
  other.kill()
  await node.stop()
}

/** Both ends get full views from a crowd that is gone afterwards: messages are as long as in real life. */
async function fillViews(node: SamplingNode, addresses: string[]): Promise<void> {
  const crowd = new Crowd()
  const members = await crowd.start(40, [...addresses, ...node.getMultiaddrs().map(String)], { profile: 'local' })
  const { sampling } = node.services
  await eventually(() => sampling.view.length === sampling.parameters.view, { what: 'a full view', deadline: 60_000 })
  await crowd.kill([members])
}

async function rate(once: () => Promise<void>): Promise<number> {
  const began = performance.now()
  let count = 0

  while (performance.now() - began < MILLISECONDS_PER_PASS) {
    await once()
    count++
  }

  return (count / (performance.now() - began)) * 1_000
}
