import { type Failure, NOBODY } from '../../src/gossip/exchange.ts'
import type { SamplingMessage } from '../../src/sampling/message.ts'
import type { PeerSamplingProtocol } from '../../src/sampling/protocol.ts'
import type { Network } from '../../src/sim/network.ts'
import type { World } from '../../src/sim/world.ts'

/** A driver or a protocol did what it says that it never does. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise'
}

/** What a message buffer holds, and on its way from whom to whom. */
interface Letter {
  exchange: number
  from: number
  /** NOBODY: to a contact from outside of the view. */
  to: number
  /** Of what was written. */
  checksum: number
  /** A request that its receiver has seen. */
  read: boolean
}

const NO_EXCHANGE = 0

/** Holds a driver and its protocol to what `src/gossip/exchange.ts` says of them: stands between the two, and throws. */
export class ExchangeWatch {
  private readonly world: World
  private readonly protocol: PeerSamplingProtocol
  private readonly letters = new WeakMap<SamplingMessage, Letter>()
  /** Whom each node has chosen, and what it still owes an end: an exchange, or at least a partner. */
  private readonly chosen: Int32Array
  private readonly owes: Uint8Array
  /** 1: the partner was a member of the view, and not one from earlier times. */
  private readonly isMember: Uint8Array
  /** The exchange whose answer each node waits for. */
  private readonly waitsFor: Int32Array
  private begun = NO_EXCHANGE
  private time = 0
  /** The last peer list in which each number was seen, for those that are in a list twice. */
  private readonly seenIn: Int32Array
  private lists = 0

  constructor({ world, protocol }: Network) {
    this.world = world
    this.protocol = protocol
    this.chosen = new Int32Array(world.slots).fill(NOBODY)
    this.owes = new Uint8Array(world.slots)
    this.isMember = new Uint8Array(world.slots)
    this.waitsFor = new Int32Array(world.slots)
    this.seenIn = new Int32Array(world.slots)
    this.stepIn()
  }

  /** Requests that were neither answered nor abandoned; those of nodes that died meanwhile never are. */
  get underWay(): number {
    return this.waitsFor.reduce((sum, exchange) => sum + (exchange === NO_EXCHANGE ? 0 : 1), 0)
  }

  private stepIn(): void {
    const { protocol } = this
    const real = {
      tick: protocol.tick.bind(protocol),
      partner: protocol.partner.bind(protocol),
      anotherPartner: protocol.anotherPartner.bind(protocol),
      request: protocol.request.bind(protocol),
      requestIntroduction: protocol.requestIntroduction.bind(protocol),
      respond: protocol.respond.bind(protocol),
      absorb: protocol.absorb.bind(protocol),
      abandon: protocol.abandon.bind(protocol)
    }
    const seen: typeof real = {
      tick: time => {
        check(time >= this.time, () => `the time went from ${this.time} to ${time}`)
        this.time = time
        real.tick(time)
      },
      partner: node => this.choose(node, real.partner),
      anotherPartner: node => this.choose(node, real.anotherPartner),
      request: (node, partner, out) => {
        check(this.chosen[node] === partner && this.owes[node] === 1, () => `node ${node} did not choose ${partner}`)
        real.request(node, partner, out)
        this.open(node, out)
      },
      requestIntroduction: (node, out) => {
        check(this.chosen[node] === NOBODY, () => `node ${node} has chosen ${this.chosen[node]} and is introduced`)
        real.requestIntroduction(node, out)
        this.open(node, out)
      },
      respond: (node, from, request, out) => this.respond(node, from, request, out, real.respond),
      absorb: (node, from, request, reply) => {
        this.checkAnswer(node, from, request, reply)
        this.close(node)
        real.absorb(node, from, request, reply)
      },
      abandon: (node, partner, why) => {
        this.checkEnd(node, partner, why)
        this.close(node)
        real.abandon(node, partner, why)
        this.checkView(node, partner, why)
      }
    }
    Object.assign(protocol, seen)
  }

  private choose(node: number, partnerOf: PeerSamplingProtocol['partner']): number {
    check(this.world.alive[node] === 1, () => `node ${node} is dead and has a turn`)
    check(this.owes[node] === 0, () => `node ${node} begins before its last exchange is over`)
    const partner = partnerOf(node)
    this.chosen[node] = partner
    this.owes[node] = partner === NOBODY ? 0 : 1
    this.isMember[node] = this.protocol.views.indexOf(node, partner) === -1 ? 0 : 1
    return partner
  }

  private open(node: number, out: SamplingMessage): void {
    check(this.waitsFor[node] === NO_EXCHANGE, () => `node ${node} asks twice`)
    this.waitsFor[node] = ++this.begun
    this.owes[node] = 1
    this.write(out, this.begun, node, this.chosen[node])
  }

