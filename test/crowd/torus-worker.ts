import '../../src/peer/compat.ts'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type Overlay, TORUS_DIRECTIONS, type TorusDirection, torusOverlay } from '../../src/overlay/index.ts'
import { type PeerSampling, peerSampling } from '../../src/sampling/index.ts'
import { PATIENT, PATIENT_LOOPBACK } from '../support/nodes.ts'
import type { Point, RouteReport, TorusAnswer, TorusCommand, TorusPeer } from './torus-crowd.ts'
import { obey } from './worker-process.ts'

type TorusNode = Libp2p<{ sampling: PeerSampling; torus: Overlay<number[], TorusDirection> }>

interface Member {
  node: TorusNode
  /** Rounds that it had made when it found the first other peer. */
  joined: number
}

const members: Member[] = []

async function start(position: Point, { side, period, bootstrap }: TorusCommand & { do: 'start' }): Promise<void> {
  const contacts = bootstrap.map(address => multiaddr(address))
  const node: TorusNode = await createLibp2p({
    ...PATIENT_LOOPBACK,
    start: false,
    services: {
      sampling: peerSampling({ ...PATIENT, period, bootstrap: contacts }),
      torus: torusOverlay({ side, position })
    }
  })
  const member = { node, joined: 0 }
  await node.start()
  const joined = node.services.sampling.waitForPeer().then(() => {
    member.joined = node.services.torus.statistics().rounds
  })

  // the first one has nobody to wait for yet
  if (contacts.length > 0) {
    await joined
  }

  members.push(member)
}

function report({ node, joined }: Member): TorusPeer {
  const { torus } = node.services
  const neighbours: TorusPeer['neighbours'] = {}

  for (const direction of TORUS_DIRECTIONS) {
    const neighbour = torus.neighbour(direction)

    if (neighbour != null) {
      neighbours[direction] = { id: neighbour.id.toString(), position: neighbour.position }
    }
  }

  return {
    id: node.peerId.toString(),
    addresses: node.getMultiaddrs().map(String),
    position: torus.position,
    rounds: torus.statistics().rounds,
    joined,
    neighbours
  }
}

async function go(from: string, to: Point): Promise<RouteReport> {
  const member = members.find(({ node }) => node.peerId.toString() === from) as Member
  const { outcome, path } = await member.node.services.torus.route(to)
  return { from, to, outcome, end: path[path.length - 1].id.toString() }
}

obey(async (command: TorusCommand): Promise<TorusAnswer> => {
  let routes: RouteReport[] = []

  if (command.do === 'start') {
    await Promise.all(command.positions.map(position => start(position, command)))
  } else if (command.do === 'route') {
    routes = await Promise.all(command.routes.map(({ from, to }) => go(from, to)))
  }

  return { peers: members.map(report), routes }
})
