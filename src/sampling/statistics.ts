import { mix } from '../gossip/mix.ts'
import { poissonThreshold } from '../gossip/poisson.ts'
import {
  ASIDE_RATIO,
  FEWEST_TO_SET_ASIDE,
  FEWEST_TO_SUSPECT,
  IN_DEGREE_SPREAD,
  MIN_SIGHTINGS,
  REPLIES_PER_SURVEY,
  SUSPECT_RATIO,
  SUSPICIOUS,
  TAINT_WEIGHT,
  TOO_OFTEN,
  UNUSUAL_DEVIATIONS,
  UNUSUAL_EXCESS,
  USUAL_QUANTILE,
  USUAL_STEP
} from './constants.ts'
import type { SamplingMessage } from './message.ts'
import { Reputations, type Suspicion } from './reputations.ts'
import { Sightings } from './sightings.ts'

/** Replies of which the usual is the plain mean, before it follows slowly. */
const FIRST_REPLIES = 8

/** The least that the usual moves by, in sightings per message. */
const LEAST_USUAL = 0.25

/** What a node's sightings say of the network. */
export interface SightingsSummary {
  /** Sightings in the window. */
  sightings: number
  /** How often a peer is to be expected among them. */
  expected: number
  /** How many peers were seen once, twice, and so on, in the halves of the window. */
  histogram: number[]
}

/** What a node has gathered. */
export interface Gathered extends SightingsSummary {
  /** Of the fuller half of the window: its sightings, and how many peers were seen once, twice, and so on. */
  half: { sightings: number; histogram: number[] }
  /** Replies of which the node has learnt, and those of all that it has not heeded. */
  judged: number
  unheeded: number
}

/**
 * Gathers statistics of whom a node hears of, and judges by them, for a population of nodes (the textbook's defence: G. P.
 * Jesi, A. Montresor, M. van Steen, "Secure peer sampling", Computer Networks 54, 2010).
 *
 * Only the answers to a node's own exchanges are counted, since others choose what they send by themselves but cannot know
 * what an answer is used for; and all of them are, whether or not they change the view.
 *
 * One name that is seen too often says little, until it is too late. A message says more: colluders name each other, so
 * that the names of their messages, all together, were seen far more often than those of the usual one. Such a message is
 * not heeded, and its names are held against the next one that has many of them.
 */
export class Statistics {
  private readonly sightings: Sightings
  private readonly reputations: Reputations
  private readonly identity: ((peer: number) => number) | undefined
  /** For each sighting in the window, how often the names of the usual reply were seen: a low quantile. */
  private readonly usual: Float32Array
  /** Replies judged, and not heeded. */
  private readonly judged: Int32Array
  private readonly unheeded: Int32Array
  /** From how many sightings on a peer is set aside, and suspected. */
  private readonly asideFrom: Uint8Array
  private readonly suspectFrom: Uint8Array
  /** Of the message that is judged: hashes of its names. */
  private readonly hashes: Int32Array
  /** What was brought into the cache last: kept, lest the reads be left out. */
  protected read = 0
  /** Peers that the last reply has made refused. */
  readonly refused: Int32Array
  refusedCount = 0

  /** @param names - most names of a message that are looked at: its first ones */
  constructor(nodes: number, names: number, identity?: (peer: number) => number) {
    this.sightings = new Sightings(nodes)
    this.reputations = new Reputations(nodes)
    this.identity = identity
    this.usual = new Float32Array(nodes)
    this.judged = new Int32Array(nodes)
    this.unheeded = new Int32Array(nodes)
    this.asideFrom = new Uint8Array(nodes).fill(255)
    this.suspectFrom = new Uint8Array(nodes).fill(255)
    this.hashes = new Int32Array(names)
    this.refused = new Int32Array(names)
  }