  private close(node: number): void {
    this.waitsFor[node] = NO_EXCHANGE
    this.owes[node] = 0
  }

  private respond(
    node: number,
    from: number,
    request: SamplingMessage,
    out: SamplingMessage,
    respond: PeerSamplingProtocol['respond']
  ): boolean {
    const letter = this.read(request)
    const { exchange } = letter
    check(this.world.alive[node] === 1, () => `node ${node} is dead and answers`)
    check(letter.from === from && node !== from, () => `${letter.from} has asked, and ${from} is answered`)
    check(letter.to === node || letter.to === NOBODY, () => `${letter.to} was asked, and ${node} answers`)
    check(!letter.read, () => `node ${node} answers exchange ${exchange} twice`)
    letter.read = true
    const before = this.checksumOfView(node)
    const busy = this.waitsFor[node] !== NO_EXCHANGE
    const answered = respond(node, from, request, out)
    check(answered !== busy, () => `node ${node} ${busy ? 'waits, and answers' : 'does not wait, and is busy'}`)
    check(answered || before === this.checksumOfView(node), () => `node ${node} is busy, and its view has changed`)

    if (answered) {
      this.write(out, exchange, node, from)
    }

    return answered
  }

  private checkAnswer(node: number, from: number, request: SamplingMessage, reply: SamplingMessage): void {
    const asked = this.read(request)
    const answer = this.read(reply)
    check(this.world.alive[node] === 1, () => `node ${node} is dead and absorbs`)
    check(asked.from === node && asked.exchange === this.waitsFor[node], () => `node ${node} did not ask`)
    check(answer.exchange === asked.exchange, () => `node ${node} gets the answer to somebody else's question`)
    check(answer.from === from && answer.to === node, () => `node ${node} gets an answer that is not from ${from}`)
  }

  private checkEnd(node: number, partner: number, why: Failure): void {
    const asked = this.waitsFor[node] !== NO_EXCHANGE
    check(this.world.alive[node] === 1, () => `node ${node} is dead and abandons`)
    check(this.chosen[node] === partner, () => `node ${node} abandons ${partner}, and has chosen ${this.chosen[node]}`)
    check(asked || why === 'unreachable', () => `node ${node} has asked nobody, and ends with ${why}`)
    check(asked || this.owes[node] === 1 || partner === NOBODY, () => `node ${node} abandons what it did not begin`)
  }

  /** A member that is merely busy stays, anybody else who did not answer leaves the view. */
  private checkView(node: number, partner: number, why: Failure): void {
    const stays = this.protocol.views.indexOf(node, partner) !== -1
    check(
      stays === (why === 'busy' && this.isMember[node] === 1) || partner === NOBODY,
      () => `node ${node} ${stays ? 'keeps' : 'drops'} ${partner}`
    )
  }

  /** @param to - of an exchange, its partner, who may be NOBODY: a contact from outside of the view */
  private write(message: SamplingMessage, exchange: number, from: number, to: number): void {
    const letter = this.letters.get(message) ?? { exchange, from, to, checksum: 0, read: false }
    letter.exchange = exchange
    letter.from = from
    letter.to = to
    letter.checksum = checksumOf(message)
    letter.read = false
    this.letters.set(message, letter)
  }

  /** What arrives is what was written, and names proven peers, nobody twice. */
  private read(message: SamplingMessage): Letter {
    const letter = this.letters.get(message)

    if (letter == null) {
      throw new BrokenPromise('a message arrives that nobody has written')
    }

    check(letter.checksum === checksumOf(message), () => `exchange ${letter.exchange}: a message has changed`)
    const list = ++this.lists

    for (let i = 0; i < message.size; i++) {
      const peer = message.peers[i]
      check(peer >= 0 && peer < this.world.used, () => `exchange ${letter.exchange} names ${peer}, who never lived`)
      check(this.seenIn[peer] !== list, () => `exchange ${letter.exchange} names ${peer} twice`)
      this.seenIn[peer] = list
    }

    return letter
  }

  private checksumOfView(node: number): number {
    const { views } = this.protocol
    let sum = 0

    for (let i = 0; i < views.size(node); i++) {
      sum = mixed(sum, views.peer(node, i))
    }

    return sum
  }
}

function checksumOf({ peers, ages, size }: SamplingMessage): number {
  let sum = size

  for (let i = 0; i < size; i++) {
    sum = mixed(mixed(sum, peers[i]), ages[i])
  }

  return sum
}

function mixed(sum: number, value: number): number {
  return (Math.imul(sum, 31) + value) | 0
}

function check(holds: boolean, trouble: () => string): void {
  if (!holds) {
    throw new BrokenPromise(trouble())
  }
}
