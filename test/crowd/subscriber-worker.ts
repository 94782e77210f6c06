import '../../src/peer/compat.ts'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type ContentPubSub, contentPubSub, type FilterJson, type PublishOutcome } from '../../src/pubsub/index.ts'
import { type PeerSampling, peerSampling } from '../../src/sampling/index.ts'
import { PATIENT, PATIENT_LOOPBACK } from '../support/nodes.ts'
import type { SubscriberAnswer, SubscriberCommand, SubscribingPeer, Taken } from './subscriber-crowd.ts'
import { obey } from './worker-process.ts'

interface Member {
  node: Libp2p<{ sampling: PeerSampling; content: ContentPubSub }>
  subscriptions: Taken[]
}

const members: Member[] = []

async function start(filters: FilterJson[], command: SubscriberCommand & { do: 'start' }): Promise<Member> {
  const { period, bootstrap } = command
  const node = await createLibp2p({
    ...PATIENT_LOOPBACK,
    services: {
      sampling: peerSampling({ ...PATIENT, period, bootstrap: bootstrap.map(address => multiaddr(address)) }),
      content: contentPubSub()
    }
  })
  const member = { node, subscriptions: [] }
  members.push(member)

  for (const filter of filters) {
    subscribe(member, filter)
  }

  return member
}

/** What is in the payload of an event tells it from others. */
function subscribe({ node, subscriptions }: Member, filter: FilterJson): void {
  const taken: Taken = { filter, since: node.services.content.statistics().rounds, events: [], delays: [], missed: 0 }
  subscriptions.push(taken)
  node.services.content.subscribe(filter, ({ payload, time, missed }) => {
    taken.events.push(Number(new TextDecoder().decode(payload)))
    taken.delays.push(Date.now() - time.getTime())
    taken.missed += missed
  })
}

function memberOf(id: string): Member {
  return members.find(({ node }) => node.peerId.toString() === id) as Member
}

function report({ node, subscriptions }: Member): SubscribingPeer {
  const { rounds, events, outcomes, batches, refusals, links } = node.services.content.statistics()
  return {
    id: node.peerId.toString(),
    addresses: node.getMultiaddrs().map(String),
    rounds,
    links,
    subscriptions,
    duplicates: events.duplicates,
    outcomes,
    refusals: { ...refusals, ...batches.refusals },
    batches: batches.outcomes
  }
}

obey(async (command: SubscriberCommand): Promise<SubscriberAnswer> => {
  let published: PublishOutcome | undefined
  let reported = members

  switch (command.do) {
    case 'start':
      reported = await Promise.all(command.filters.map(filters => start(filters, command)))
      break
    case 'subscribe':
      reported = [memberOf(command.peer)]
      subscribe(reported[0], command.filter)
      break
    case 'publish': {
      const { content } = memberOf(command.peer).node.services
      published = await content.publish(command.attributes, String(command.number))
      reported = []
      break
    }
    case 'report':
      break
  }

  const { user, system } = process.cpuUsage()
  return {
    peers: reported.map(report),
    published,
    cpu: (user + system) / 1_000_000,
    memory: process.memoryUsage().rss
  }
})
