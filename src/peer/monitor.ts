import type { AggregationEvents } from '../aggregation/index.ts'
import type { OverlayEvents, TorusDirection } from '../overlay/index.ts'
import type { TopicsEvents } from '../pubsub/topics/index.ts'
import type { PeerSamplingEvents } from '../sampling/index.ts'
import type { NetworkCoordinatesEvents } from '../vivaldi/index.ts'
import type { GossipPeerServices } from './index.ts'
import { nearNeighbourDocument, neighbourDocument } from './overlay-documents.ts'
import { peerDocument, suspectDocument } from './status.ts'

type Descriptions<Events> = {
  [E in keyof Events]: (detail: Events[E] extends CustomEvent<infer D> ? D : never) => object
}

/** What is told of each event. */
const OF_SAMPLING: Descriptions<PeerSamplingEvents> = {
  'view:enter': peerDocument,
  'view:leave': peerDocument,
  'view:full': ({ size }) => ({ size }),
  joined: ({ through }) => ({ through: through.toString() }),
  alone: ({ tried, pause }) => ({ tried, pause }),
  'stamp:search': ({ bits, expected }) => ({ bits, expected: Math.round(expected) }),
  'member:lost': ({ id, why }) => ({ peerId: id.toString(), why }),
  suspect: suspectDocument
}

const OF_AGGREGATION: Descriptions<AggregationEvents> = {
  epoch: ({ epoch, results, size }) => ({
    epoch,
    size: size?.value,
    results: Object.fromEntries([...results].map(([name, { value }]) => [name, value]))
  }),
  'left-out': ({ name, error }) => ({ name, why: error.message })
}

const OF_TORUS: Descriptions<Pick<OverlayEvents<number[], TorusDirection>, 'neighbour:change'>> = {
  'neighbour:change': ({ direction, neighbour, previous }) => ({
    direction,
    ...(neighbour == null ? {} : neighbourDocument(neighbour)),
    ...(previous == null ? {} : { previous: previous.id.toString() })
  })
}

const OF_COORDINATES: Descriptions<NetworkCoordinatesEvents> = {
  'coordinate:change': ({ coordinate: { position, height, error }, moved }) => ({ position, height, error, moved })
}

const OF_TOPICS: Descriptions<TopicsEvents> = {
  'subscribers:change': ({ topic, subscribers }) => ({ topic, subscribers })
}

const OF_PROXIMITY: Descriptions<Pick<OverlayEvents<number[], never>, 'neighbours:change'>> = {
  'neighbours:change': ({ entered, left }) => ({
    entered: entered.map(nearNeighbourDocument),
    left: left.map(({ id }) => id.toString())
  })
}

/** The services whose events are told. */
export type Told = Pick<GossipPeerServices, 'sampling' | 'aggregation' | 'vivaldi' | 'topics' | 'torus' | 'proximity'>

/**
 * Tells what happens to a peer as it comes: `{ event, time, ... }`, time in ISO 8601.
 *
 * @returns ends the telling
 */
export function tellEvents(services: Told, tell: (document: object) => void): () => void {
  const { sampling, aggregation, vivaldi, topics, torus, proximity } = services
  const ends = [
    ...listen(sampling, OF_SAMPLING, tell),
    ...listen(aggregation, OF_AGGREGATION, tell),
    ...listen(vivaldi, OF_COORDINATES, tell),
    ...listen(topics, OF_TOPICS, tell),
    ...(torus == null ? [] : listen(torus, OF_TORUS, tell)),
    ...(proximity == null ? [] : listen(proximity, OF_PROXIMITY, tell))
  ]

  return () => {
    for (const end of ends) {
      end()
    }
  }
}

function listen(
  target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>,
  descriptions: object,
  tell: (document: object) => void
): Array<() => void> {
  return Object.entries(descriptions as Record<string, (detail: unknown) => object>).map(([event, describe]) => {
    const listener = ({ detail }: CustomEvent) => {
      tell({ event, time: new Date().toISOString(), ...describe(detail) })
    }
    target.addEventListener(event, listener as EventListener)
    return () => target.removeEventListener(event, listener as EventListener)
  })
}
