import type { PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { NOBODY, type Outcome } from '../gossip/exchange.ts'
import type { PeerTable } from '../gossip/peer-table.ts'
import { type Contact, connect } from '../live/connect.ts'
import type { ExchangeDriver } from '../live/driver.ts'
import { isFailure } from '../live/gossip-round.ts'
import { SELF } from '../live/population.ts'
import type { VerifiedRecord } from '../live/records.ts'
import type { OpenedExchange } from './codec.ts'
import type { Memory } from './memory.ts'
import type { SamplingMessage } from './message.ts'
import type { PeerSamplingProtocol } from './protocol.ts'

export interface PartnersInit {
  driver: ExchangeDriver<SamplingMessage, OpenedExchange>
  protocol: PeerSamplingProtocol
  peers: PeerTable<VerifiedRecord>
  memory: Memory
  connectionManager: ConnectionManager
}

/** The two kinds of exchange that a peer starts: with a member of its view, and with somebody who need not be one. */
export class Partners {
  private readonly init: PartnersInit

  constructor(init: PartnersInit) {
    this.init = init
  }

  /** An exchange with a member. */
  async gossip(partner: number, signal: AbortSignal): Promise<Outcome> {
    const { driver, protocol, peers, memory, connectionManager } = this.init
    // a number in the view is never taken back
    const record = peers.get(partner) as VerifiedRecord

    const outcome = await driver.exchange({
      partner,
      say: out => protocol.request(SELF, partner, out),
      connect: options => connect(connectionManager, record, options),
      signal
    })

    if (outcome === 'answered') {
      memory.answered(peers.get(partner) ?? record, Date.now())
    } else if (isFailure(outcome)) {
      memory.failed(record, Date.now())
    }

    return outcome
  }

  /** An exchange with a peer that need not be a member: an introduction, if there is no view yet to swap. */
  async contact(contact: Contact | VerifiedRecord, signal: AbortSignal): Promise<Outcome> {
    const { driver, protocol, memory, connectionManager } = this.init
    let connected: PeerId | undefined

    const outcome = await driver.exchange({
      partner: NOBODY,
      say: out => {
        if (protocol.views.size(SELF) === 0) {
          protocol.requestIntroduction(SELF, out)
        } else {
          protocol.request(SELF, NOBODY, out)
        }
      },
      connect: async options => {
        const connection = await connect(connectionManager, contact, options)
        connected = connection.remotePeer
        return connection
      },
      signal
    })
    const record = this.recordOf(connected)

    if (outcome === 'answered' && record != null) {
      memory.answered(record, Date.now())
    } else if (isFailure(outcome) && 'envelope' in contact && memory.has(contact.key)) {
      memory.failed(contact, Date.now())
    }

    return outcome
  }

  private recordOf(peer: PeerId | undefined): VerifiedRecord | undefined {
    const number = peer == null ? undefined : this.init.peers.number(peer.toString())
    return number == null ? undefined : this.init.peers.get(number)
  }
}
