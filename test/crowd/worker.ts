import '../../src/peer/compat.ts'
import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { type SamplingNode, startNode } from '../support/nodes.ts'
import type { Command, PeerReport } from './crowd.ts'

/** A process of the crowd: runs peers, and does what its parent says. */
const nodes: SamplingNode[] = []
let refused = new Set<string>()

const isRefused = (id: PeerId): boolean => refused.has(id.toString())

const connectionGater = {
  denyDialPeer: async (id: PeerId) => isRefused(id),
  denyInboundEncryptedConnection: async (id: PeerId) => isRefused(id)
}

function report(node: SamplingNode): PeerReport {
  const { sampling } = node.services
  const statistics = sampling.statistics()

  return {
    id: node.peerId.toString(),
    addresses: node.getMultiaddrs().map(String),
    view: sampling.view.map(entry => entry.id.toString()),
    rounds: statistics.rounds,
    connections: node.getConnections().length,
    refusals: statistics.refusals,
    outcomes: statistics.outcomes
  }
}

async function run(command: Command): Promise<PeerReport[]> {
  switch (command.do) {
    case 'start': {
      const bootstrap = command.bootstrap.map(address => multiaddr(address))
      const init = { bootstrap, ...command.init }
      const started = Array.from({ length: command.peers }, () => startNode(init, { connectionGater }))
      nodes.push(...(await Promise.all(started)))
      break
    }
    case 'refuse':
      refused = new Set(command.ids)
      await Promise.all(
        nodes
          .flatMap(node => node.getConnections())
          .filter(connection => isRefused(connection.remotePeer))
          .map(connection => connection.close().catch(err => connection.abort(err)))
      )
      break
    case 'report':
      break
    case 'stop':
      await Promise.all(nodes.map(node => node.stop()))
      break
  }

  return nodes.map(report)
}

process.on('message', (command: Command) => {
  run(command).then(
    reports => {
      process.send?.({ reports })

      if (command.do === 'stop') {
        process.disconnect()
      }
    },
    err => process.send?.({ error: String(err) })
  )
})
