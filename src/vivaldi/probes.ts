import type { PeerId } from '@libp2p/interface'
import { type GossipProtocol, NOBODY } from '../gossip/exchange.ts'
import type { Codec } from '../live/driver.ts'
import type { RoundProtocol } from '../live/gossip-round.ts'
import type { VerifiedRecord } from '../live/records.ts'
import { RefusalError } from '../live/refusal.ts'
import type { Underlay } from '../live/underlay.ts'

/** A signed record, or nothing. A reusable buffer. */
export interface Probe {
  envelope: Uint8Array
}

const NOTHING = new Uint8Array(0)

export interface ProbesInit {
  underlay(): Underlay
  /** Samples that are still wanted in this round. */
  wanted(): number
  /** Whom to probe, by number, or NOBODY. */
  choose(): number
  /** A peer's number. */
  numberOf(record: VerifiedRecord): number
}

/** Exchanges for the sake of their round trips alone: nothing is asked, and the answer is the other one's newest record. */
export class Probes implements GossipProtocol<Probe>, RoundProtocol, Codec<Probe, VerifiedRecord | undefined> {
  private readonly init: ProbesInit

  constructor(init: ProbesInit) {
    this.init = init
  }

  turns(): number {
    return this.init.wanted()
  }

  partner(): number {
    return this.init.choose()
  }

  anotherPartner(): number {
    return this.init.choose()
  }

  request(_node: number, _partner: number, out: Probe): void {
    out.envelope = NOTHING
  }

  respond(_node: number, _from: number, _request: Probe, out: Probe): boolean {
    out.envelope = this.init.underlay().own.current.envelope
    return true
  }

  /** What it was asked for, the driver has measured. */
  absorb(): void {}

  abandon(): void {}

  createMessage(): Probe {
    return { envelope: NOTHING }
  }

  encode({ envelope }: Probe): Uint8Array {
    return envelope
  }

  open(
    bytes: Uint8Array,
    kind: 'request' | 'reply',
    from: PeerId
  ): VerifiedRecord | undefined | Promise<VerifiedRecord | undefined> {
    if (kind === 'reply') {
      const { records } = this.init.underlay()
      const known = records.known(bytes)
      return known != null ? checkSender(known, from) : records.verify(bytes).then(record => checkSender(record, from))
    }

    if (bytes.byteLength > 0) {
      throw new RefusalError('malformed', 'a probe that says something')
    }

    return undefined
  }

  adopt(record: VerifiedRecord | undefined): number {
    return record == null ? NOBODY : this.init.numberOf(record)
  }
}

function checkSender(record: VerifiedRecord, from: PeerId): VerifiedRecord {
  if (record.key !== from.toString()) {
    throw new RefusalError('not-the-sender', `a record of ${record.key}`)
  }

  return record
}
