import type { Libp2p } from '@libp2p/interface'
import { isLoopback } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { hostOf } from './call-backs.ts'
import type { GossipPeerServices } from './index.ts'
import { type Diagnosis, type Facts, troublesOf } from './troubles.ts'

/** Members that are asked to call back. */
const ASKED = 3

/** Finds out how the peer is, which takes up to 8 seconds, and says what is wrong with it. */
export async function diagnose(libp2p: Libp2p<GossipPeerServices>): Promise<Diagnosis> {
  const facts = await gather(libp2p)
  const troubles = troublesOf(facts)
  return { healthy: troubles.length === 0, troubles, facts }
}

async function gather(libp2p: Libp2p<GossipPeerServices>): Promise<Facts> {
  const { sampling, checkup } = libp2p.services
  const asked = sampling.getPeers(ASKED)
  const results = await Promise.allSettled(
    asked.map(async member => {
      const { tried, reachable, address, clockOffset } = await checkup.ask(member)
      const isInner = address != null && isLoopback(address)
      return { isInner, answer: { peerId: member.id.toString(), tried, reachable, clockOffset } }
    })
  )
  const answers = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  // A member on this host, which calls on loopback, knows nothing of what others can reach.
  const outer = answers.filter(({ isInner }) => !isInner)

  return {
    members: sampling.view.map(({ multiaddrs }) => ipsOf(multiaddrs)),
    own: ipsOf(libp2p.getMultiaddrs()),
    asked: asked.length,
    answers: (outer.length > 0 ? outer : answers).map(({ answer }) => answer),
    unchangedFor: Math.round(sampling.statistics().unchangedFor),
    period: sampling.timing.period
  }
}

/** Every host has the loopback addresses: they tell something only of a peer that has no others. */
function ipsOf(addresses: Multiaddr[]): string[] {
  const outer = addresses.filter(address => !isLoopback(address))
  const ips = (outer.length > 0 ? outer : addresses).map(hostOf).filter(ip => ip != null)
  return [...new Set(ips)].sort()
}
