import assert from 'node:assert/strict'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PeerId, PrivateKey, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { NOBODY, type Outcome, TICKS_PER_PERIOD } from '../../src/gossip/exchange.ts'
import type { PeerTable } from '../../src/gossip/peer-table.ts'
import { Random } from '../../src/gossip/random.ts'
import { encodeFrame, type Frame } from '../../src/live/frame.ts'
import { SELF } from '../../src/live/population.ts'
import type { VerifiedRecord } from '../../src/live/records.ts'
import { QUARANTINE_ROUNDS, QUARANTINED_PEERS } from '../../src/sampling/constants.ts'
import { digestOf, secretOf } from '../../src/sampling/hidden-identities.ts'
import { Exchange } from '../../src/sampling/messages.ts'
import type { SamplingOptions } from '../../src/sampling/parameters.ts'
import type { Partners } from '../../src/sampling/partners.ts'
import type { PeerSamplingProtocol } from '../../src/sampling/protocol.ts'
import { MODES } from '../../src/sim/parameters.ts'
import { eventually } from '../support/eventually.ts'
import { PASSIVE_PERIOD, type SamplingNode, startPassiveNode } from '../support/nodes.ts'
import {
  type CoreState,
  type Happening,
  type Recording,
  recordEventfulLife,
  type Said,
  type Step,
  stateOf
} from '../support/recording.ts'
import { answer, lax, Stranger } from '../support/stranger.ts'

/** Smaller than the network, so that views have to choose. */
const VIEW = 8

const VARIANTS: SamplingOptions[] = [
  { preset: 'default' },
  { preset: 'healer' },
  { preset: 'cyclon' },
  { preset: 'newscast' },
  { propagation: 'push', selection: 'rand' },
  { defence: 'statistics' },
  { defence: 'ranking' }
]

/** More than there ever are nodes in a recording. */
const KEYS = 32

/** Milliseconds, and no other timer here has as many: the test itself lets this one expire, see {@link Replay}. */
const EXCHANGE_TIMEOUT = 59_999

/** What a round of the service is made of, without the clock that begins it. */
interface ServiceParts {
  /** When its time began: its clock is set by it. */
  origin: number
  protocol: PeerSamplingProtocol
  peers: PeerTable<VerifiedRecord>
  partners: Partners
}

/** A request that has come to a stranger, who has not answered it yet. */
interface Heard {
  by: Stranger
  frame: Frame
  stream: Stream
}

/** An exchange of the live peer that waits for its answer. */
interface UnderWay extends Heard {
  outcome: Promise<Outcome>
  /** Lets the time for the answer be over. */
  expire(): void
}

/**
 * A live peer in the place of the recorded node, and strangers in the places of the others, who say what these said. An
 * answer that never comes is either waited for in vain or, every other time, lost with its stream.
 */
class Replay {
  private readonly peer: SamplingNode
  private readonly parts: ServiceParts
  /** By the numbers of the simulation; the one in the peer's own place says nothing. */
  private readonly strangers: Stranger[]
  /** The peer's own one has no address: it needs none to know itself. */
  private readonly records: VerifiedRecord[]
  private readonly numbers: Map<string, number>
  /** Whom the peer cannot reach now. */
  private readonly cutOff: Set<string>
  private readonly signal = new AbortController().signal
  private hear: (heard: Heard) => void = () => {}
  private underWay: UnderWay | undefined
  private unanswered = 0

  private constructor(peer: SamplingNode, strangers: Stranger[], records: VerifiedRecord[], cutOff: Set<string>) {
    this.peer = peer
    this.parts = peer.services.sampling as unknown as ServiceParts
    this.strangers = strangers
    this.records = records
    this.numbers = new Map(records.map(({ key }, number) => [key, number]))
    this.cutOff = cutOff
  }

