import type { PeerId } from '@libp2p/interface'
import type { Records, VerifiedRecord } from '../live/records.ts'
import { RefusalError } from '../live/refusal.ts'
import type { Positions } from './positions.ts'

/**
 * Verifies the records of a message: each properly signed, each of a peer in this space, none twice, the first of the peer that
 * the message came from. At once where all are known.
 *
 * @throws RefusalError, or rejects with it
 */
export function openRecords(
  envelopes: Uint8Array[],
  from: PeerId,
  records: Records,
  positions: Positions<unknown>
): VerifiedRecord[] | Promise<VerifiedRecord[]> {
  const known = envelopes.map(envelope => records.known(envelope))

  return known.every(record => record != null)
    ? check(known, from, positions)
    : verify(envelopes, known, records).then(verified => check(verified, from, positions))
}

/** One after the other: the first bad record ends the message, and costs its receiver no more than itself. */
async function verify(
  envelopes: Uint8Array[],
  known: Array<VerifiedRecord | undefined>,
  records: Records
): Promise<VerifiedRecord[]> {
  const verified: VerifiedRecord[] = []

  for (const [i, envelope] of envelopes.entries()) {
    verified.push(known[i] ?? (await records.verify(envelope)))
  }

  return verified
}

function check(records: VerifiedRecord[], from: PeerId, positions: Positions<unknown>): VerifiedRecord[] {
  if (records[0]?.key !== from.toString()) {
    throw new RefusalError('not-the-sender', 'a message that does not begin with its sender')
  }

  if (new Set(records.map(({ key }) => key)).size < records.length) {
    throw new RefusalError('duplicate', 'a message with the same peer twice')
  }

  for (const record of records) {
    if (!positions.has(record)) {
      throw new RefusalError('bad-profile', `${record.key} is not in this space`)
    }
  }

  return records
}
