import type { CoordinateDocument, NearPeerDocument, RoundTripDocument } from '../src/peer/index.ts'
import { counted, latency, percent, print, printJson, span, table, warn } from './print.ts'
import { answerTo, type Question, readWord } from './question.ts'
import { EXIT_DONE, EXIT_FAILED, UsageError } from './usage.ts'
import { wholeNumber } from './values.ts'

const DEFAULT_NEAREST = 5

/** The round trip between two peers: predicted, and measured now. */
export async function rtt(question: Question): Promise<number> {
  const { json, words } = question

  if (words.length === 0) {
    throw new UsageError('rtt: needs a peer id (example: gossip-peer rtt 12D3KooW...)')
  }

  const [to, from] = await peersOf('rtt', words)
  const query = new URLSearchParams({ to, ...(from == null ? {} : { from }) })
  const found = await answerTo<RoundTripDocument>('rtt', question, `/rtt?${query}`)

  if (json) {
    printJson(found)
  } else {
    const { estimate, unestimated, measured, unmeasured } = found
    const predicted = estimate && `${latency(estimate.milliseconds)}, confidence ${percent(estimate.confidence)}`
    print(`predicted  ${predicted ?? `no: ${unestimated}`}`)
    print(`measured   ${measured == null ? `no: ${unmeasured}` : latency(measured)}`)
  }

  return found.estimate == null && found.measured == null ? EXIT_FAILED : EXIT_DONE
}

/** Where a peer is. */
export async function coordinate({ control, json, words }: Question): Promise<number> {
  const [peer] = await peersOf('coordinate', words)
  const query = peer == null ? '' : `?peer=${encodeURIComponent(peer)}`
  const found = (await control.get(`/coordinate${query}`)) as CoordinateDocument

  if (json) {
    printJson(found)
    return EXIT_DONE
  }

  const { position, height, error, samples, age } = found
  print(`position  ${position.map(x => Number(x.toPrecision(4))).join(', ')} (ms)`)
  print(`height    ${latency(height)}`)
  print(`error     ${percent(error)}${samples == null ? '' : ` after ${counted(samples, 'sample')}`}`)

  if (age != null) {
    print(`signed    ${span(age)} ago`)
  }

  return EXIT_DONE
}

/** Who is near. */
export async function nearest(question: Question): Promise<number> {
  const {
    control,
    json,
    words: [word]
  } = question
  const count = word == null ? DEFAULT_NEAREST : readWord('nearest', word, wholeNumber(1))
  const near = await answerTo<NearPeerDocument[]>('nearest', question, `/nearest?n=${count}`)

  if (json) {
    printJson(near)
  } else {
    const rows = near.map(({ milliseconds, confidence, peerId, addresses }) => [
      latency(milliseconds),
      percent(confidence),
      peerId,
      addresses[0] ?? ''
    ])

    for (const line of table(['ROUND TRIP', 'CONFIDENCE', 'PEER', 'ADDRESS'], rows)) {
      print(line)
    }
  }

  if (near.length === 0) {
    const { position } = (await control.get('/coordinate')) as CoordinateDocument
    warn(`nobody with a coordinate of ${counted(position.length, 'dimension')} is known yet`)
    return EXIT_FAILED
  }

  if (near.length < count) {
    warn(`only ${counted(near.length, 'peer')} known`)
  }

  return EXIT_DONE
}

/** Loaded late: no other verb needs to know a peer id when it sees one. */
async function peersOf(verb: string, words: string[]): Promise<string[]> {
  const { peerId } = await import('./addresses.ts')
  return words.map(word => readWord(verb, word, peerId))
}
