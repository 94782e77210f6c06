import { NOBODY, TICKS_PER_PERIOD } from '../gossip/exchange.ts'
import type { Random } from '../gossip/random.ts'
import type { Delays } from './delays.ts'
import {
  contactFor,
  type Driver,
  memberFor,
  noExchanges,
  type SimulatedFailure,
  type SimulatedProtocol,
  type SizedMessage
} from './driver.ts'
import { EventQueue } from './event-queue.ts'
import { Flights, NONE } from './flights.ts'
import type { World } from './world.ts'

/** Kinds of events. The subject of the first two is a node, of the others an exchange. */
const TURN = 0
const DEADLINE = 1
const REQUEST = 2
const REPLY = 3

/** Virtual time: what a run by events is made of, in milliseconds. */
export interface EventTiming {
  /** Time between two exchanges that a node starts. A round of the run is as long. */
  period: number
  /** Each such time is drawn anew from period x (1 +- jitter). From 0 to 1. */
  jitter: number
  /** How long an initiator waits for the answer. */
  exchangeTimeout: number
}

/**
 * Event mode: every node starts an exchange once a period, by a clock of its own; messages take time; exchanges overlap,
 * and whoever waits for an answer says that it is busy. As live.
 *
 * A dead partner, or one behind a cut, is noticed at once, as a connection that breaks is. Messages that get lost, and
 * those under way to somebody who dies, are noticed by the initiator's deadline only.
 */
export class EventDriver<M extends SizedMessage> implements Driver {
  readonly counts = noExchanges()
  private readonly protocol: SimulatedProtocol<M>
  private readonly world: World
  private readonly random: Random
  private readonly timing: EventTiming
  private readonly delays: Delays
  /** What losses and contacts are drawn from, where it is not the world's own source. */
  private readonly chance: Random | undefined
  private readonly queue = new EventQueue()
  private readonly flights: Flights<M>
  /** The exchange whose answer each node waits for, and until when. */
  private readonly waitsFor: Int32Array
  private readonly deadline: Float64Array
  /** 1: a look at the node's deadline is to come. */
  private readonly watched: Uint8Array
  private time = 0

  /** @param chance - what losses and contacts are drawn from. Default: the world's own source */
  constructor(
    protocol: SimulatedProtocol<M>,
    world: World,
    random: Random,
    timing: EventTiming,
    delays: Delays,
    chance?: Random
  ) {
    this.protocol = protocol
    this.world = world
    this.random = random
    this.timing = timing
    this.delays = delays
    this.chance = chance
    this.flights = new Flights(() => protocol.createMessage())
    this.waitsFor = new Int32Array(world.slots).fill(NONE)
    this.deadline = new Float64Array(world.slots)
    this.watched = new Uint8Array(world.slots)

    for (let i = 0; i < world.count; i++) {
      this.welcome(world.living[i])
    }
  }

  get stateBytes(): number {
    const { waitsFor, deadline, watched, flights, queue } = this
    return waitsFor.byteLength + deadline.byteLength + watched.byteLength + flights.stateBytes + queue.stateBytes
  }

  run(round: number, newcomers: number): void {
    const { queue, timing, world } = this
    const end = round * timing.period
    this.time = end - timing.period

    for (let node = newcomers; node < world.used; node++) {
      this.welcome(node)
    }

    while (queue.peekTime() < end) {
      queue.next()
      this.time = queue.time
      this.protocol.tick?.(Math.floor((this.time / timing.period) * TICKS_PER_PERIOD))
      this.handle(queue.kind, queue.subject)
    }
  }

  private handle(kind: number, subject: number): void {
    switch (kind) {
      case TURN:
        this.takeTurn(subject)
        break
      case DEADLINE:
        this.giveUp(subject)
        break
      case REQUEST:
        this.answer(subject)
        break
      case REPLY:
        this.finish(subject)
        break
    }
  }

  /** The first turn of a node comes at any moment of its period. */
  private welcome(node: number): void {
    const period = this.timing.period * this.slowness(node)
    this.queue.push(this.time + period * this.random.fraction(), TURN, node)
  }

