import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openControl } from '../../src/peer/control.ts'
import type { EventDocument, PeerStatus, SubscriptionDocument, TopicMessageDocument } from '../../src/peer/index.ts'
import {
  COMMAND,
  type Ended,
  endOf,
  LOOPBACK,
  RunningCommand,
  run,
  start,
  startPeer,
  withinFolder,
  written
} from '../support/command.ts'
import { eventually } from '../support/eventually.ts'

const FILTER = 'price in [10, 20) and symbol in {AAPL, MSFT}'
const MATCHING = '{"price": 12.5, "symbol": "AAPL"}'

describe('events, by the command, among three peers', function () {
  this.timeout(120_000)

  let folder: string
  const peers: RunningCommand[] = []
  let publisherId: string

  withinFolder(path => {
    folder = path
  })

  const homeOf = (i: number) => join(folder, String(i))
  const publish = async (...args: string[]) => await run(['publish', ...args, '--home', homeOf(0)])
  const subscriptions = async (i: number) =>
    (await openControl(homeOf(i)).get('/subscriptions')) as SubscriptionDocument[]
  const topicsOf = async (i: number) => ((await openControl(homeOf(i)).get('/status')) as PeerStatus).topics.subscribed

  /** A subscriber that others can find. */
  async function subscriber(i: number, filter: string, ...args: string[]): Promise<RunningCommand> {
    const command = start(['subscribe', filter, ...args, '--home', homeOf(i)])
    await eventually(async () => (await subscriptions(i)).some(({ filter: of, links }) => of === filter && links > 0), {
      what: `links of ${filter}`
    })
    return command
  }

  async function topicSubscriber(i: number, topic: string, ...args: string[]): Promise<RunningCommand> {
    const command = start(['subscribe', '--topic', topic, ...args, '--home', homeOf(i)])
    await eventually(async () => (await topicsOf(i)).some(of => of.topic === topic), { what: `topic ${topic}` })
    return command
  }

  /** Publishes until the outcome is that one: at first nobody may know yet who asks for what. */
  async function publishedAs(outcome: string, ...args: string[]): Promise<Ended> {
    let ended: Ended | undefined
    await eventually(
      async () => {
        ended = await publish(...args, '--json')
        return JSON.parse(ended.stdout).outcome === outcome
      },
      { what: outcome }
    )
    return ended as Ended
  }

  /** The documents that a subscriber has printed. */
  const documents = ({ lines }: RunningCommand) => lines.map(line => JSON.parse(line) as EventDocument)

  before(async () => {
    const join = ['--home', homeOf(0), '--json', '--http', '127.0.0.1:0', ...LOOPBACK]
    peers[0] = await startPeer(['--bootstrap', ...join])
    const { addresses, peerId } = JSON.parse(peers[0].lines[0])
    publisherId = peerId
    const shared = [...LOOPBACK, '--bootstrap', addresses[0]]
    const config = written(folder, 'two.yaml', `subscribe:\n  - ${FILTER}\n  - 'note starts "a, b"'\n`)

    peers[1] = await startPeer(['--home', homeOf(1), ...shared, '--config', config])
    peers[2] = await startPeer(['--home', homeOf(2), ...shared, '--json'], {
      env: { GOSSIP_PEER_SUBSCRIBE: 'price in [0, 15) and symbol = "A, B"' }
    })
    await eventually(
      async () => [...(await subscriptions(1)), ...(await subscriptions(2))].every(({ links }) => links > 0),
      { what: 'links' }
    )
  })

  it('takes filters with spaces and commas from a file and from the environment', async () => {
    assert.deepEqual(
      (await subscriptions(1)).map(({ filter }) => filter),
      [FILTER, 'note starts "a, b"']
    )
    assert.deepEqual(
      (await subscriptions(2)).map(({ filter }) => filter),
      ['price in [0, 15) and symbol = "A, B"']
    )
  })

  it('start --subscribe prints what it asks for, as text and as JSON, and nothing else', async () => {
    await publishedAs('nobody', '{"price": 20, "symbol": "AAPL"}')
    await publishedAs('handed', MATCHING)
    await publishedAs('handed', '{"price": 0, "symbol": "A, B"}')
    await peers[1].says(/^\d\d:\d\d:\d\d price=12\.5 symbol="AAPL"$/m)
    const [line] = await peers[2].says(/^.*"event":"delivered".*$/m)
    const { event, filter, publisher, attributes, payload, missed } = JSON.parse(line)

    assert.deepEqual([event, filter], ['delivered', 'price in [0, 15) and symbol = "A, B"'])
    assert.deepEqual(
      { publisher, attributes, payload, missed },
      { publisher: publisherId, attributes: { price: 0, symbol: 'A, B' }, payload: '', missed: 0 }
    )
    assert.doesNotMatch(peers[1].stdout, /price=20|A, B/)
    assert.doesNotMatch(peers[2].stdout, /AAPL/)
  })

  it('subscribe --json prints a document for each event, with any payload up to 64 KiB', async () => {
    const subscribed = await subscriber(2, 'kind = report', '--json')
    const full = randomBytes(65_536)
    full[0] = 0xff
    writeFileSync(join(folder, 'full'), full)
    writeFileSync(join(folder, 'text'), 'grüße\n')
    const begun = Date.now()

    await publishedAs('handed', '{"kind": "report", "n": 1}')
    await publishedAs('handed', '{"kind": "report", "n": 2}', '--payload', join(folder, 'text'))
    await publishedAs('handed', '{"kind": "report", "n": 3}', '--payload', join(folder, 'full'))
    await eventually(() => documents(subscribed).length >= 3, { what: 'three documents' })

    const [first, second, third] = [1, 2, 3].map(n =>
      documents(subscribed).find(({ attributes }) => attributes.n === n)
    )
    assert(first != null && second != null && third != null && 'payloadBase64' in third)
    const { id, time, sequence, ...rest } = first
    assert.deepEqual(rest, { publisher: publisherId, attributes: { kind: 'report', n: 1 }, payload: '', missed: 0 })
    assert(id.length > 0 && id !== second.id)
    assert(Math.abs(Date.parse(time) - begun) < 120_000)
    assert(BigInt(sequence) < BigInt(second.sequence))
    assert.equal('payload' in second && second.payload, 'grüße\n')
    assert.deepEqual(digest(Buffer.from(third.payloadBase64, 'base64')), digest(full))

    const { code, stderr } = await subscribed.endBy('SIGTERM')
    assert.deepEqual([code, stderr], [0, ''])
    await eventually(async () => (await subscriptions(2)).length === 1, { what: 'the end of the subscription' })
  })

  it('publish takes a payload from standard input: binary, empty, the longest, and not one byte more', async () => {
    const subscribed = await subscriber(1, 'from = stdin', '--json')
    const sizes = [0, 3, 65_536]
    await publishedAs('handed', '{"from": "stdin", "n": -1}')

    for (const size of [...sizes, 65_537]) {
      const bytes = Buffer.alloc(size, 0xfe)
      writeFileSync(join(folder, 'input'), bytes)
      const piped = `cat input | "${process.execPath}" "${COMMAND}" publish '{"from": "stdin", "n": ${size}}' --payload -`
      const { code, stdout, stderr } = await endOf(
        new RunningCommand('sh', ['-c', `cd "${folder}" && ${piped} --json --home 0`])
      )

      if (size > 65_536) {
        assert.deepEqual([code, stdout, stderr], [2, '', 'gossip-peer: --payload: more than 65536 bytes\n'])
        continue
      }

      assert.deepEqual([code, stderr, JSON.parse(stdout).outcome], [0, '', 'handed'])
      await eventually(() => documents(subscribed).some(({ attributes }) => attributes.n === size), {
        what: `${size} bytes`
      })
      const document = documents(subscribed).find(({ attributes }) => attributes.n === size) as EventDocument
      const payload = 'payload' in document ? document.payload : document.payloadBase64
      assert.equal('payload' in document, size === 0)
      assert.deepEqual(digest(Buffer.from(payload, 'base64')), digest(bytes))
    }

    assert.equal((await subscribed.endBy('SIGINT')).code, 130)
  })

  it('says what became of an event, for people and as JSON', async () => {
    const subscribed = await subscriber(2, 'told = true')
    const { id, ...outcome } = JSON.parse((await publishedAs('handed', '{"told": true}')).stdout)
    assert.deepEqual(outcome, { outcome: 'handed', handed: 1 })
    assert(id.length > 0)
    const text = await publish('{"told": true}')
    const says = 'handed to 1 subscription, which passes it on to all others that ask for it\n'
    assert.deepEqual([text.code, text.stdout, text.stderr], [0, says, ''])

    const nobody = await publishedAs('nobody', '{"told": false}')
    assert.deepEqual([nobody.code, nobody.stderr, JSON.parse(nobody.stdout).handed], [0, '', 0])
    await subscribed.endBy('SIGINT')
  })

  it('shows what is in the payload of a stranger, and lets it do nothing to the terminal', async () => {
    const [text, json] = await Promise.all([subscriber(1, 'odd = true'), subscriber(1, 'odd = true', '--json')])
    await eventually(async () => (await subscriptions(1)).filter(({ filter }) => filter === 'odd = true').length === 2)
    const payload = '\u001b[31mred\u009b1m\r\u202e\nend\u{e0041}\n'
    await publishedAs('handed', '{"odd": true}', '--payload', written(folder, 'odd', payload))
    await text.says(/end/)
    await json.says(/end.*\n/)
    const shown = '\\u001b[31mred\\u009b1m\\u000d\\u202e\\u000aend\\udb40\\udc41'

    assert.match(text.lines[0], /^\d\d:\d\d:\d\d odd=true \S+$/)
    assert(text.lines[0].endsWith(shown), text.lines[0])

    for (const { stdout } of [text, json]) {
      assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
    }

    assert.deepEqual(
      documents(json)
        .map(document => 'payload' in document && document.payload)
        .at(0),
      payload
    )
    await Promise.all([text.endBy('SIGINT'), json.endBy('SIGINT')])
  })

  it('subscribe ends well when nobody reads it any more', async () => {
    const subscribed = await subscriber(1, 'pipe = closed')
    subscribed.child.stdout?.destroy()
    const noticed = async () => {
      await publish('{"pipe": "closed"}')
      return subscribed.child.exitCode != null
    }
    await eventually(noticed, { what: 'its end' })
    const { code, stderr } = await endOf(subscribed)
    assert.deepEqual([code, stderr], [0, ''])
  })

  it('topics: both verbs, for people and as JSON', async () => {
    const [text, json] = await Promise.all([topicSubscriber(1, 'the news'), topicSubscriber(2, 'the news', '--json')])
    const payload = written(folder, 'news', 'hello\u001b[0m\n')
    let said = ''
    await eventually(
      async () => {
        said = (await publish('--topic', 'the news', '--payload', payload)).stdout
        return /^sent to 2 subscribers, which pass it on\n$/.test(said)
      },
      { what: 'two subscribers' }
    )
    await text.says(/^\d\d:\d\d:\d\d hello\\u001b\[0m\n/)
    await json.says(/\n/)
    const { sequence, ...message } = JSON.parse(json.lines[0]) as TopicMessageDocument
    assert(BigInt(sequence) >= 0n)
    assert.deepEqual(message, { topic: 'the news', publisher: publisherId, payload: 'hello\u001b[0m\n', missed: 0 })

    const { code, stdout } = await publish('--topic', 'no such topic', '--json')
    assert.deepEqual([code, stdout], [0, '{"recipients":0}\n'])
    assert.deepEqual((await publish('--topic', 'no such topic')).stdout, 'no subscriber is connected\n')
    const ends = [await text.endBy('SIGINT'), await json.endBy('SIGTERM')]
    assert.deepEqual(
      ends.map(({ code, stderr }) => [code, stderr]),
      [
        [130, ''],
        [0, '']
      ]
    )
    await eventually(async () => (await topicsOf(1)).length === 0, { what: 'the end of the topic' })
  })

  it('status tells of subscriptions and topics', async () => {
    const text = await run(['status', '--home', homeOf(1)])
    assert.match(text.stdout, /^subscribes +price in \[10, 20\) and symbol in \{AAPL, MSFT\}: [1-9]\d* delivered, /m)
    const json = await run(['status', '--json', '--home', homeOf(1)])
    const { events, topics } = JSON.parse(json.stdout) as PeerStatus
    const { filter, delivered, missed, links } = events.subscriptions[0]
    assert.deepEqual([filter, missed, topics.subscribed], [FILTER, 0, []])
    assert(delivered > 0 && links > 0 && events.events.received > 0)
  })

  it('the public page of a peer publishes nothing, and tells nobody what comes', async () => {
    const { http } = JSON.parse(peers[0].lines[0])
    const body = JSON.stringify({ event: {}, filter: '*' })

    for (const path of ['/publish', '/subscribe', '/subscriptions']) {
      for (const init of [{}, { method: 'POST', body }]) {
        assert.equal((await fetch(`${http}${path}`, init)).status, 404, path)
      }
    }
  })

  it('says that nobody can be reached, by exit code 1', async () => {
    const home = join(folder, 'alone')
    await startPeer(['--bootstrap', '--home', home, ...LOOPBACK])
    const [text, json] = [
      await run(['publish', '{}', '--home', home]),
      await run(['publish', '{}', '--home', home, '--json'])
    ]
    const says = 'gossip-peer: nobody could be reached who might know who asks for such an event\n'
    assert.deepEqual([text.code, text.stdout, text.stderr], [1, '', says])
    const { outcome, handed } = JSON.parse(json.stdout)
    assert.deepEqual([json.code, outcome, handed, json.stderr], [1, 'unreachable', 0, says])
  })

  it('subscribe says when its peer is killed, or stops', async () => {
    const [first, second] = [await subscriber(2, 'a = 1'), await topicSubscriber(1, 'the end')]
    peers[2].child.kill('SIGKILL')
    assert.equal((await run(['stop', '--home', homeOf(1)])).code, 0)

    for (const subscribed of [first, second]) {
      const { code, stdout, stderr } = await endOf(subscribed)
      assert.deepEqual([code, stdout, stderr], [1, '', 'gossip-peer: the peer has gone\n'])
    }
  })
})

function digest(bytes: Buffer): string {
  return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex')}`
}
