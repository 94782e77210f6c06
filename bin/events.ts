import { counted, latency, percent, span } from './print.ts'

/** An event as `--json` prints it: a name, a time, and what belongs to it. */
export interface EventDocument {
  event: string
  time?: string
  [key: string]: unknown
}

/** What a person needs to know of an event, or undefined when it is not worth a line. */
export function describeEvent(document: EventDocument): string | undefined {
  switch (document.event) {
    case 'joined':
      return `joined through ${document.through}`
    case 'view:full':
      return `view full: ${counted(Number(document.size), 'member')}`
    case 'member:lost':
      return `lost ${document.peerId} (${document.why})`
    case 'alone':
      return `alone: nobody answers of ${document.tried} tried, next try in ${span(Number(document.pause))}`
    case 'stamp:search':
      return `working on a stamp of ${counted(Number(document.bits), 'bit')}, about ${span(Number(document.expected))}`
    case 'suspect':
      return `${document.peerId} is suspected: ${evidenceOf(document)}`
    case 'neighbour:change':
      return `${document.direction}: ${document.peerId == null ? 'nobody any more' : `${document.peerId} at ${document.position}`}`
    case 'epoch':
      return `epoch ${document.epoch} is over${resultsOf(document)}`
    case 'left-out':
      return `adds nothing to ${document.name} in this epoch: ${document.why}`
    case 'neighbours:change':
      return `nearest peers: ${(document.entered as unknown[]).length} came, ${(document.left as unknown[]).length} left`
    case 'coordinate:change':
      return `moved by ${latency(Number(document.moved))} in the space of latencies, off by ${percent(Number(document.error))}`
    case 'subscribers:change':
      return `topic ${document.topic}: ${counted(Number(document.subscribers), 'subscriber')} connected`
    case 'view:enter':
      return `${document.peerId} entered the view`
    case 'view:leave':
      return `${document.peerId} left the view`
    default:
      return undefined
  }
}

/** What everybody now knows together. */
function resultsOf({ size, results }: EventDocument): string {
  const peers = typeof size === 'number' ? [counted(Math.round(size), 'peer')] : []
  const values = Object.entries((results ?? {}) as Record<string, number | number[]>)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
  const all = [...peers, ...values]
  return all.length === 0 ? '' : `: ${all.join(', ')}`
}

/** Why a peer is suspected. */
function evidenceOf({ seen, expected }: EventDocument): string {
  return `named ${seen} times where ${expected} are usual`
}

/** Less than what a pause grows by from one try to the next, more than its jitter. */
const LONGER = 1.3

/**
 * Which events a person at the terminal of a peer wants to see: not the coming and going of the view and of neighbours, nor
 * the epochs, which never end, nor what is told as a warning, and of failed tries only those after which the pause is longer
 * than before.
 */
export function newsFilter(): (document: EventDocument) => boolean {
  let pause = 0

  return ({ event, ...details }) => {
    switch (event) {
      case 'joined':
        pause = 0
        return true
      case 'alone': {
        const isLonger = Number(details.pause) > pause * LONGER
        pause = Math.max(pause, Number(details.pause))
        return isLonger
      }
      case 'stamp:search':
      case 'epoch':
      case 'neighbour:change':
      case 'neighbours:change':
      case 'coordinate:change':
      case 'subscribers:change':
      case 'view:enter':
      case 'view:leave':
        return false
      default:
        return true
    }
  }
}

/** The time of day in front of what happened. */
export function eventLine(document: EventDocument, text: string): string {
  const time = document.time == null ? new Date() : new Date(document.time)
  return `${time.toTimeString().slice(0, 8)} ${text}`
}

/** Names an event of which this command knows no more than that it came. */
export function describeAny(document: EventDocument): string {
  const { event, time: _, ...details } = document
  return describeEvent(document) ?? `${event} ${JSON.stringify(details)}`
}
