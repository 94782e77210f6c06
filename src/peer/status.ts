import type { Libp2p } from '@libp2p/interface'
import type { Aggregation } from '../aggregation/index.ts'
import { withId } from '../live/addresses.ts'
import type { Topics } from '../pubsub/topics/index.ts'
import type { Suspect, ViewEntry } from '../sampling/index.ts'
import type { NetworkCoordinates } from '../vivaldi/index.ts'
import { sizeDocument } from './aggregation-documents.ts'
import { eventsStatus } from './event-documents.ts'
import type { GossipPeerServices, PeerStatus } from './index.ts'
import { nearNeighbourDocument, overlayDocument, type Proximity, type Torus } from './overlay-documents.ts'
import { VERSION } from './version.ts'

/** A peer as JSON: its id and addresses that can be handed to others. */
export interface PeerDocument {
  peerId: string
  addresses: string[]
}

/** A member of the view as JSON. */
export interface MemberDocument extends PeerDocument {
  age: number
}

/** A suspect as JSON, with the evidence: see {@link Suspect}. */
export interface SuspectDocument {
  peerId: string
  seen: number
  expected: number
  offences: number
  rounds: number
}

/**
 * The peer as it is now.
 *
 * @param startedAt - by `performance.now()`, in milliseconds
 * @param period - milliseconds of a round of aggregation
 */
export function statusOf(libp2p: Libp2p<GossipPeerServices>, startedAt: number, period: number): PeerStatus {
  const { sampling, torus, proximity, aggregation, vivaldi, topics, content } = libp2p.services
  const { viewSize, capacity, rounds, exchanges, outcomes, refusals, bytes, sightings } = sampling.statistics()

  return {
    peerId: libp2p.peerId.toString(),
    addresses: libp2p.getMultiaddrs().map(address => address.toString()),
    uptimeSeconds: Math.round((performance.now() - startedAt) / 100) / 10,
    connections: libp2p.getConnections().length,
    version: VERSION,
    pid: process.pid,
    sampling: {
      viewSize,
      capacity,
      rounds,
      exchanges,
      outcomes,
      refusals,
      bytes,
      defence: sampling.parameters.defence,
      sightings,
      suspects: sampling.suspects().map(suspectDocument),
      view: sampling.view.map(memberDocument)
    },
    aggregation: aggregationStatus(aggregation, period),
    coordinates: coordinatesStatus(vivaldi),
    topics: topicsStatus(topics),
    events: eventsStatus(content),
    ...(torus == null ? {} : { torus: torusStatus(torus) }),
    ...(proximity == null ? {} : { proximity: proximityStatus(proximity) })
  }
}

function aggregationStatus(aggregation: Aggregation, period: number): PeerStatus['aggregation'] {
  const { epoch, round, epochRounds, rounds, exchanges, outcomes, refusals, bytes } = aggregation.statistics()
  const size = sizeDocument(aggregation, period)
  return { epoch, round, epochRounds, size, rounds, exchanges, outcomes, refusals, bytes }
}

function coordinatesStatus(vivaldi: NetworkCoordinates): PeerStatus['coordinates'] {
  const { samples, moves, rounds, exchanges, outcomes, refusals, bytes } = vivaldi.statistics()
  const { position, height, error } = vivaldi.coordinate
  const [near] = vivaldi.nearest(1)
  return {
    position: [...position],
    height,
    error,
    samples,
    moves,
    ...(near == null ? {} : { nearest: { peerId: near.id.toString(), milliseconds: near.milliseconds } }),
    rounds,
    exchanges,
    outcomes,
    refusals,
    bytes
  }
}

function topicsStatus(topics: Topics): PeerStatus['topics'] {
  const subscribed = topics.topics.map(topic => ({ topic, subscribers: topics.getSubscribers(topic).length }))
  return { subscribed, ...topics.statistics() }
}

function proximityStatus(proximity: Proximity): NonNullable<PeerStatus['proximity']> {
  const { viewSize, capacity, rounds, exchanges, outcomes, refusals, bytes } = proximity.statistics()
  const neighbours = proximity.neighbours.map(nearNeighbourDocument)
  return { space: proximity.space.name, neighbours, viewSize, capacity, rounds, exchanges, outcomes, refusals, bytes }
}

function torusStatus(torus: Torus): NonNullable<PeerStatus['torus']> {
  const { viewSize, capacity, rounds, exchanges, outcomes, refusals, bytes } = torus.statistics()
  return { ...overlayDocument(torus), viewSize, capacity, rounds, exchanges, outcomes, refusals, bytes }
}

export function memberDocument(entry: ViewEntry): MemberDocument {
  return { ...peerDocument(entry), age: entry.age }
}

export function suspectDocument({ id, ...evidence }: Suspect): SuspectDocument {
  return { peerId: id.toString(), ...evidence }
}

/** Addresses end in the peer id, so that each can be dialled as it is. */
export function peerDocument({ id, multiaddrs }: Pick<ViewEntry, 'id' | 'multiaddrs'>): PeerDocument {
  return { peerId: id.toString(), addresses: multiaddrs.map(address => withId(address, id).toString()) }
}
