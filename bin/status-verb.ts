import type { PeerStatus } from '../src/peer/index.ts'
import { peersIn } from './aggregation-verbs.ts'
import { counted, harmlessText, latency, percent, print, printJson, span } from './print.ts'
import type { Question } from './question.ts'
import { EXIT_DONE } from './usage.ts'

/** How the peer is doing. */
export async function status({ control, json }: Question): Promise<number> {
  const status = (await control.get('/status')) as PeerStatus

  if (json) {
    printJson(status)
    return EXIT_DONE
  }

  const { sampling, aggregation, coordinates, events, topics, proximity, torus } = status
  const { initiated, answered, failed, busy, rejected } = sampling.exchanges
  const rows = [
    ['peer', status.peerId],
    ...status.addresses.map((address, i) => [i === 0 ? 'addresses' : '', address]),
    ['running for', span(status.uptimeSeconds * 1_000)],
    ['connections', String(status.connections)],
    ['view', `${sampling.viewSize} of ${counted(sampling.capacity, 'member')}`],
    ['rounds', String(sampling.rounds)],
    [
      'exchanges',
      `${initiated} initiated (${failed} failed, ${busy} busy), ${answered} answered, ${rejected} rejected`
    ],
    ['defence', sampling.defence],
    ['suspects', suspectsLine(sampling)],
    ['network size', peersIn(aggregation.size)],
    ['epoch', epochLine(aggregation)],
    ['coordinates', coordinatesLine(coordinates)],
    ['events', eventsLine(events)],
    ...events.subscriptions.map(subscriptionRow),
    ...topics.subscribed.map(({ topic, subscribers }) => [
      'topic',
      `${harmlessText(topic)}, ${counted(subscribers, 'subscriber')} connected`
    ]),
    ...(proximity == null ? [] : [['proximity', proximityLine(proximity)]]),
    ...(torus == null ? [] : [['torus', torusLine(torus)]]),
    ['traffic', `${sampling.bytes.sent} bytes sent, ${sampling.bytes.received} received`],
    ['process', `${status.pid}, version ${status.version}`]
  ]

  for (const [name, value] of rows) {
    print(`${name.padEnd(12)} ${value}`)
  }

  return EXIT_DONE
}

function suspectsLine({ suspects, sightings, defence }: PeerStatus['sampling']): string {
  const line = `${suspects.length} of ${counted(sightings.peers, 'peer')} seen lately`
  const refused =
    defence === 'statistics' ? `; ${sightings.refused} refused, ${sightings.unheeded} answers unheeded` : ''
  return `${line}${refused}${suspects.length === 0 ? '' : ' (gossip-peer suspects lists them)'}`
}

function epochLine({ epoch, round, epochRounds }: PeerStatus['aggregation']): string {
  return epoch == null ? 'waits for one' : `${epoch}, round ${round} of ${epochRounds}`
}

function coordinatesLine({ error, samples, nearest }: PeerStatus['coordinates']): string {
  if (samples === 0) {
    return 'no sample yet'
  }

  const near = nearest == null ? '' : `, nearest peer ${latency(nearest.milliseconds)} away`
  return `off by ${percent(error)} after ${counted(samples, 'sample')}${near}`
}

function eventsLine({ events, links }: PeerStatus['events']): string {
  const { published, received, delivered } = events
  return `${published} published, ${received} received, ${delivered} delivered, ${counted(links, 'link')}`
}

function subscriptionRow({
  filter,
  delivered,
  missed,
  links
}: PeerStatus['events']['subscriptions'][number]): string[] {
  const lost = missed === 0 ? '' : ` (${missed} lost)`
  return ['subscribes', `${harmlessText(filter)}: ${delivered} delivered${lost}, ${counted(links, 'link')}`]
}

function proximityLine({ neighbours }: NonNullable<PeerStatus['proximity']>): string {
  if (neighbours.length === 0) {
    return 'nobody found yet'
  }

  const distances = neighbours.map(({ milliseconds }) => milliseconds)
  const [from, to] = [Math.min(...distances), Math.max(...distances)].map(latency)
  return `${counted(neighbours.length, 'nearest peer')}, ${from === to ? from : `${from} to ${to}`} away`
}

function torusLine({ space, position, neighbours }: NonNullable<PeerStatus['torus']>): string {
  const peers = new Set(neighbours.map(({ peerId }) => peerId))
  return `${space.replace('torus ', '')}, at ${position.join(',')}, ${counted(peers.size, 'neighbour')}`
}
