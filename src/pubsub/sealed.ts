import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { RecordEnvelope } from '@libp2p/peer-record'
import { equals } from 'uint8arrays/equals'
import { type Refusal, RefusalError } from '../live/refusal.ts'

/** Kinds of what is signed: a signature of one kind is worth nothing for another. */
export type Kind = 'gossip-peer-subscription' | 'gossip-peer-event'

/** An envelope that can be read; its signature is still to be checked. */
export interface Opened {
  /** Whose it is, if the signature is right. */
  id: PeerId
  payload: Uint8Array<ArrayBuffer>
  /** As it goes over the wire, and nothing else's memory. */
  bytes: Uint8Array<ArrayBuffer>
  /** @throws RefusalError (rejects with it) unless its owner has signed it */
  verify(): Promise<void>
}

/** Signs a payload, in a libp2p envelope (RFC 0002). */
export async function seal(kind: Kind, payload: Uint8Array, privateKey: PrivateKey): Promise<Uint8Array<ArrayBuffer>> {
  const record = { domain: kind, codec: new TextEncoder().encode(kind), marshal: () => payload, equals: () => false }
  const envelope = await RecordEnvelope.seal(record, privateKey)
  return envelope.marshal().slice()
}

/**
 * Reads an envelope.
 *
 * @param bad - the reason when it is none
 * @throws RefusalError
 */
export function open(kind: Kind, given: Uint8Array, bad: Refusal, forged: Refusal): Opened {
  // the message that it came in is larger and must not be kept alive by it
  const bytes = given.slice()
  let envelope: RecordEnvelope
  let id: PeerId

  try {
    envelope = RecordEnvelope.createFromProtobuf(bytes)
    id = peerIdFromPublicKey(envelope.publicKey)
  } catch (err) {
    throw new RefusalError(bad, `an envelope that cannot be read: ${err}`)
  }

  // what stands behind the signature would be passed on with it
  if (!equals(envelope.marshal(), bytes)) {
    throw new RefusalError(bad, 'an envelope that is not written in the one way that there is')
  }

  return {
    id,
    payload: envelope.payload.slice(),
    bytes,
    verify: async () => {
      const valid = await Promise.resolve(envelope.validate(kind)).catch(() => false)

      if (!valid) {
        throw new RefusalError(forged, `signed by somebody else than ${id}`)
      }
    }
  }
}
