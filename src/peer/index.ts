/**
 * One running peer: identity, transports, discovery, limits, lifecycle, and the ways to look at it from outside.
 *
 * @example
 *
 * ```typescript
 * import { createPeer } from 'gossip-peer/peer'
 *
 * const first = await createPeer()
 * const second = await createPeer({ sampling: { bootstrap: first.libp2p.getMultiaddrs() } })
 *
 * const member = await second.sampling.waitForPeer({ signal: AbortSignal.timeout(30_000) })
 * console.log('a random member:', member.id.toString())
 * console.log(second.status())
 *
 * await Promise.all([first.stop(), second.stop()])
 * ```
 *
 * @example A peer that keeps its identity, asked by another program of the same user
 *
 * ```typescript
 * import { createPeer, openControl } from 'gossip-peer/peer'
 *
 * const home = './my-peer'
 * const peer = await createPeer({ home, onWarning: message => console.error(message) })
 *
 * console.log(await openControl(home).get('/status'))
 * await openControl(home).post('/stop')
 * await peer.stopped
 * ```
 *
 * @packageDocumentation
 */
import './compat.ts'
import type { Libp2p, PeerId, ServiceMap } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Aggregation, AggregationInit, RegisterOptions } from '../aggregation/index.ts'
import type { ExchangeStatistics } from '../live/exchange-statistics.ts'
import type { TorusOverlayInit } from '../overlay/index.ts'
import type { ContentPubSub } from '../pubsub/index.ts'
import type { Topics, TopicsStatistics } from '../pubsub/topics/index.ts'
import type { Defence, PeerSampling, PeerSamplingInit, SightingsReport } from '../sampling/index.ts'
import type { Coordinate, NetworkCoordinates, VivaldiInit } from '../vivaldi/index.ts'
import type { SizeDocument } from './aggregation-documents.ts'
import type { Checkup } from './checkup.ts'
import type { EventsStatus } from './event-documents.ts'
import type { NearNeighbourDocument, NeighbourDocument, Proximity, Torus } from './overlay-documents.ts'
import type { SuspectDocument } from './status.ts'

export type { AggregateDocument, SizeDocument } from './aggregation-documents.ts'

export type { Checkup, CheckupAnswer } from './checkup.ts'
export { type Control, openControl } from './control.ts'
export type { CoordinateDocument, NearPeerDocument, RoundTripDocument } from './coordinate-documents.ts'
export { createPeer } from './create.ts'
export { NoPeerError, RefusedError, StartError, type StartErrorCode } from './errors.ts'
export type {
  EventDocument,
  EventsStatus,
  PayloadDocument,
  SubscriptionDocument,
  TopicMessageDocument
} from './event-documents.ts'
export type { NearNeighbourDocument, NeighbourDocument, OverlayDocument, RouteDocument } from './overlay-documents.ts'
export type { MemberDocument, PeerDocument, SuspectDocument } from './status.ts'
export type { Diagnosis, Facts, Trouble, TroubleName } from './troubles.ts'
export { VERSION } from './version.ts'

/** How a peer is set up. Everything has a default. */
export interface GossipPeerInit {
  /**
   * Folder of the peer's identity, of what it remembers, and of its control socket; made when it is not there, readable
   * by its owner only. Default: none, nothing is kept (`--ephemeral`).
   */
  home?: string

  /** Addresses to listen on. Default: any IPv4 interface; the port is chosen by the system at first and kept in the home. */
  listen?: Multiaddr[]

  /** Addresses to tell others instead of those listened on. */
  announce?: Multiaddr[]

  /** Finds peers on the local network by multicast DNS, and contacts them. Default: false. */
  mdns?: boolean

  /**
   * Where to serve /status, /metrics and /healthz over HTTP; port 0 is any that is free. Default: not at all.
   *
   * Metrics are libp2p's, whose names are global in a process: with several such peers in one process, each page is right
   * for what is registered while its peer starts.
   */
  http?: { host: string; port: number }

  /** Variant, profile and bootstrap addresses of peer sampling. */
  sampling?: PeerSamplingInit

  /** A torus to take a place on. Default: none. */
  torus?: TorusOverlayInit

