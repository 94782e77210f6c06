import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { PeerRecord, type PeerRecordInit, RecordEnvelope } from '@libp2p/peer-record'
import type { Multiaddr } from '@multiformats/multiaddr'
import { concat } from 'uint8arrays/concat'
import { withoutId } from './addresses.ts'
import { checkProfiles, decodeProfiles, encodeProfiles, NO_PROFILES, type Profiles } from './profiles.ts'
import { RefusalError } from './refusal.ts'
import { type Stamp, stampOf } from './stamp.ts'

/** What a peer says of itself, proven by its signature. */
export interface VerifiedRecord {
  readonly id: PeerId
  /** The peer id as text: the key of the peer in every table. */
  readonly key: string
  /** Where it can be reached, without the peer id. */
  readonly multiaddrs: Multiaddr[]
  /** Of two records of a peer the one with the higher number is newer. */
  readonly seq: bigint
  /** What it is by each protocol that has put something there; others' names and values are not looked into. */
  readonly profiles: Profiles
  /** The signed envelope as it goes over the wire (libp2p RFC 0002 and 0003). */
  readonly envelope: Uint8Array<ArrayBuffer>
  /** The best of the stamps of this peer that came along so far. It is beside the signature, and may come later. */
  stamp?: Stamp
}

/** Limits of a record. */
export interface RecordLimits {
  /** Longest envelope in bytes. */
  maxBytes: number
  /** Most addresses. */
  maxAddresses: number
  /** Records kept verified. */
  maxCached: number
}

/** The share of a record that profiles may take: the rest is for addresses, without which they are of no use. Our choice. */
const PROFILES_SHARE = 0.5

/** Length of an Ed25519 signature. Of the longer ones of other keys the end is as good. */
const SIGNATURE_BYTES = 64

/**
 * Opens signed peer records and remembers which ones it has verified: a signature costs about 90 microseconds, a
 * look-up less than one, and in an exchange nearly all records are known.
 */
export class Records {
  private readonly limits: RecordLimits
  /** By {@link fingerprint}; the whole signature of whoever is found there is compared. The first are the next to go. */
  private readonly verified = new Map<number, VerifiedRecord>()
  /** Some of the verified ones, by the keys of their peers. */
  private readonly newestOf = new Map<string, VerifiedRecord>()

  constructor(limits: RecordLimits) {
    this.limits = limits
  }

  /**
   * Seals the peer's own record.
   *
   * @param seq - its number, higher than that of any earlier record
   * @param profiles - that {@link check} has nothing against
   */
  async seal(
    privateKey: PrivateKey,
    multiaddrs: Multiaddr[],
    seq: bigint,
    profiles: Profiles = NO_PROFILES
  ): Promise<VerifiedRecord> {
    const id = peerIdFromPrivateKey(privateKey)
    const addresses = multiaddrs.map(withoutId).slice(0, this.limits.maxAddresses)

    while (true) {
      const record = new ProfiledRecord({ peerId: id, multiaddrs: addresses, seqNumber: seq }, profiles)
      const envelope = (await RecordEnvelope.seal(record, privateKey)).marshal().slice()

      // others refuse a record that is too long: better fewer addresses than none
      if (envelope.byteLength <= this.limits.maxBytes || addresses.length === 0) {
        return this.remember({ id, key: id.toString(), multiaddrs: addresses, seq, profiles, envelope })
      }

      addresses.pop()
    }
  }

  /**
   * Checks what a record is to say beyond addresses.
   *
   * @throws ParameterError when others would refuse it, or too few bytes are left for addresses
   */
  check(profiles: Profiles): void {
    checkProfiles(profiles, this.limits.maxBytes * PROFILES_SHARE)
  }

  /**
   * The record with this signature, if it was verified before. An envelope ends with its signature, so that its end says
   * which record is meant; and it is the verified one that is used, whatever else these bytes say.
   */
  known(envelope: Uint8Array): VerifiedRecord | undefined {
    const record = this.verified.get(fingerprint(envelope))
    return record != null && endAlike(record.envelope, envelope) ? record : undefined
  }

  /**
   * The newest record of a peer, among those that are kept verified: this peer's own ones as well. When it has been
   * forgotten, older ones that are still kept need not be found.
   *
   * @param key - the peer id as text
   */
  newest(key: string): VerifiedRecord | undefined {
    return this.newestOf.get(key)
  }

