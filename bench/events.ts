// Events per second end to end, and what a delivery costs: between two peers, and through a group of 50, next to topics (gossipsub) and to raw
// messages on one stream. Run with: npm run bench events
import '../src/peer/compat.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { WorkerProcess } from '../test/crowd/worker-process.ts'
import { eventually } from '../test/support/eventually.ts'
import { type Events, type Kind, RAW, type Receivers, type ReceiversCommand, startPeer, TOPIC } from './events-peer.ts'
import { median, print } from './report.ts'

const WORKER = new URL('./receivers.js', import.meta.url)
const PAYLOADS = { '100 bytes': 100, '10 KiB': 10_240 }
const PASSES = 5
/** Messages of a pass, between two peers and through the group. */
const TO_ONE = 500
const TO_GROUP = 100
const GROUP = 50
const PROCESSES = 5
/** Publications that are under way at once. */
const AT_ONCE = 32
/** Rounds until everybody has the links that it is to have. */
const ROUNDS = 15

interface Rate {
  perSecond: number
  /** Milliseconds of processor time for each delivery, at all peers together. */
  cpu: number
}

/** A publisher in this process, and those that it publishes to in others. */
class Stage {
  private readonly workers: Array<WorkerProcess<ReceiversCommand, Receivers>>
  private readonly kind: Kind
  private readonly peers: number
  private node: Events | undefined
  private send: (payload: Uint8Array) => Promise<unknown> = async () => {}

  constructor(kind: Kind, peers: number, processes: number) {
    this.kind = kind
    this.peers = peers
    this.workers = Array.from({ length: processes }, () => new WorkerProcess<ReceiversCommand, Receivers>(WORKER))
  }

  async start(): Promise<void> {
    const { kind, peers, workers } = this
    const node = await startPeer(kind, [])
    this.node = node
    const bootstrap = node.getMultiaddrs().map(String)
    const each = peers / workers.length
    const started = await Promise.all(workers.map(worker => worker.tell({ do: 'start', kind, peers: each, bootstrap })))
    const areReady = async () => (await this.report()).every(({ rounds }) => peers === 1 || rounds >= ROUNDS)
    await eventually(areReady, { what: 'links', deadline: 300_000 })
    this.send = await this.sender(node, started[0].addresses[0])
    await this.warmUp()
  }

  private async sender(node: Events, address: string[]): Promise<(payload: Uint8Array) => Promise<unknown>> {
    const { content, topics } = node.services

    if (content != null) {
      return payload => content.publish({ price: 12.5, symbol: 'AAPL' }, payload)
    }

    if (topics != null) {
      return payload => topics.publish(TOPIC, payload)
    }

    const stream = lpStream(
      await node.dialProtocol(
        address.map(text => multiaddr(text)),
        RAW
      )
    )
    return payload => stream.write(payload)
  }

  /** Until a message gets to everybody. */
  private async warmUp(): Promise<void> {
    const all = async () => (await this.report()).flatMap(({ counts }) => counts)
    const began = Math.max(...(await all()))
    await eventually(
      async () => {
        await this.send(new Uint8Array(1))
        return (await all()).every(count => count > began)
      },
      { what: 'a message to all', deadline: 60_000 }
    )
    let before = await all()
    await eventually(async () => {
      await new Promise(resolve => setTimeout(resolve, 1_000))
      const after = await all()
      const isStill = after.every((count, i) => count === before[i])
      before = after
      return isStill
    })
  }

  report(): Promise<Receivers[]> {
    return Promise.all(this.workers.map(worker => worker.tell({ do: 'report' })))
  }

  async pass(messages: number, bytes: number): Promise<Rate> {
    const { workers, peers } = this
    await Promise.all(workers.map(worker => worker.tell({ do: 'count anew' })))
    const before = await this.cpu()
    const began = performance.now()
    const taken = Promise.all(workers.map(worker => worker.tell({ do: 'expect', count: messages })))
    let left = messages

    const lane = async () => {
      while (left-- > 0) {
        await this.send(new Uint8Array(bytes))
      }
    }

    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    await taken
    const seconds = (performance.now() - began) / 1_000
    return { perSecond: messages / seconds, cpu: ((await this.cpu()) - before) / (messages * peers) }
  }

  private async cpu(): Promise<number> {
    const { user, system } = process.cpuUsage()
    return (await this.report()).reduce((sum, { cpu }) => sum + cpu, (user + system) / 1_000)
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map(worker => worker.kill()))
    await this.node?.stop()
  }
}

async function passes(stage: Stage, messages: number, bytes: number): Promise<Rate> {
  await stage.pass(messages, bytes)
  const rates: Rate[] = []

  for (let pass = 0; pass < PASSES; pass++) {
    rates.push(await stage.pass(messages, bytes))
  }

  return { perSecond: median(rates.map(({ perSecond }) => perSecond)), cpu: median(rates.map(({ cpu }) => cpu)) }
}

/** One kind after the other, each with all sizes: they must not share a machine. */
async function measure(peers: number, processes: number, kinds: Kind[], messages: number): Promise<void> {
  const rates = new Map<string, Rate>()

  for (const kind of kinds) {
    const stage = new Stage(kind, peers, processes)
    await stage.start()

    for (const [name, bytes] of Object.entries(PAYLOADS)) {
      rates.set(`${kind} ${name}`, await passes(stage, messages, bytes))
    }

    await stage.stop()
  }

  for (const name of Object.keys(PAYLOADS)) {
    const content = rates.get(`content ${name}`) as Rate
    const figures = kinds.flatMap(kind => {
      const rate = rates.get(`${kind} ${name}`) as Rate
      const ratio = { [`${kind}: ratio of events to these`]: content.perSecond / rate.perSecond }
      return Object.entries({
        [`${kind}: per second`]: Math.round(rate.perSecond),
        [`${kind}: milliseconds of processor time a delivery`]: rate.cpu,
        ...(kind === 'content' ? {} : ratio)
      })
    })
    print(`${name} to ${peers} peer${peers > 1 ? 's' : ''} from another one`, Object.fromEntries(figures))
  }
}

/** Every event is signed once, and its signature checked by each peer that it comes to. */
async function signatures(): Promise<void> {
  const key = await generateKeyPair('Ed25519')
  const message = crypto.getRandomValues(new Uint8Array(250))
  const signature = await key.sign(message)
  const made: number[] = []
  const checked: number[] = []

  for (let pass = 0; pass < PASSES; pass++) {
    made.push(await rate(() => key.sign(message)))
    checked.push(await rate(() => key.publicKey.verify(message, signature)))
  }

  print('signatures, which bound all of this: one is made for an event, and one checked for a delivery', {
    'made per second': Math.round(median(made)),
    'checked per second': Math.round(median(checked)),
    'milliseconds of processor time to check one': 1_000 / median(checked)
  })
}

async function rate(once: () => unknown): Promise<number> {
  const began = performance.now()
  let count = 0

  while (performance.now() - began < 500) {
    await once()
    count++
  }

  return (count / (performance.now() - began)) * 1_000
}

await signatures()
await measure(1, 1, ['content', 'topic', 'raw'], TO_ONE)
await measure(GROUP, PROCESSES, ['content', 'topic'], TO_GROUP)
