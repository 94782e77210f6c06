import type { Libp2pEvents, Logger, PrivateKey, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { isLoopback } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { NO_PROFILES, type Profiles, withProfile } from './profiles.ts'
import { keepStamp, type Records, type VerifiedRecord } from './records.ts'
import type { Stamp } from './stamp.ts'

/** What tells that the addresses may have changed. Asking for them at each exchange would cost more than the exchange. */
const CHANGES = ['transport:listening', 'transport:close', 'self:peer:update'] as const

export interface OwnRecordComponents {
  privateKey: PrivateKey
  addressManager: AddressManager
  events: TypedEventTarget<Libp2pEvents>
}

/** What this peer says of itself, signed anew whenever its addresses or profiles change. */
export class OwnRecord {
  private readonly components: OwnRecordComponents
  private readonly records: Records
  private readonly clock: () => number
  private readonly log: Logger
  private record: VerifiedRecord | undefined
  private addresses = ''
  private profiles: Profiles = NO_PROFILES
  private started = false
  private stamp: Stamp | undefined
  /** The lowest number that the next record may have. */
  private seq = 0n
  private sealing: Promise<void> = Promise.resolve()

  /** @param clock - milliseconds since 1970, from which a record gets its number */
  constructor(components: OwnRecordComponents, records: Records, clock: () => number, log: Logger) {
    this.components = components
    this.records = records
    this.clock = clock
    this.log = log
  }

  async start(): Promise<void> {
    for (const change of CHANGES) {
      this.components.events.addEventListener(change, this.renew)
    }

    this.started = true
    await this.sealNext()
  }

  stop(): void {
    this.started = false

    for (const change of CHANGES) {
      this.components.events.removeEventListener(change, this.renew)
    }
  }

  get current(): VerifiedRecord {
    if (this.record == null) {
      throw new Error('the own record is not sealed before the service starts')
    }

    return this.record
  }

  /** Resolves when the record says what was known of addresses and profiles until now. */
  get settled(): Promise<void> {
    return this.sealing
  }

  /** From now on, and on later records too. */
  bear(stamp: Stamp): void {
    this.stamp = stamp
    keepStamp(this.current, stamp)
  }

  /**
   * Says what this peer is by a protocol, from now on. Others learn of it as records change hands. Before the start, or
   * after a stop, it is noted for the record of the next start.
   *
   * @param name - of the protocol: 1 to 64 characters
   * @param value - up to 256 bytes, or undefined to say nothing any more
   * @throws ParameterError for an impossible name or value, for a ninth profile, or when profiles leave too little room
   */
  show(name: string, value: Uint8Array | undefined): void {
    const profiles = withProfile(this.profiles, name, value)

    if (profiles === this.profiles) {
      return
    }

    this.records.check(profiles)
    this.profiles = profiles

    if (this.started) {
      this.renew()
    }
  }

  /** Others hold a record of this peer with a higher number: its clock went back. The next one must exceed that. */
  exceed(seq: bigint): void {
    if (seq >= this.seq) {
      this.seq = seq + 1n
      this.renew()
    }
  }

  private readonly renew = (): void => {
    this.sealNext().catch(err => this.log.error('could not seal the own record - %e', err))
  }

  /** One record after the other, or two would have the same number. */
  private sealNext(): Promise<void> {
    const sealed = this.sealing.then(() => this.seal())
    this.sealing = sealed.catch(() => {})
    return sealed
  }

  /** Seals the record if it does not say where and what the peer is now, or has too low a number. */
  private async seal(): Promise<void> {
    const multiaddrs = addressesForOthers(this.components.addressManager.getAddresses())
    const addresses = multiaddrs.join()
    const { profiles } = this
    const isTrue = addresses === this.addresses && profiles === this.record?.profiles

    if (this.record != null && isTrue && this.record.seq >= this.seq) {
      return
    }

    const now = BigInt(Math.floor(this.clock()))
    const next = this.record == null ? 0n : this.record.seq + 1n
    this.seq = [now, next, this.seq].reduce((highest, seq) => (seq > highest ? seq : highest))
    this.record = await this.records.seal(this.components.privateKey, multiaddrs, this.seq, profiles)
    keepStamp(this.record, this.stamp)
    this.addresses = addresses
  }
}

/**
 * Loopback addresses only when there are no others: to a peer on another host they mean that host itself, and peers on
 * this one reach the others just as well.
 */
function addressesForOthers(addresses: Multiaddr[]): Multiaddr[] {
  const outer = addresses.filter(address => !isLoopback(address))
  return outer.length > 0 ? outer : addresses
}
