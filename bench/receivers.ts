// Peers that take events or messages, for the bench of events.
import '../src/peer/compat.ts'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { obey } from '../test/crowd/worker-process.ts'
import { eventually } from '../test/support/eventually.ts'
import { type Events, RAW, type Receivers, type ReceiversCommand, startPeer, TOPIC } from './events-peer.ts'

interface Receiver {
  node: Events
  count: number
}

const receivers: Receiver[] = []

async function start({ kind, bootstrap }: ReceiversCommand & { do: 'start' }): Promise<void> {
  const node = await startPeer(
    kind,
    bootstrap.map(address => multiaddr(address))
  )
  const receiver = { node, count: 0 }
  receivers.push(receiver)
  const take = () => {
    receiver.count++
  }

  if (kind === 'content') {
    node.services.content?.subscribe('price >= 0', take, { queue: 65_536 })
  } else if (kind === 'topic') {
    node.services.topics?.subscribe(TOPIC, take)
  }

  await node.handle(RAW, async stream => {
    const messages = lpStream(stream)

    try {
      while (stream.status === 'open') {
        await messages.read()
        take()
      }
    } catch {
      stream.abort(new Error('done'))
    }
  })
}

obey(async (command: ReceiversCommand): Promise<Receivers> => {
  if (command.do === 'start') {
    await Promise.all(Array.from({ length: command.peers }, () => start(command)))
  } else if (command.do === 'count anew') {
    for (const receiver of receivers) {
      receiver.count = 0
    }
  } else if (command.do === 'expect') {
    await eventually(() => receivers.every(({ count }) => count >= command.count), {
      what: 'all events at all peers',
      deadline: 120_000
    })
  }

  const { user, system } = process.cpuUsage()
  return {
    addresses: receivers.map(({ node }) => node.getMultiaddrs().map(String)),
    counts: receivers.map(({ count }) => count),
    rounds: Math.min(...receivers.map(({ node }) => node.services.sampling.statistics().rounds)),
    cpu: (user + system) / 1_000
  }
})
