// An existing libp2p app, which sends greetings over a protocol of its own, gets three things by a line each: random peers to
// greet, neighbours on a torus, and what all its peers' values come to together. Run with: node dist/examples/existing-app.js
import 'gossip-peer/peer' // on Node 20 only: brings Promise.withResolvers, which libp2p 3 needs
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { aggregation } from 'gossip-peer/aggregation'
import { torusOverlay } from 'gossip-peer/overlay'
import { peerSampling } from 'gossip-peer/sampling'
import { createLibp2p } from 'libp2p'

const GREETING = '/example/greeting/1.0.0'

async function startApp(position: number[], bootstrap: Multiaddr[] = []) {
  let greeted = 0
  const app = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 100 },
    services: {
      identify: identify(),
      sampling: peerSampling({ bootstrap, profile: 'local' }), // the lines
      torus: torusOverlay({ width: 4, height: 2, position }),
      aggregation: aggregation({ epoch: 15 })
    }
  })

  app.services.aggregation.register('greeted', { function: 'sum', value: () => greeted })

  await app.handle(GREETING, async stream => {
    const messages = lpStream(stream)
    const name = new TextDecoder().decode((await messages.read()).subarray())
    await messages.write(new TextEncoder().encode(`hello, ${name}`))
    await stream.close()
    greeted++
  })

  return app
}

const first = await startApp([0, 0])
const others = await Promise.all(
  Array.from({ length: 7 }, (_, i) => startApp([(i + 1) % 4, Math.floor((i + 1) / 4)], first.getMultiaddrs()))
)
const apps = [first, ...others]
const signal = AbortSignal.timeout(30_000)

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

// until an epoch that has begun since, with all of them, is over
await new Promise<void>((resolve, reject) => {
  signal.addEventListener('abort', () => reject(signal.reason))
  first.services.aggregation.addEventListener('epoch', ({ detail: { size, results } }) => {
    const [peers, greeted] = [size?.value, results.get('greeted')?.value].map(value => Math.round(Number(value)))

    if (peers === apps.length && greeted === apps.length) {
      console.log(`${peers} peers, greeted ${greeted} times in all`)
      resolve()
    }
  })
})

const { path, outcome } = await first.services.torus.route([2, 1], { signal })
console.log(`${outcome} at 2,1 by way of ${path.map(({ position }) => position.join(',')).join(' -> ')}`)

await Promise.all(apps.map(app => app.stop()))
