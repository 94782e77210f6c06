import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { type Control, openControl } from '../../src/peer/control.ts'
import {
  createPeer,
  type EventDocument,
  type GossipPeer,
  type PeerStatus,
  type SubscriptionDocument,
  type TopicMessageDocument
} from '../../src/peer/index.ts'
import { removeFolder, temporaryFolder } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'

const LOOPBACK = [multiaddr('/ip4/127.0.0.1/tcp/0')]

/** Bodies that are refused, with the reason. */
const REFUSED: Array<[path: string, body: object, says: RegExp]> = [
  ['/publish', [], /^the body is no JSON object$/],
  ['/publish', {}, /^expected one of event and topic$/],
  ['/publish', { event: {}, topic: 'news' }, /^expected one of event and topic$/],
  ['/publish', { event: null, topic: null }, /^expected one of event and topic$/],
  ['/publish', { event: [] }, /^neither a plain object nor a map$/],
  ['/publish', { event: 'a' }, /^neither a plain object nor a map$/],
  ['/publish', { event: { a: null } }, /^a: neither a number nor a string nor a boolean$/],
  ['/publish', { event: { 'a b': 1 } }, /^"a b" is no name of an attribute/],
  ['/publish', { event: {}, payloadBase64: 5 }, /^payloadBase64: not base64$/],
  ['/publish', { event: {}, payloadBase64: 'a*b=' }, /^payloadBase64: not base64$/],
  ['/publish', { event: {}, payloadBase64: base64(65_537) }, /^a payload of 65537 bytes, more than 65536$/],
  ['/publish', { topic: 'news', payloadBase64: base64(65_537) }, /^payload: 65537 bytes, more than 65536$/],
  ['/publish', { topic: 5 }, /^topic: a number, not one of/],
  ['/publish', { topic: '' }, /^topic: a name of 0 characters/],
  ['/subscribe', [], /^the body is no JSON object$/],
  ['/subscribe', {}, /^expected one of filter and topic$/],
  ['/subscribe', { filter: '*', topic: 'news' }, /^expected one of filter and topic$/],
  ['/subscribe', { filter: 5 }, /^expected a text or an object, not 5$/],
  ['/subscribe', { filter: 'a >' }, /^column 4: expected a number, not the end$/],
  ['/subscribe', { filter: { a: { '>': 5, '<': 3 } } }, /^"a": no number is/],
  ['/subscribe', { topic: {} }, /^topic: an? object, not one of/],
  ['/subscribe', { topic: 'x'.repeat(129) }, /^topic: a name of 129 characters/]
]

