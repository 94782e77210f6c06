import { RefusalError } from '../live/refusal.ts'
import { EVENT_ID_BYTES, packIds, unpackIds } from './codec.ts'
import { MAX_BATCH } from './limits.ts'
import { Batch, BatchReply } from './messages.ts'

/**
 * What became of an event for one subscription.
 *
 * - `taken`: it sees to its part of the circle
 * - `had`: it has had the event already
 * - `gone`: there is no such subscription any more
 * - `refused`: the event is not taken, for what it is
 * - `full`: the peer has no time for it
 * - `unreachable`: the peer has not answered
 */
export type Fate = 'taken' | 'had' | 'gone' | 'refused' | 'full' | 'unreachable'

const FATES: readonly Fate[] = ['taken', 'had', 'gone', 'refused', 'full']

/** A subscription that is to take an event. */
export interface Target {
  /** Its number at its peer. */
  to: number
  arc: number
}

/** All that one peer says to another one at once. */
export interface OutgoingBatch {
  handOffs: Array<{ event: Uint8Array<ArrayBuffer>; targets: Target[] }>
  notices: Array<{ event: string; from: number; to: number }>
  wanted: string[]
}

export function encodeBatch({ handOffs, notices, wanted }: OutgoingBatch): Uint8Array {
  return Batch.encode({
    handOffs,
    notices: notices.map(({ event, from, to }) => ({ event: packIds([event]), from, to })),
    wanted: packIds(wanted)
  })
}

/** @throws RefusalError */
export function decodeBatch(bytes: Uint8Array): OutgoingBatch {
  const { handOffs, notices, wanted } = decode(() =>
    Batch.decode(bytes, { limits: { handOffs: MAX_BATCH, notices: MAX_BATCH, handOffs$: { targets: MAX_BATCH } } })
  )

  if (
    wanted.byteLength > MAX_BATCH * EVENT_ID_BYTES ||
    wanted.byteLength % EVENT_ID_BYTES !== 0 ||
    notices.some(({ event }) => event.byteLength !== EVENT_ID_BYTES)
  ) {
    throw new RefusalError('malformed', 'ids of another length')
  }

  if (handOffs.some(({ targets }) => targets.some(({ arc }) => !(arc >= 0 && arc <= 2 ** 32)))) {
    throw new RefusalError('out-of-range', 'an arc beyond the circle')
  }

  return {
    handOffs,
    notices: notices.map(({ event, from, to }) => ({ event: unpackIds(event)[0], from, to })),
    wanted: unpackIds(wanted)
  }
}

export function encodeBatchReply(fates: readonly Fate[], events: Uint8Array<ArrayBuffer>[]): Uint8Array {
  return BatchReply.encode({ fates: Uint8Array.from(fates, fate => FATES.indexOf(fate)), events })
}

/**
 * @param targets - how many fates are to be told
 * @throws RefusalError
 */
export function decodeBatchReply(bytes: Uint8Array, targets: number): { fates: Fate[]; events: Uint8Array[] } {
  const reply = decode(() => BatchReply.decode(bytes, { limits: { events: MAX_BATCH } }))
  const fates = Array.from(reply.fates, fate => FATES[fate])

  if (fates.length !== targets || fates.some(fate => fate === undefined)) {
    throw new RefusalError('malformed', 'an answer that does not say what became of each')
  }

  return { fates, events: reply.events }
}

function decode<T>(read: () => T): T {
  try {
    return read()
  } catch (err) {
    const tooMany = err instanceof Error && err.name === 'MaxLengthError'
    throw new RefusalError(tooMany ? 'too-many-descriptors' : 'malformed', String(err))
  }
}
