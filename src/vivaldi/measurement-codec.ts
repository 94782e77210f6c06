import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { toString as encode } from 'uint8arrays/to-string'
import type { QuestionCodec } from '../live/questions.ts'
import { RefusalError } from '../live/refusal.ts'
import { MAX_ROUND_TRIP } from './constants.ts'
import { MeasureReply, MeasureRequest } from './messages.ts'

/** A peer's round trip to another one in milliseconds, as it says, or why it tells none. */
export type Measured = number | 'unknown' | 'unreachable'

const { Status } = MeasureReply

/** How peers ask each other for round trips. */
export const measurementCodec: QuestionCodec<PeerId, Measured, Measured> = {
  encodeQuestion: target => MeasureRequest.encode({ peer: target.toMultihash().bytes.slice() }),

  decodeQuestion(bytes) {
    try {
      return peerIdFromString(encode(MeasureRequest.decode(bytes).peer, 'base58btc'))
    } catch (err) {
      throw new RefusalError('malformed', `a round trip to nobody: ${err}`)
    }
  },

  encodeAnswer(measured) {
    switch (measured) {
      case undefined:
        return MeasureReply.encode({ status: Status.BUSY })
      case 'unknown':
        return MeasureReply.encode({ status: Status.UNKNOWN })
      case 'unreachable':
        return MeasureReply.encode({ status: Status.UNREACHABLE })
      default:
        return MeasureReply.encode({ status: Status.MEASURED, milliseconds: measured })
    }
  },

  openAnswer(bytes) {
    const { status, milliseconds } = decodeReply(bytes)

    switch (status) {
      case Status.BUSY:
        return undefined
      case Status.UNKNOWN:
        return 'unknown'
      case Status.UNREACHABLE:
        return 'unreachable'
      case Status.MEASURED:
        return checkRoundTrip(milliseconds)
    }
  }
}

function decodeReply(bytes: Uint8Array): MeasureReply {
  try {
    return MeasureReply.decode(bytes)
  } catch (err) {
    throw new RefusalError('malformed', String(err))
  }
}

function checkRoundTrip(milliseconds: number): number {
  if (!Number.isFinite(milliseconds)) {
    throw new RefusalError('not-finite', `a round trip of ${milliseconds} ms`)
  }

  if (milliseconds <= 0 || milliseconds > MAX_ROUND_TRIP) {
    throw new RefusalError('out-of-range', `a round trip of ${milliseconds} ms`)
  }

  return milliseconds
}
