import type { Multiaddr } from '@multiformats/multiaddr'
import { Random } from '../../src/gossip/random.ts'
import type { Contact } from '../../src/live/connect.ts'
import { Records, type VerifiedRecord } from '../../src/live/records.ts'
import * as defaults from '../../src/sampling/constants.ts'
import { contactsOf } from '../../src/sampling/contacts.ts'
import type { PeerSamplingInit } from '../../src/sampling/index.ts'
import { Colluder } from './colluder.ts'
import type { Place } from './stage.ts'

export interface ConspiracyInit {
  /** What the honest peers are set up with: the colluders speak their variant and keep their period. */
  honest: PeerSamplingInit
  /** The first honest peer that they know. */
  bootstrap: Multiaddr[]
  /** Exchanges that each colluder starts in a period, each with somebody else. */
  fan: number
  seed: number
  /** Keys of honest peers that are to look like hubs. Default: none; the colluders advertise each other. */
  framed?: string[]
}

/** What colluders share: whom they advertise, and whom they have heard of. */
export class Conspiracy {
  readonly init: ConspiracyInit
  readonly random: Random
  /** What one of them has verified, all believe. */
  readonly records = new Records({
    maxBytes: defaults.MAX_RECORD_BYTES,
    maxAddresses: defaults.MAX_RECORD_ADDRESSES,
    maxCached: defaults.MAX_KNOWN_PEERS
  })
  private readonly bootstrap: Contact[]
  private readonly victims = new Map<string, VerifiedRecord>()
  private readonly colluders: Colluder[]
  private readonly members: ReadonlySet<string>

  constructor(places: Place[], init: ConspiracyInit) {
    this.init = init
    this.random = new Random(init.seed)
    this.bootstrap = contactsOf(init.bootstrap)
    this.colluders = places.map(({ components }) => new Colluder(components, this))
    this.members = new Set(places.map(({ key }) => key))
  }

  async start(): Promise<void> {
    await Promise.all(this.colluders.map(colluder => colluder.start()))
  }

  async stop(): Promise<void> {
    await Promise.all(this.colluders.map(colluder => colluder.stop()))
  }

  /** Whom they make known, in random order. */
  advertised(): VerifiedRecord[] {
    const { framed } = this.init
    const records =
      framed == null
        ? this.colluders.map(({ record }) => record)
        : framed.map(key => this.victims.get(key)).filter(record => record != null)
    this.random.choose(records, records.length)
    return records
  }

  /**
   * Whom one of them attacks in a round: random honest peers that they have heard of, none twice. More than two streams at
   * once would cost it the connection.
   */
  targets(): Contact[] {
    const known: Contact[] = this.victims.size > 0 ? [...this.victims.values()] : this.bootstrap
    const targets = [...known]
    this.random.choose(targets, this.init.fan)
    return targets.slice(0, this.init.fan)
  }

  heardOf(record: VerifiedRecord): void {
    if (!this.members.has(record.key)) {
      this.victims.set(record.key, record)
    }
  }
}
