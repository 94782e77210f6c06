import { eventDocument } from '../src/peer/event-documents.ts'
import type { GossipPeer, GossipPeerInit } from '../src/peer/index.ts'
import { tellEvents } from '../src/peer/monitor.ts'
import type { Filter } from '../src/pubsub/filter.ts'
import { MAX_SUBSCRIPTIONS } from '../src/pubsub/limits.ts'
import { described } from './event-verbs.ts'
import { describeEvent, type EventDocument, eventLine, newsFilter } from './events.ts'
import { parse } from './filters.ts'
import { peerInit, sharedArguments } from './init.ts'
import { joinCommands, loopbackOf } from './join.ts'
import { usageOf } from './parameters.ts'
import { counted, oneLine, print, printed, printJson, warn } from './print.ts'
import type { Settings } from './settings.ts'
import { departure } from './signals.ts'
import { EXIT_DONE, EXIT_FAILED, UsageError } from './usage.ts'
import { yesOrNo } from './values.ts'

/** Starts a peer and leaves it running in this process, until it is told to leave. */
export async function start(settings: Settings): Promise<undefined> {
  const json = settings.one('json', yesOrNo) === true
  const init = peerInit(settings)
  const filters = settings.all('subscribe', parse) ?? []

  if (filters.length > MAX_SUBSCRIPTIONS) {
    throw new UsageError(
      `${settings.label('subscribe')}: ${filters.length} filters, and a peer can have ${MAX_SUBSCRIPTIONS} subscriptions`
    )
  }

  // Before the start: a peer that is only half there leaves in order too.
  const { leave, left } = departure(async () => await (await starting).stop())
  surviveAccidents(settings.find('log')?.words != null, leave)

  // By the stop verb, however often.
  const onStopRequest = () => {
    starting.then(peer => peer.stop()).then(() => left(EXIT_DONE))
  }

  // Loaded late, so that a wrong option is answered at once.
  const starting = import('../src/peer/create.ts').then(
    async ({ createPeer }) => await createPeer({ ...init, onWarning: warn, onStopRequest })
  )

  const peer = await starting.catch(err => {
    throw usageOf(err, settings)
  })

  announce(peer, init, settings, json)

  if (settings.find('bootstrap') == null && init.mdns !== true && peer.sampling.statistics().rememberedPeers === 0) {
    warn('knows nobody to join through, and waits until somebody joins it (--bootstrap ADDRESS joins a network)')
  }

  const { profile, defence } = init.sampling ?? {}

  if (profile === 'wan' && defence == null && peer.sampling.parameters.defence === 'none') {
    warn(
      'goes without the defence of profile wan, which has an exchange of its own (--defence statistics keeps this one)'
    )
  }

  tell(peer, json)
  printEvents(peer, filters, json)
}

/** Asks for events, and prints them. */
function printEvents(peer: GossipPeer, filters: Filter[], json: boolean): void {
  for (const filter of filters) {
    peer.content.subscribe(filter, async delivered => {
      const document = eventDocument(delivered)

      if (json) {
        printJson({ event: 'delivered', filter: String(filter), ...document })
      } else {
        print(described(document))
      }

      if (delivered.missed > 0) {
        warn(`${counted(delivered.missed, 'event')} lost before this one: they came faster than they were printed`)
      }

      await printed()
    })
  }
}

/** A promise that nobody looks at does not kill the peer; an error out of nowhere ends it, in order. */
function surviveAccidents(verbose: boolean, leave: (code: number) => void): void {
  const tell = (what: string, reason: unknown) => {
    const error = reason instanceof Error ? reason : new Error(String(reason))
    warn(`${what}: ${oneLine(error.message)}`)

    if (verbose) {
      process.stderr.write(`${error.stack}\n`)
    }
  }

  process.on('unhandledRejection', reason => tell('unexpected, going on', reason))
  process.on('uncaughtException', error => {
    tell('unexpected, leaving', error)
    leave(EXIT_FAILED)
  })
}

function announce(peer: GossipPeer, init: GossipPeerInit, settings: Settings, json: boolean): void {
  const { peerId, addresses } = peer.status()
  const local = init.announce == null ? [] : loopbackOf(init.listen ?? [], peerId)
  const join = joinCommands([...addresses, ...local], sharedArguments(settings))

  if (json) {
    const { home, http } = peer
    printJson({
      event: 'started',
      time: new Date().toISOString(),
      peerId,
      addresses,
      home,
      http,
      pid: process.pid,
      join
    })
    return
  }

  print(`peer ${peerId}`)
  print('reachable at')
  addresses.forEach(address => {
    print(`  ${address}`)
  })

  if (peer.http != null) {
    print('serves')
    print(`  ${peer.http}/status`)
  }

  if (join.here != null) {
    print('join it from this host:')
    print(`  ${join.here}`)
  }

  if (join.elsewhere != null) {
    print('join it from another host:')
    print(`  ${join.elsewhere}`)
  } else {
    print('other hosts cannot reach it: it listens on loopback only (--listen /ip4/0.0.0.0/tcp/0 lets them)')
  }
}

/** Tells what happens to the peer: everything as JSON, what a person needs to know as text. */
function tell(peer: GossipPeer, json: boolean): void {
  if (json) {
    tellEvents(peer, printJson)
    return
  }

  const isNews = newsFilter()

  tellEvents(peer, document => {
    const event = document as EventDocument
    const text = isNews(event) ? describeEvent(event) : undefined

    if (text != null) {
      print(eventLine(event, text))
    }
  })
}
