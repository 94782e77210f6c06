import type { PrivateKey } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { isLoopback } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Records, VerifiedRecord } from './records.ts'

/** What this peer says of itself, signed anew whenever its addresses change. */
export class OwnRecord {
  private readonly privateKey: PrivateKey
  private readonly addressManager: AddressManager
  private readonly records: Records
  private readonly clock: () => number
  private record: VerifiedRecord | undefined
  private addresses = ''
  private seq = 0n

  /** @param clock - milliseconds since 1970, from which a record gets its number */
  constructor(
    { privateKey, addressManager }: { privateKey: PrivateKey; addressManager: AddressManager },
    records: Records,
    clock: () => number
  ) {
    this.privateKey = privateKey
    this.addressManager = addressManager
    this.records = records
    this.clock = clock
  }

  get current(): VerifiedRecord {
    if (this.record == null) {
      throw new Error('the own record is not sealed before the service starts')
    }

    return this.record
  }

  /** Seals the record if it does not say where the peer is now. */
  async refresh(): Promise<void> {
    const multiaddrs = addressesForOthers(this.addressManager.getAddresses())
    const addresses = multiaddrs.join()
    const outdated = this.record == null || this.record.seq < this.seq

    if (addresses === this.addresses && !outdated) {
      return
    }

    const now = BigInt(Math.floor(this.clock()))
    this.seq = now > this.seq ? now : this.seq + 1n
    const record = await this.records.seal(this.privateKey, multiaddrs, this.seq)

    // two may have been under way at once
    if (this.record == null || record.seq > this.record.seq) {
      this.record = record
      this.addresses = addresses
    }
  }

  /** Others hold a record of this peer with a higher number: its clock went back. The next one must exceed that. */
  exceed(seq: bigint): void {
    if (seq >= this.seq) {
      this.seq = seq + 1n
    }
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