  /** With strangers of its own: a libp2p node takes only so many connections in a second from one address. */
  static async start(
    { recorded, nodes, seed }: Recording,
    variant: SamplingOptions,
    keys: PrivateKey[]
  ): Promise<Replay> {
    assert.ok(nodes <= keys.length)
    const strangers = await Promise.all(keys.slice(0, nodes).map(key => Stranger.start(true, key)))
    // nobody hears of the stranger in its place
    const privateKey = await generateKeyPair('Ed25519')
    const cutOff = new Set<string>()
    const peer = await startPassiveNode(
      { ...variant, seed, exchangeTimeout: EXCHANGE_TIMEOUT, requestsPerPeriod: Number.POSITIVE_INFINITY },
      { privateKey, connectionGater: { denyDialPeer: (id: PeerId) => cutOff.has(id.toString()) } }
    )
    const records = strangers.map(stranger => stranger.record).with(recorded, await lax.seal(privateKey, [], 0n))
    const replay = new Replay(peer, strangers, records, cutOff)
    await Promise.all(strangers.map(by => by.onRequest((frame, stream) => replay.hear({ by, frame, stream }))))
    return replay
  }

  async stop(): Promise<void> {
    const nodes = [this.peer, ...this.strangers.map(({ node }) => node)]

    // whoever is left behind by the other end takes half a second to stop
    for (const connection of nodes.flatMap(node => node.getConnections())) {
      connection.abort(new Error('the replay is over'))
    }

    await Promise.all(nodes.map(node => node.stop()))
  }

  /** Lets it happen, and returns what has happened. */
  async play({ time, happening }: Step): Promise<Happening> {
    this.parts.origin = performance.now() - ((time + 0.5) / TICKS_PER_PERIOD) * PASSIVE_PERIOD

    switch (happening.kind) {
      case 'asks':
        return await this.begin(happening)
      case 'is answered':
        return await this.end(happening)
      case 'is not answered':
        return await this.fail(happening)
      case 'cannot reach':
        return await this.miss(happening)
      case 'is asked':
        return await this.ask(happening)
    }
  }

  private async begin({ partner, introduction, again }: Happening & { kind: 'asks' }): Promise<Happening> {
    const { partners } = this.parts
    const chosen = this.choose(again)
    assert.equal(chosen === NOBODY, introduction)
    const heard = new Promise<Heard>(resolve => {
      this.hear = resolve
    })
    const timer = watchTimer(EXCHANGE_TIMEOUT)

    try {
      // a contact is given, where the core chooses nobody
      const outcome = introduction
        ? partners.contact(this.records[partner], this.signal)
        : partners.gossip(chosen, this.signal)
      const first = await Promise.race([heard, outcome])
      assert.ok(typeof first === 'object', `ended before it was heard of: ${first}`)
      this.underWay = { ...first, outcome, expire: timer.expire }
    } finally {
      timer.release()
    }

    const { by, frame } = this.underWay
    return { kind: 'asks', partner: this.number(by.id), introduction, again, request: await this.decode(frame.body) }
  }

  private async end(happening: Happening & { kind: 'is answered' }): Promise<Happening> {
    const { frame, stream, outcome } = this.takeUnderWay()
    await answer(stream, encodeFrame('reply', frame.exchange, this.encode(happening.reply)))
    assert.equal(await outcome, 'answered')
    return happening
  }

  private async fail(happening: Happening & { kind: 'is not answered' }): Promise<Happening> {
    const { by, frame, stream, outcome, expire } = this.takeUnderWay()

    if (happening.why === 'busy') {
      await answer(stream, encodeFrame('busy', frame.exchange))
      assert.equal(await outcome, 'busy')
    } else if (this.unanswered++ % 2 === 0) {
      expire()
      assert.equal(await outcome, 'timeout')
      await this.parted(by)
    } else {
      stream.abort(new Error('no answer'))
      assert.equal(await outcome, 'unreachable')
    }

    return happening
  }

  /** As a round of the service does. */
  private choose(again: boolean): number {
    const { protocol } = this.parts
    return again ? protocol.anotherPartner(SELF) : protocol.partner(SELF)
  }

  private async miss({ again }: Happening & { kind: 'cannot reach' }): Promise<Happening> {
    const { partners, peers } = this.parts
    const partner = this.choose(again)
    const { key, id } = peers.get(partner) as VerifiedRecord
    this.cutOff.add(key)

    for (const connection of this.peer.getConnections(id)) {
      connection.abort(new Error('cut off'))
    }

    assert.equal(await partners.gossip(partner, this.signal), 'unreachable')
    this.cutOff.delete(key)
    await this.parted(this.strangers[this.number(key)])
    return { kind: 'cannot reach', partner: this.number(key), again }
  }

