import { type Failure, NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import type { SamplingMessage } from '../../src/sampling/message.ts'
import type { SamplingOptions } from '../../src/sampling/parameters.ts'
import type { PeerSamplingProtocol, SamplingPopulation } from '../../src/sampling/protocol.ts'
import type { Suspicion } from '../../src/sampling/reputations.ts'
import type { Gathered } from '../../src/sampling/statistics.ts'
import { createSamplingProtocol } from '../../src/sampling/variants.ts'
import { createDelays } from '../../src/sim/delays.ts'
import type { SimulatedProtocol } from '../../src/sim/driver.ts'
import { EventDriver } from '../../src/sim/event-driver.ts'
import { type Mode, type NetworkOptions, type NetworkParameters, networkParameters } from '../../src/sim/parameters.ts'
import { RoundDriver } from '../../src/sim/round-driver.ts'
import { fillViews } from '../../src/sim/start.ts'
import { World } from '../../src/sim/world.ts'

/** A message in plain values: its descriptors are in order. */
export interface Said {
  joining: boolean
  descriptors: Array<[peer: number, age: number]>
}

/** What can be seen of a core from outside: its view in order, whom else it keeps in mind, and what it has gathered. */
export interface CoreState {
  view: Array<[peer: number, age: number]>
  known: number[]
  held: number[]
  sightings: Gathered | undefined
  suspicions: Suspicion[]
}

/** What a core of the service has of its own. */
export type OwnCore = Omit<SamplingPopulation, 'nodes' | 'parameters'>

/** What befalls a node: its own exchanges begin and end, and between the two and elsewhere others ask it. */
export type Happening =
  /**
   * An exchange begins, with a contact from outside of the view if it is an introduction. Again: others were tried in the
   * same round.
   */
  | { kind: 'asks'; partner: number; introduction: boolean; again: boolean; request: Said }
  | { kind: 'is answered'; reply: Said }
  | { kind: 'is not answered'; why: Failure }
  /** A member could not even be asked. */
  | { kind: 'cannot reach'; partner: number; again: boolean }
  /** Without a reply the node was busy. */
  | { kind: 'is asked'; from: number; request: Said; reply?: Said }

export interface Step {
  /** What the time was, as the core is told it. */
  time: number
  happening: Happening
  /** How the step left the core. */
  state: CoreState
}

/**
 * All nodes of a simulation, one of which has a core of its own, with a random source of its own, and is recorded.
 * Drivers see no difference.
 */
class RecordedPopulation implements SimulatedProtocol<SamplingMessage> {
  readonly steps: Step[] = []
  private readonly crowd: PeerSamplingProtocol
  private readonly own: PeerSamplingProtocol
  private readonly recorded: number
  private time = 0
  private waiting = false
  private again = false
  /** The last one of whom the world asked whether others can join through it: the contact, if it then finds one. */
  private candidate = NOBODY

  constructor(crowd: PeerSamplingProtocol, own: PeerSamplingProtocol, recorded: number) {
    this.crowd = crowd
    this.own = own
    this.recorded = recorded
  }

  private core(node: number): PeerSamplingProtocol {
    return node === this.recorded ? this.own : this.crowd
  }

  get tries(): number {
    return this.own.tries
  }

  createMessage(): SamplingMessage {
    return this.crowd.createMessage()
  }

  tick(time: number): void {
    this.time = time
    this.crowd.tick(time)
    this.own.tick(time)
  }

  isMember(node: number): boolean {
    this.candidate = node
    return this.core(node).isMember(node)
  }

  partner(node: number): number {
    this.again &&= node !== this.recorded
    return this.core(node).partner(node)
  }

  anotherPartner(node: number): number {
    this.again ||= node === this.recorded
    return this.core(node).anotherPartner(node)
  }

  request(node: number, partner: number, out: SamplingMessage): void {
    this.core(node).request(node, partner, out)
    this.asks(node, partner, false, out)
  }

  requestIntroduction(node: number, out: SamplingMessage): void {
    this.core(node).requestIntroduction(node, out)
    this.asks(node, this.candidate, true, out)
  }

  private asks(node: number, partner: number, introduction: boolean, out: SamplingMessage): void {
    if (node === this.recorded) {
      this.waiting = true
      this.record({ kind: 'asks', partner, introduction, again: this.again, request: said(out) })
    }
  }

  respond(node: number, from: number, request: SamplingMessage, out: SamplingMessage): boolean {
    const answered = this.core(node).respond(node, from, request, out)

    if (node === this.recorded) {
      this.record({ kind: 'is asked', from, request: said(request), ...(answered ? { reply: said(out) } : {}) })
    }

    return answered
  }

  absorb(node: number, from: number, request: SamplingMessage, reply: SamplingMessage): void {
    this.core(node).absorb(node, from, request, reply)

    if (node === this.recorded) {
      this.waiting = false
      this.record({ kind: 'is answered', reply: said(reply) })
    }
  }

  abandon(node: number, partner: number, why: Failure): void {
    this.core(node).abandon(node, partner, why)

    if (node === this.recorded) {
      this.record(
        this.waiting ? { kind: 'is not answered', why } : { kind: 'cannot reach', partner, again: this.again }
      )
      this.waiting = false
    }
  }

  private record(happening: Happening): void {
    const { own, recorded } = this
    const peers = Array.from({ length: own.nodes }, (_, peer) => peer)
    const known = peers.filter(peer => own.knows(recorded, peer) && own.views.indexOf(recorded, peer) === -1)
    this.steps.push({ time: this.time, happening, state: { ...stateOf(own, recorded), known } })
  }
}

/** All of a core's state but whom else it keeps in mind, in its own numbers. */
export function stateOf(core: PeerSamplingProtocol, node: number): Omit<CoreState, 'known'> {
  const { views } = core
  const held: number[] = []
  const suspicions: Suspicion[] = []
  core.forEachHeld(node, peer => held.push(peer))
  core.forEachSuspect(node, suspicion => suspicions.push(suspicion))
  return {
    view: Array.from({ length: views.size(node) }, (_, i) => [views.peer(node, i), views.age(node, i)]),
    held,
    sightings: core.sightings(node),
    suspicions
  }
}

function said({ joining, size, peers, ages }: SamplingMessage): Said {
  return { joining, descriptors: Array.from({ length: size }, (_, i) => [peers[i], ages[i]]) }
}

/** A network in which all befalls a node that can: it grows, is cut in two, loses nodes, and messages all the time. */
const NETWORK: NetworkOptions = {
  nodes: 8,
  rounds: 24,
  loss: 0.1,
  join: [
    { share: 0.25, round: 1 },
    { share: 1, round: 4 }
  ],
  partition: [{ from: 9, to: 12, parts: 2 }],
  crash: [{ share: 0.2, round: 15 }]
}

/** The first one to join later: its life begins with an empty view, as that of a live peer does. */
const RECORDED = 8

/** By events messages take so long that others ask a node while it waits for an answer. */
const DELAY: NetworkOptions['delay'] = { kind: 'exponential', mean: 80 }

/** A life is shorter when its node is among those that crash. */
const MIN_STEPS = 50

/** What is to befall the node in any case, and beyond that by events. */
const DUE = [
  'asks a member',
  'asks for an introduction',
  'is asked by a member',
  'is asked for an introduction',
  'is answered',
  'is not answered: timeout',
  'cannot reach'
]
const DUE_BY_EVENTS = [...DUE, 'is busy', 'is not answered: busy']

function nameOf(happening: Happening): string {
  switch (happening.kind) {
    case 'asks':
      return happening.introduction ? 'asks for an introduction' : 'asks a member'
    case 'is not answered':
      return `is not answered: ${happening.why}`
    case 'is asked':
      return happening.reply == null
        ? 'is busy'
        : happening.request.joining
          ? 'is asked for an introduction'
          : 'is asked by a member'
    default:
      return happening.kind
  }
}

/** The life of a node. */
export interface Recording {
  /** Which node. */
  recorded: number
  /** How many there ever are. */
  nodes: number
  seed: number
  steps: Step[]
}

/**
 * Simulates networks until everything there is befalls a node of one, and records that node.
 *
 * @param coreOf - what its core has of its own, in the network with this seed
 */
export function recordEventfulLife(options: SamplingOptions, mode: Mode, coreOf: (seed: number) => OwnCore): Recording {
  const timing = mode === 'events' ? { delay: DELAY } : {}
  const parameters = networkParameters({ ...NETWORK, ...options, ...timing, mode })
  const due = mode === 'events' ? DUE_BY_EVENTS : DUE

  for (let seed = 0; seed < 100; seed++) {
    const { nodes, steps } = simulateLife(parameters, new Random(seed), coreOf(seed))
    const names = new Set(steps.map(({ happening }) => nameOf(happening)))

    if (steps.length >= MIN_STEPS && due.every(name => names.has(name))) {
      return { recorded: RECORDED, nodes, seed, steps }
    }
  }

  throw new Error('in none of the networks enough happens')
}

function simulateLife(
  { nodes, rounds, faults, sampling, start, mode, timing, delay }: NetworkParameters,
  random: Random,
  core: OwnCore
): { nodes: number; steps: Step[] } {
  const [ofWorld, ofCrowd, ofDriver, ofStart, ofDelays] = Array.from({ length: 5 }, () => random.fork())
  const world = new World(nodes, faults, rounds, ofWorld)
  const crowd = createSamplingProtocol({ nodes: world.slots, parameters: sampling, random: ofCrowd })
  const own = createSamplingProtocol({ nodes: world.slots, parameters: sampling, ...core })
  fillViews(start, crowd.views, nodes, ofStart)
  crowd.takeViews(nodes)
  // as the peer that waits for what is to befall it: its first round is over, and it knew nobody
  own.partner(RECORDED)
  const population = new RecordedPopulation(crowd, own, RECORDED)
  const driver =
    mode === 'rounds'
      ? new RoundDriver(population, world, ofDriver)
      : new EventDriver(population, world, ofDriver, timing, createDelays(delay, ofDelays))

  for (let round = 1; round <= rounds; round++) {
    driver.run(round, world.beginRound(round))
    world.endRound(round)
  }

  return { nodes: world.slots, steps: population.steps }
}