  /**
   * Verifies a record.
   *
   * @throws RefusalError `bad-record`, `forged-record` or `foreign-record`
   */
  async verify(envelope: Uint8Array): Promise<VerifiedRecord> {
    const { maxBytes, maxAddresses } = this.limits

    if (envelope.byteLength > maxBytes) {
      throw new RefusalError('bad-record', `a record of ${envelope.byteLength} bytes, more than ${maxBytes}`)
    }

    // the frame it came in is larger and must not be kept alive by it
    const bytes = envelope.slice()
    let opened: RecordEnvelope
    let record: PeerRecord

    try {
      opened = RecordEnvelope.createFromProtobuf(bytes)
      record = PeerRecord.createFromProtobuf(opened.payload)
    } catch (err) {
      throw new RefusalError('bad-record', `a record that cannot be read: ${err}`)
    }

    // whoever could put something behind the signature could pass its own record off as another's, see `known`
    if (!equal(opened.marshal(), bytes)) {
      throw new RefusalError('bad-record', 'a record that is not written in the one way that there is')
    }

    if (record.multiaddrs.length > maxAddresses) {
      throw new RefusalError('bad-record', `a record with more than ${maxAddresses} addresses`)
    }

    const profiles = decodeProfiles(opened.payload)

    if (!record.peerId.equals(opened.publicKey.toMultihash().bytes)) {
      throw new RefusalError('foreign-record', `a record of ${record.peerId} that another key signed`)
    }

    const valid = await Promise.resolve(opened.validate(PeerRecord.DOMAIN)).catch(() => false)

    if (!valid) {
      throw new RefusalError('forged-record', `a record of ${record.peerId} that it did not sign`)
    }

    return this.remember({
      id: record.peerId,
      key: record.peerId.toString(),
      multiaddrs: record.multiaddrs.map(withoutId),
      seq: record.seqNumber,
      profiles,
      envelope: bytes
    })
  }

  private remember(record: VerifiedRecord): VerifiedRecord {
    if (this.verified.size >= this.limits.maxCached) {
      for (const oldest of this.verified.keys()) {
        this.forget(oldest)
        break
      }
    }

    const print = fingerprint(record.envelope)
    // two messages may have brought the same record at once
    this.forget(print)
    this.verified.set(print, record)
    const newest = this.newestOf.get(record.key)

    if (newest == null || record.seq > newest.seq) {
      this.newestOf.set(record.key, record)
    }

    return record
  }

  private forget(print: number): void {
    const record = this.verified.get(print)
    this.verified.delete(print)

    if (record != null && this.newestOf.get(record.key) === record) {
      this.newestOf.delete(record.key)
    }
  }
}

/** A peer record of libp2p with profiles: protobuf messages that follow one another are one message. */
class ProfiledRecord extends PeerRecord {
  private readonly profiles: Profiles

  constructor(init: PeerRecordInit, profiles: Profiles) {
    super(init)
    this.profiles = profiles
  }

  override marshal(): Uint8Array {
    return concat([super.marshal(), encodeProfiles(this.profiles)])
  }
}

/** What a stamp that came with a record is worth is found out once; the best one is kept. */
export function checkStamp(record: VerifiedRecord, nonce: bigint): void {
  if (nonce !== record.stamp?.nonce) {
    keepStamp(record, stampOf(record.id, nonce))
  }
}

/** Gives a record a stamp of its peer, unless it has one that is as good. One of no bits is none. */
export function keepStamp(record: VerifiedRecord, stamp: Stamp | undefined): void {
  if (stamp != null && stamp.bits > workOf(record)) {
    record.stamp = stamp
  }
}

/** Bits of work that the peer is known to have put into its identity. */
export function workOf(record: VerifiedRecord): number {
  return record.stamp?.bits ?? 0
}

/** 48 bits from the end of the envelope, where its signature is: as good as random. */
function fingerprint(envelope: Uint8Array): number {
  const end = envelope.byteLength

  if (end < 6) {
    return 0
  }

  const high = (envelope[end - 6] << 8) | envelope[end - 5]
  const low = (envelope[end - 4] << 24) | (envelope[end - 3] << 16) | (envelope[end - 2] << 8) | envelope[end - 1]
  return high * 2 ** 32 + (low >>> 0)
}

/** Whether two envelopes end with the same signature. */
function endAlike(a: Uint8Array, b: Uint8Array): boolean {
  return equal(a, b, a.byteLength - SIGNATURE_BYTES)
}

function equal(a: Uint8Array, b: Uint8Array, from = 0): boolean {
  const end = a.byteLength

  if (end !== b.byteLength) {
    return false
  }

  for (let i = Math.max(0, from); i < end; i++) {
    if (a[i] !== b[i]) {
      return false
    }
  }

  return true
}