  /** Dimensions and the like of network coordinates. */
  vivaldi?: VivaldiInit

  /** Finds the peers nearest in latency, by an overlay over the coordinates. Default: false. */
  proximity?: boolean

  /** Rounds of an epoch and the like of aggregation. The network's size is always counted. */
  aggregation?: Omit<AggregationInit, 'size'>

  /** What this peer adds to aggregates, by their names. More can be registered later. Default: nothing. */
  values?: Record<string, RegisterOptions>

  /**
   * Told, in one line, of what does not keep the peer from running: a port that is taken meanwhile, a disk that is full, a
   * search for a stamp that takes its time.
   * Default: nobody is told.
   */
  onWarning?: (message: string) => void

  /**
   * Called when the owner asks over the control socket that the peer stops, which is then to end this process. Default:
   * the peer stops, and the process goes on.
   */
  onStopRequest?: () => void
}

/** What `gossip-peer status --json` prints. */
export interface PeerStatus {
  peerId: string
  /** Each ends in `/p2p/` and the peer id. */
  addresses: string[]
  uptimeSeconds: number
  connections: number
  version: string
  pid: number
  sampling: ExchangeStatistics & {
    viewSize: number
    capacity: number
    rounds: number
    defence: Defence
    /** Whom this peer hears of, and what was refused for it. */
    sightings: SightingsReport
    suspects: SuspectDocument[]
    view: Array<{ peerId: string; age: number; addresses: string[] }>
  }
  aggregation: {
    /** Undefined while the peer waits for one. */
    epoch: number | undefined
    round: number
    epochRounds: number
    size: SizeDocument
  } & LayerStatus
  coordinates: Omit<Coordinate, 'position'> & {
    position: number[]
    /** Round trips that have moved it, and how often it has told others. */
    samples: number
    moves: number
    nearest?: { peerId: string; milliseconds: number }
  } & LayerStatus
  /** What it subscribes to, and how many subscribers of each it is connected to. */
  topics: TopicsStatistics & { subscribed: Array<{ topic: string; subscribers: number }> }
  /** What it asks for by content, and what has come of events. */
  events: EventsStatus
  /** Of a peer that looks for the nearest in latency. */
  proximity?: {
    space: string
    neighbours: NearNeighbourDocument[]
    viewSize: number
    capacity: number
  } & LayerStatus
  /** Of a peer that has a place on a torus. */
  torus?: {
    space: string
    position: number[]
    neighbours: NeighbourDocument[]
    viewSize: number
    capacity: number
  } & LayerStatus
}

/** What all protocols above peer sampling count. */
interface LayerStatus extends ExchangeStatistics {
  rounds: number
}

/** The libp2p services of a peer that others may want. */
export interface GossipPeerServices extends ServiceMap {
  checkup: Checkup
  sampling: PeerSampling
  aggregation: Aggregation
  vivaldi: NetworkCoordinates
  topics: Topics
  content: ContentPubSub
  torus?: Torus
  proximity?: Proximity
}

/** A peer that runs. */
export interface GossipPeer {
  readonly peerId: PeerId
  readonly libp2p: Libp2p<GossipPeerServices>
  readonly sampling: PeerSampling
  readonly aggregation: Aggregation
  readonly vivaldi: NetworkCoordinates
  readonly topics: Topics
  /** Publish/subscribe by content. */
  readonly content: ContentPubSub
  /** The overlay of the nearest in latency, if there is one. */
  readonly proximity: Proximity | undefined
  /** The torus that it has a place on, if any. */
  readonly torus: Torus | undefined
  /** The real path of the home, or undefined when nothing is kept. */
  readonly home: string | undefined
  /** Where /status, /metrics and /healthz are, such as `http://127.0.0.1:8080`, or undefined when they are not. */
  readonly http: string | undefined
  /** Resolves when the peer has left, whoever made it. */
  readonly stopped: Promise<void>
  /** The peer as it is now. */
  status(): PeerStatus
  /** Leaves within three seconds: no timer, stream, listener or socket stays behind. A second call waits for the first. */
  stop(): Promise<void>
}
