// An existing libp2p app, which sends greetings over a protocol of its own, gets random peers to greet by adding one
// line: `sampling: peerSampling(...)`. Run with: node dist/examples/existing-app.js
import 'gossip-peer/peer' // on Node 20 only: brings Promise.withResolvers, which libp2p 3 needs
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { peerSampling } from 'gossip-peer/sampling'
import { createLibp2p } from 'libp2p'

const GREETING = '/example/greeting/1.0.0'

async function startApp(bootstrap: Multiaddr[] = []) {
  const app = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 100 },
    services: {
      identify: identify(),
      sampling: peerSampling({ bootstrap, profile: 'local' }) // the line
    }
  })

  await app.handle(GREETING, async stream => {
    const messages = lpStream(stream)
    const name = new TextDecoder().decode((await messages.read()).subarray())
    await messages.write(new TextEncoder().encode(`hello, ${name}`))
    await stream.close()
  })

  return app
}

const first = await startApp()
const others = await Promise.all(Array.from({ length: 7 }, () => startApp(first.getMultiaddrs())))
const apps = [first, ...others]
const signal = AbortSignal.timeout(20_000)

for (const app of apps) {
  const peer = await app.services.sampling.waitForPeer({ signal })
  const addresses = peer.multiaddrs.map(address => address.encapsulate(`/p2p/${peer.id}`))
  const stream = await app.dialProtocol(addresses, GREETING, { signal })
  const messages = lpStream(stream)
  await messages.write(new TextEncoder().encode(app.peerId.toString().slice(-6)), { signal })
  const greeting = new TextDecoder().decode((await messages.read({ signal })).subarray())
  await stream.close()
  console.log(`${peer.id.toString().slice(-6)} says: ${greeting}`)
}

await Promise.all(apps.map(app => app.stop()))
