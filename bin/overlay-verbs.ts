import type { OverlayDocument, RouteDocument } from '../src/peer/index.ts'
import { counted, print, printJson, span, table, warn } from './print.ts'
import { answerTo, type Question, readWord } from './question.ts'
import { EXIT_DONE, EXIT_FAILED, UsageError } from './usage.ts'
import { numbers } from './values.ts'

/** Who is next to the peer in its overlay. */
export async function neighbours({ control, json }: Question): Promise<number> {
  const overlay = (await control.get('/neighbours')) as OverlayDocument

  if (json) {
    printJson(overlay)
    return EXIT_DONE
  }

  print(`${overlay.space}, at ${overlay.position.join(',')}`)
  const rows = overlay.neighbours.map(({ direction, peerId, position, distance, addresses }) => [
    direction,
    position.join(','),
    String(distance),
    peerId,
    addresses[0] ?? ''
  ])

  for (const line of table(['DIRECTION', 'POSITION', 'DISTANCE', 'PEER', 'ADDRESS'], rows)) {
    print(line)
  }

  if (rows.length === 0) {
    warn('no neighbour is known yet')
  }

  return EXIT_DONE
}

/** The way to a point. */
export async function route(question: Question): Promise<number> {
  const {
    json,
    words: [word]
  } = question

  if (word == null) {
    throw new UsageError('route: needs a point (example: gossip-peer route 30,4)')
  }

  const point = readWord('route', word, numbers)
  const found = await answerTo<RouteDocument>('route', question, `/route?to=${encodeURIComponent(point.join(','))}`)

  if (json) {
    printJson(found)
  } else {
    const rows = found.path.map(({ peerId, position, distance, milliseconds }, hop) => [
      String(hop),
      position.join(','),
      String(distance),
      hop === 0 ? '' : span(milliseconds),
      peerId
    ])

    for (const line of table(['HOP', 'POSITION', 'TO GO', 'TOOK', 'PEER'], rows)) {
      print(line)
    }

    print(endOf(found))
  }

  return found.outcome === 'lost' ? EXIT_FAILED : EXIT_DONE
}

function endOf({ outcome, hops, distance, to }: RouteDocument): string {
  switch (outcome) {
    case 'arrived':
      return `arrived at ${to.join(',')} in ${counted(hops, 'hop')}`
    case 'nearest':
      return `nobody is at ${to.join(',')}: the nearest peer, in ${counted(hops, 'hop')}, is ${distance} away`
    default:
      return `lost on the way to ${to.join(',')} after ${counted(hops, 'hop')}: nobody answers who is nearer`
  }
}