  private takeTurn(node: number): void {
    const { world, timing, random } = this

    if (world.alive[node] === 0) {
      return
    }

    const factor = 1 + timing.jitter * (2 * random.fraction() - 1)
    const turns = this.protocol.turns?.(node) ?? 1
    const period = (timing.period * factor * this.slowness(node)) / Math.max(1, turns)
    this.queue.push(this.time + period, TURN, node)

    if (turns > 0 && this.waitsFor[node] === NONE) {
      this.begin(node)
    }
  }

  /** Active thread: the request goes out. */
  private begin(node: number): void {
    const { protocol, world, flights } = this
    const member = memberFor(node, protocol, world, this.counts)
    const partner = member === NOBODY ? contactFor(node, protocol, world, this.chance) : member

    if (partner === NOBODY) {
      return
    }

    this.counts.started++

    if (!world.reaches(node, partner)) {
      this.fail(node, member, 'unreachable')
      return
    }

    const flight = flights.begin(node, partner, member)

    if (member === NOBODY) {
      protocol.requestIntroduction?.(node, flights.requests[flight])
    } else {
      protocol.request(node, partner, flights.requests[flight])
    }

    this.waitsFor[node] = flight
    this.deadline[node] = this.time + this.timing.exchangeTimeout
    this.watch(node)
    this.send(REQUEST, flight, node, partner)
  }

  /** Passive thread: the request has arrived. */
  private answer(flight: number): void {
    const { flights } = this
    const initiator = flights.initiator[flight]
    const partner = flights.partner[flight]
    flights.inFlight[flight] = 0

    if (!this.world.reaches(initiator, partner)) {
      flights.release(flight)
      return
    }

    const answered = this.protocol.respond(partner, initiator, flights.requests[flight], flights.replies[flight])
    flights.busy[flight] = answered ? 0 : 1
    this.send(REPLY, flight, partner, initiator)
  }

  /** Active thread: the answer has arrived. Late ones are of no use any more. */
  private finish(flight: number): void {
    const { flights, protocol, counts } = this
    const initiator = flights.initiator[flight]
    const partner = flights.partner[flight]
    flights.inFlight[flight] = 0

    if (flights.open[flight] === 1 && this.world.reaches(partner, initiator)) {
      this.close(flight)

      if (flights.busy[flight] === 1) {
        this.fail(initiator, flights.member[flight], 'busy')
      } else {
        protocol.absorb(initiator, partner, flights.requests[flight], flights.replies[flight])
        counts.answered++
      }
    }

    flights.release(flight)
  }

  /** Has the node's deadline looked at when it is due. One look is to come at most, however many exchanges there are. */
  private watch(node: number): void {
    if (this.watched[node] === 0) {
      this.watched[node] = 1
      this.queue.push(this.deadline[node], DEADLINE, node)
    }
  }

  /** Active thread: no answer came in time, unless it did, or the node waits for another one by now. */
  private giveUp(node: number): void {
    const flight = this.waitsFor[node]
    this.watched[node] = 0

    if (flight === NONE) {
      return
    }

    if (this.deadline[node] > this.time) {
      this.watch(node)
      return
    }

    this.close(flight)
    this.flights.release(flight)

    if (this.world.alive[node] === 1) {
      this.fail(node, this.flights.member[flight], 'timeout')
    }
  }

  private close(flight: number): void {
    this.flights.open[flight] = 0
    this.waitsFor[this.flights.initiator[flight]] = NONE
  }

  private fail(node: number, member: number, why: SimulatedFailure): void {
    this.protocol.abandon(node, member, why)
    this.counts[why]++
  }

  private send(kind: number, flight: number, from: number, to: number): void {
    if (this.world.loses(this.chance)) {
      this.flights.release(flight)
      return
    }

    const slowness = Math.max(this.slowness(from), this.slowness(to))
    this.flights.inFlight[flight] = 1
    this.queue.push(this.time + this.delays.delay(from, to) * slowness, kind, flight)
  }

  private slowness(node: number): number {
    return this.world.slowness?.[node] ?? 1
  }
}