  private async ask({ kind, from, request }: Happening & { kind: 'is asked' }): Promise<Happening> {
    const [reply] = await this.strangers[from].ask(this.peer, encodeFrame('request', 1, this.encode(request)))
    return { kind, from, request, ...(reply.kind === 'busy' ? {} : { reply: await this.decode(reply.body) }) }
  }

  private takeUnderWay(): UnderWay {
    const { underWay } = this
    assert.ok(underWay != null)
    this.underWay = undefined
    return underWay
  }

  /** The stranger has noticed that the connection is gone, too, and would open another one. */
  private async parted({ node }: Stranger): Promise<void> {
    await eventually(() => node.getConnections(this.peer.peerId).length === 0, { what: 'the connection is gone' })
  }

  /** In the numbers of the simulation. */
  get state(): CoreState {
    const { protocol, peers } = this.parts
    const { view, held, sightings, suspicions } = stateOf(protocol, SELF)
    const numberOf = (peer: number) => this.number((peers.get(peer) as VerifiedRecord).key)
    const members = new Set(view.map(([peer]) => peer))
    const isKnown = (peer: number | undefined) => peer != null && protocol.knows(SELF, peer) && !members.has(peer)
    return {
      view: view.map(([peer, age]) => [numberOf(peer), age]),
      known: [...this.records.keys()].filter(number => isKnown(peers.number(this.records[number].key))),
      held: held.map(numberOf),
      sightings,
      suspicions: suspicions.map(({ peer, ...evidence }) => ({ peer: numberOf(peer), ...evidence }))
    }
  }

  private encode({ joining, descriptors }: Said): Uint8Array {
    const named = descriptors.map(([number, age]) => ({ record: this.records[number].envelope, age }))
    return Exchange.encode({ joining, descriptors: named })
  }

  private async decode(body: Uint8Array): Promise<Said> {
    const { joining, descriptors } = Exchange.decode(body)
    const said: Said = { joining, descriptors: [] }

    for (const { record = new Uint8Array(0), age } of descriptors) {
      const { key } = lax.known(record) ?? (await lax.verify(record))
      said.descriptors.push([this.number(key), age])
    }

    return said
  }

  private number(key: string): number {
    return this.numbers.get(key) as number
  }
}

/** Catches the next timer of so many milliseconds that is set, so that it can expire at once. */
function watchTimer(milliseconds: number): { expire(): void; release(): void } {
  const { setTimeout } = globalThis
  let expire = () => {}
  globalThis.setTimeout = ((run: () => void, delay?: number) => {
    expire = delay === milliseconds ? run : expire
    return setTimeout(run, delay)
  }) as typeof setTimeout

  return {
    expire: () => expire(),
    release: () => {
      globalThis.setTimeout = setTimeout
    }
  }
}

describe('the live service and the simulator', function () {
  this.timeout(60_000)

  let replay: Replay | undefined
  let keys: PrivateKey[]

  before(async () => {
    const seeds = Array.from({ length: KEYS }, (_, i) => new Uint8Array(32).fill(i))
    keys = await Promise.all(seeds.map(seed => generateKeyPairFromSeed('Ed25519', seed)))
  })

  afterEach(async () => {
    await replay?.stop()
    replay = undefined
  })

  for (const mode of MODES) {
    for (const variant of VARIANTS) {
      it(`drive the same core: ${Object.values(variant).join(', ')}, by ${mode}`, async () => {
        const options = { ...variant, view: VIEW }
        const recording = recordEventfulLife(options, mode, seed => ({
          // the service gives its core the seed after its own
          random: new Random(seed + 1),
          quarantine: { peers: QUARANTINED_PEERS, rounds: QUARANTINE_ROUNDS },
          watchful: true,
          identity: peer => digestOf(peerIdFromPrivateKey(keys[peer]), secretOf(seed))
        }))
        replay = await Replay.start(recording, options, keys)

        for (const [i, step] of recording.steps.entries()) {
          const happening = await replay.play(step)
          assert.deepEqual({ step: i, ...step, happening, state: replay.state }, { step: i, ...step })
        }
      })
    }
  }
})