describe('the control routes of events', function () {
  this.timeout(60_000)

  let home: string
  let peer: GossipPeer
  let other: GossipPeer
  let control: Control

  before(async () => {
    home = await temporaryFolder()
    const shared = { listen: LOOPBACK }
    peer = await createPeer({ ...shared, home, sampling: { profile: 'local' } })
    const bootstrap = peer.status().addresses.map(address => multiaddr(address))
    other = await createPeer({ ...shared, home: join(home, 'other'), sampling: { profile: 'local', bootstrap } })
    control = openControl(home)
  })

  after(async () => {
    await Promise.all([peer.stop(), other.stop()])
    await removeFolder(home)
  })

  const subscriptions = async () => (await control.get('/subscriptions')) as SubscriptionDocument[]

  /** What comes of a request, and how to end it. */
  function subscribed<T extends object = EventDocument>(body: object) {
    const abort = new AbortController()
    const documents: T[] = []
    const ended = (async () => {
      for await (const document of control.stream('/subscribe', { body, signal: abort.signal })) {
        documents.push(document as T)
      }
    })()
    const end = async () => {
      abort.abort()
      await ended
    }
    return { documents, end }
  }

  for (const [path, body, message] of REFUSED) {
    it(`refuse ${path} ${JSON.stringify(body).slice(0, 50)}`, async () => {
      const refusal = { name: 'RefusedError', status: 400, message }
      await assert.rejects(path === '/publish' ? control.post(path, body) : drained(control, path, body), refusal)
      assert.deepEqual(await subscriptions(), [])
    })
  }

  it('are for one method each', async () => {
    await assert.rejects(control.get('/publish'), { status: 405, message: /use POST/ })
    await assert.rejects(control.get('/subscribe'), { status: 405, message: /use POST/ })
    await assert.rejects(control.post('/subscriptions'), { status: 405, message: /use GET/ })
  })

  it('tell an event as it was published, to whoever asks in text or in JSON, until they have enough', async () => {
    const text = subscribed({ filter: 'price in [10, 20)' })
    const json = subscribed({ filter: { price: { '>=': 10, '<': 20 } } })
    await eventually(async () => (await subscriptions()).length === 2, { what: 'both subscriptions' })
    const filters = (await subscriptions()).map(({ filter }) => filter)
    assert.deepEqual(filters, ['price in [10, 20)', 'price in [10, 20)'])

    const attributes = { price: 12.5, symbol: '💶', open: false }
    const payloadBase64 = Buffer.from([0xff, 0]).toString('base64')
    const outcome = (await control.post('/publish', { event: attributes, payloadBase64 })) as Record<string, unknown>
    await control.post('/publish', { event: { price: 20 } })
    await control.post('/publish', { event: { price: 10 }, payloadBase64: Buffer.from('grüße').toString('base64') })
    await eventually(() => text.documents.length === 2 && json.documents.length === 2, { what: 'two documents each' })

    const [first, second] = text.documents
    assert.deepEqual(json.documents, text.documents)
    assert.equal(outcome.outcome, 'handed')
    assert.deepEqual(Object.keys(first), [
      'id',
      'publisher',
      'sequence',
      'time',
      'attributes',
      'payloadBase64',
      'missed'
    ])
    assert.deepEqual(
      { ...first, sequence: 0, time: 0 },
      { id: outcome.id, publisher: String(peer.peerId), sequence: 0, time: 0, attributes, payloadBase64, missed: 0 }
    )
    assert.equal('payload' in second && second.payload, 'grüße')

    await Promise.all([text.end(), json.end()])
    await eventually(async () => (await subscriptions()).length === 0, { what: 'no subscription' })
  })

  it('tell messages to a topic', async () => {
    const { documents, end } = subscribed<TopicMessageDocument>({ topic: 'news' })
    const body = { topic: 'news', payloadBase64: Buffer.from('hello').toString('base64') }
    const theirs = openControl(join(home, 'other'))
    await eventually(async () => ((await theirs.post('/publish', body)) as { recipients: number }).recipients === 1, {
      what: 'a recipient'
    })
    await eventually(() => documents.length > 0, { what: 'the message' })
    const { sequence, ...rest } = documents[0]
    assert.match(sequence, /^\d+$/)
    assert.deepEqual(rest, { topic: 'news', publisher: String(other.peerId), payload: 'hello', missed: 0 })
    await end()
    const status = async () => (await control.get('/status')) as PeerStatus
    await eventually(async () => (await status()).topics.subscribed.length === 0, { what: 'no topic' })
  })

  it('lose the oldest for a client that is slow, and tell it how many', async () => {
    const stream = control.stream('/subscribe', { body: { filter: 'n >= 0' } })[Symbol.asyncIterator]()
    const first = stream.next()
    await eventually(() => peer.content.subscriptions.length === 1, { what: 'the subscription' })
    const [subscription] = peer.content.subscriptions
    const payload = new Uint8Array(65_536)

    // far more than sockets and queue hold, unless they hold all
    while (subscription.missed === 0 && subscription.delivered < 5_000) {
      await peer.content.publish({ n: subscription.delivered }, payload)
    }

    assert(subscription.missed > 0, 'nothing is lost')
    const { delivered } = subscription
    const taken = [(await first).value as EventDocument]

    while (taken.at(-1)?.attributes.n !== delivered - 1) {
      taken.push((await stream.next()).value as EventDocument)
    }

    const missed = taken.reduce((sum, document) => sum + document.missed, 0)
    assert(missed > 0)
    assert.equal(taken.length + missed, delivered)

    // what is told as missed is what is not there
    for (const [i, { attributes, missed }] of taken.entries()) {
      assert.equal(attributes.n, (i === 0 ? -1 : Number(taken[i - 1].attributes.n)) + missed + 1)
    }

    await stream.return?.()
    await eventually(() => peer.content.subscriptions.length === 0, { what: 'no subscription' })
  })

  it('cut off who sends more than an event can have', async () => {
    await assert.rejects(control.post('/publish', { event: {}, payloadBase64: base64(2 * 1024 * 1024) }))
    assert.deepEqual(await subscriptions(), [])
  })

  it('end when the peer stops', async () => {
    const { documents, end } = subscribed({ filter: '*' })
    await eventually(async () => (await subscriptions()).length === 1, { what: 'the subscription' })
    await peer.stop()
    await end()
    assert.deepEqual(documents, [])
  })
})

function base64(bytes: number): string {
  return Buffer.alloc(bytes).toString('base64')
}

async function drained(control: Control, path: string, body: object): Promise<void> {
  for await (const _ of control.stream(path, { body })) {
  }
}