  get stateBytes(): number {
    const { sightings, reputations, usual, judged, unheeded, asideFrom, suspectFrom } = this
    const arrays = [usual, judged, unheeded, asideFrom, suspectFrom]
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, sightings.stateBytes + reputations.stateBytes)
  }

  /** Whether a message that came unasked can be heeded. Nothing is learnt from it: its sender chose the moment. */
  judgeRequest(node: number, from: number, request: SamplingMessage, round: number): boolean {
    const names = this.hashNames(node, from, request)
    return this.isUsual(node, names, this.weigh(node, from, request, round))
  }

  /** Whether the answer to an exchange of the node's own can be heeded. It is counted either way. */
  judgeReply(node: number, from: number, reply: SamplingMessage, round: number): boolean {
    const names = this.hashNames(node, from, reply)
    this.refusedCount = 0

    if (names === 0) {
      return true
    }

    const seen = this.weigh(node, from, reply, round)
    const isUsual = this.isUsual(node, names, seen)
    this.learnUsual(node, seen / names)
    this.count(node, from, reply, round, isUsual)

    if (!isUsual) {
      this.unheeded[node]++
    }

    return isUsual
  }

  /** Whether the node does not take the peer from others. */
  refuses(node: number, peer: number, round: number): boolean {
    const { reputations } = this
    return reputations.hasAny(node) && reputations.isRefused(node, peer, this.hash(peer), round)
  }

  /** Whether something is noted of the peer. */
  knows(node: number, peer: number): boolean {
    return this.reputations.knows(node, peer, this.hash(peer))
  }

  forEachSuspect(node: number, round: number, visit: (suspicion: Suspicion) => void): void {
    this.reputations.forEachSuspect(node, round, visit)
  }

  /** Somebody knows better: the peer is suspected no more. False: it was not. */
  clearSuspect(node: number, peer: number): boolean {
    return this.reputations.clear(node, peer, this.hash(peer))
  }

  /** How many peers the node does not take from others. */
  refusedPeers(node: number, round: number): number {
    return this.reputations.countRefused(node, round)
  }

  /** Replies that the node has not heeded so far. */
  unheededReplies(node: number): number {
    return this.unheeded[node]
  }

  gathered(node: number): Gathered {
    const half = this.sightings.fullerHalf(node)
    return { ...this.summary(node), half, judged: this.judged[node], unheeded: this.unheeded[node] }
  }

  summary(node: number): SightingsSummary {
    const { sightings } = this
    const size = sightings.size(node)
    return {
      sightings: size,
      expected: size === 0 ? 0 : sightings.expected(node),
      histogram: sightings.histogram(node)
    }
  }

  /** How often the peer was seen in the window. */
  seen(node: number, peer: number): number {
    return this.sightings.count(node, this.hash(peer))
  }

  private hash(peer: number): number {
    return mix(this.identity === undefined ? peer : this.identity(peer))
  }

  /** How many names of a message are looked at. */
  private lookedAt({ size }: SamplingMessage): number {
    return Math.min(size, this.hashes.length)
  }

  /**
   * Hashes the names of a message, and returns how many there are. Sender and receiver do not count. Brings the sightings
   * of all of them into the processor's cache: many waits for memory at once.
   */
  private hashNames(node: number, from: number, message: SamplingMessage): number {
    const { peers } = message
    const size = this.lookedAt(message)
    let names = 0
    let read = 0

    for (let i = 0; i < size; i++) {
      if (peers[i] !== node) {
        const hash = this.hash(peers[i])
        this.hashes[i] = hash
        read ^= this.sightings.touch(node, hash)
        names += peers[i] === from ? 0 : 1
      }
    }

    this.read = read
    return names
  }

  /** How often the names of a message were seen, all together; a tainted one counts as seen some times more. */
  private weigh(node: number, from: number, message: SamplingMessage, round: number): number {
    const { sightings, reputations, hashes } = this
    const { peers } = message
    const size = this.lookedAt(message)
    let seen = 0

    for (let i = 0; i < size; i++) {
      const peer = peers[i]

      if (peer !== node && peer !== from) {
        seen += sightings.count(node, hashes[i])
        seen += reputations.isTainted(node, peer, hashes[i], round) ? TAINT_WEIGHT : 0
      }
    }

    return seen
  }

  /**
   * Before anything is known of what is usual, it is what is to be expected of names drawn at random; but no message names
   * anybody twice, so that by a single one nobody can tell how many peers there are.
   */
  private isUsual(node: number, names: number, seen: number): boolean {
    if (names === 0) {
      return true
    }

    const { sightings } = this
    const isLearning = this.judged[node] === 0
    const size = sightings.size(node)

    if (isLearning && size < 2 * names) {
      return true
    }

    const perName = isLearning ? sightings.expected(node) : this.usual[node] * size
    const usual = perName * names
    // of what chance does, and of what the in-degrees of honest peers differ by: it is the most where names are few
    const variance = usual + (IN_DEGREE_SPREAD * usual) ** 2 / names
    return seen <= usual + UNUSUAL_DEVIATIONS * Math.sqrt(variance) + UNUSUAL_EXCESS
  }

  /**
   * Follows a quantile of what replies weigh. By small steps, so that nobody who sends many replies can make them the usual
   * ones in little time; and below the median, so that it stays with the honest as long as most of the replies are theirs.
   */
  private learnUsual(node: number, seenPerName: number): void {
    const window = this.sightings.size(node)

    if (window < MIN_SIGHTINGS) {
      return
    }

    const { usual } = this
    const value = seenPerName / window
    const replies = this.judged[node]++

    if (replies < FIRST_REPLIES) {
      usual[node] += (value - usual[node]) / (replies + 1)
      return
    }

    const step = USUAL_STEP * Math.max(usual[node], LEAST_USUAL / (this.hashes.length * window))
    usual[node] = Math.max(0, usual[node] + step * (value > usual[node] ? USUAL_QUANTILE : USUAL_QUANTILE - 1))
  }

  /** Counts the names of a reply, and judges each by itself. */
  private count(node: number, from: number, reply: SamplingMessage, round: number, isUsual: boolean): void {
    const { sightings, reputations, hashes } = this
    const { peers } = reply
    const size = this.lookedAt(reply)

    for (let i = 0; i < size; i++) {
      const peer = peers[i]

      if (peer === node) {
        continue
      }

      if (!isUsual) {
        reputations.taint(node, peer, hashes[i], round)
      }

      if (peer !== from) {
        sightings.add(node, hashes[i])
        this.judgeName(node, peer, hashes[i], round, isUsual)
      }
    }

    if (this.judged[node] % REPLIES_PER_SURVEY === 0 && sightings.size(node) >= MIN_SIGHTINGS) {
      const expected = sightings.expected(node)
      const aside = Math.max(FEWEST_TO_SET_ASIDE, ASIDE_RATIO * expected, poissonThreshold(expected, TOO_OFTEN))
      const suspect = Math.max(FEWEST_TO_SUSPECT, SUSPECT_RATIO * expected, poissonThreshold(expected, SUSPICIOUS))
      // a count goes to 126 at most
      this.asideFrom[node] = Math.min(255, Math.ceil(aside))
      this.suspectFrom[node] = Math.min(255, Math.ceil(suspect))
    }
  }

  /** By a reply that is not heeded nobody becomes a suspect: colluders could name whom they want to see suspected. */
  private judgeName(node: number, peer: number, hash: number, round: number, isUsual: boolean): void {
    const { reputations } = this
    const seen = this.sightings.count(node, hash)

    if (seen < this.asideFrom[node]) {
      return
    }

    reputations.setAside(node, peer, hash, round)

    if (isUsual && seen >= this.suspectFrom[node]) {
      reputations.suspect(node, peer, hash, round, seen, this.sightings.expected(node))
    }

    if (reputations.isRefused(node, peer, hash, round)) {
      this.refused[this.refusedCount++] = peer
    }
  }
}
