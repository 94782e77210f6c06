import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import type { FilterJson } from '../../src/pubsub/index.ts'
import { eventually } from '../support/eventually.ts'
import { drawEvent, drawFilter, FOR_ALL, FOR_NOBODY, IN_VAIN, one } from './drawn-interests.ts'
import { PublishedEvents } from './published-events.ts'
import { SubscriberCrowd, type SubscribingPeer } from './subscriber-crowd.ts'

const PEERS = 60
/** Of them, those that only publish. */
const SILENT = 10
const SUBSCRIPTIONS = 100
const EVENTS = 1_000
/** Publications under way at once. */
const LANES = 8
/** Peers of each process that is killed, and the events before which one is, and before which as many peers join. */
const TOGETHER = 2
const KILLS = [200, 350, 500]
const JOINS = [50, 100, 150]
/** Before this event newcomers must be in. */
const SETTLED = 800
/** So many events before a kill may be on their way when it comes. */
const ON_THEIR_WAY = 25
/** Processes of those that stay. */
const PROCESSES = 3
/** Milliseconds. */
const PERIOD = 800
/** Until a subscription counts; and of repair. */
const ROUNDS = 20
const REPAIR_ROUNDS = 12
/** Rounds after which what has not come does not come any more. */
const PATIENCE = 2 * REPAIR_ROUNDS
/** Share of the deliveries that may be lost where peers are killed, and of the publications that find nobody. The aim under churn is 0.001. */
const MOST_LOST = 0.002
const SEED = 7

describe(`${PEERS} peers with ${SUBSCRIPTIONS} subscriptions (seed ${SEED})`, function () {
  const deadline = 300_000
  this.timeout(2 * deadline)

  const random = new Random(SEED)
  const crowd = new SubscriberCrowd(PERIOD)
  const events = new PublishedEvents()
  let addresses: string[] = []
  let silent: string[] = []

  before(async () => {
    const asked: FilterJson[] = [IN_VAIN, ...Array.from({ length: SUBSCRIPTIONS - 1 }, () => drawFilter(random))]
    const filters = Array.from({ length: PEERS }, (): FilterJson[] => [])
    asked.forEach((filter, i) => {
      // everybody who asks for anything has one, and some have more
      filters[SILENT + (i < PEERS - SILENT ? i : random.below(PEERS - SILENT))].push(filter)
    })
    const [first] = await crowd.start([[filters[0]]], [])
    addresses = first.addresses
    const quiet = await crowd.join(filters.slice(1, SILENT), addresses)
    silent = [first, ...quiet].map(({ id }) => id)
    const victims = KILLS.map(() => filters.splice(-TOGETHER))
    const others = filters.slice(SILENT)
    const staying = Array.from({ length: PROCESSES }, (_, i) => others.filter((_, j) => j % PROCESSES === i))
    await crowd.start([...staying, ...victims], addresses)
  })

  after(() => crowd.stop())

  async function publish(peer: string, attributes = drawEvent(random)): Promise<string> {
    const number = events.add(attributes)
    const outcome = await crowd.publish(peer, number, attributes)
    events.settle(number, outcome)
    return outcome
  }

  /** All that was published has come to all who asked for it, but for the share that may be lost, and to nobody else. */
  async function complete(mayBeLost = 0): Promise<SubscribingPeer[]> {
    let peers: SubscribingPeer[] = []
    let missing: string[] = []
    const began = new Map((await crowd.report()).map(({ id, rounds }) => [id, rounds]))
    const isOver = async () => {
      peers = await crowd.report()
      missing = events.missing(peers)
      return missing.length === 0 || peers.every(({ id, rounds }) => rounds >= (began.get(id) ?? 0) + PATIENCE)
    }
    await eventually(isOver, { what: 'all, or that nothing more comes', deadline })
    const lost = `lost: ${missing.length} of ${events.owed(peers)}, of them ${missing.slice(0, 5).join('; ')}`
    assert.ok(missing.length <= mayBeLost * events.owed(peers), lost)
    assert.deepEqual(events.wrong([...peers, ...crowd.killed]), [])
    return peers
  }

  async function rounds(count: number): Promise<void> {
    const began = new Map((await crowd.report()).map(({ id, rounds }) => [id, rounds]))
    const passed = async () =>
      (await crowd.report()).every(({ id, rounds }) => rounds >= (began.get(id) ?? rounds) + count)
    await eventually(passed, { what: `${count} rounds`, deadline })
  }

  it('find each other', async () => {
    const isFormed = async () => events.expect(await crowd.report(), ROUNDS)
    await eventually(isFormed, { what: `${ROUNDS} rounds`, deadline })
  })

  it('do not get what nobody asks for, and who publishes it is told so', async () => {
    assert.equal(await publish(silent[1], FOR_NOBODY), 'nobody')
    assert.equal(await publish(crowd.living[SILENT], FOR_NOBODY), 'nobody')
    await complete()
  })

  it('all get what all ask for, of a peer that asks for nothing, but for one that asks for what never comes', async () => {
    const number = events.count
    assert.equal(await publish(silent[2], FOR_ALL), 'handed')
    const taken = (await complete()).flatMap(({ subscriptions }) => subscriptions)
    assert.equal(taken.filter(({ events }) => events.includes(number)).length, SUBSCRIPTIONS - 1)
  })

  it(`get ${EVENTS} events that they ask for, and no other, while some are killed and some join`, async () => {
    const end = events.count + EVENTS
    const first = events.count
    // asks for everything from when it is in
    await crowd.subscribe(silent[3], {})

    const change = async (number: number) => {
      if (KILLS.includes(number)) {
        const from = events.count - ON_THEIR_WAY
        await crowd.killLast()
        events.endanger(from)
      } else if (JOINS.includes(number)) {
        const newcomers = Array.from({ length: TOGETHER }, () => [drawFilter(random)])
        newcomers[0].push(number === JOINS[0] ? {} : drawFilter(random))
        await crowd.join(newcomers, addresses)
      } else if (number === SETTLED) {
        const areIn = async () => events.expect(await crowd.report(), ROUNDS)
        await eventually(areIn, { what: 'newcomers have had their rounds', deadline })
      } else if (number % 50 === 0) {
        events.expect(await crowd.report(), ROUNDS)
      }
    }

    const lane = async () => {
      while (events.count < end) {
        const published = publish(one(random, crowd.living))
        await change(events.count - first)
        await published
      }
    }

    await Promise.all(Array.from({ length: LANES }, lane))
    const peers = await complete(MOST_LOST)
    assert.equal(peers.length, PEERS)
    assert.equal(crowd.killed.length, TOGETHER * KILLS.length)
    const misreported = events.misreported(peers)
    assert.ok(misreported.length <= MOST_LOST * EVENTS, misreported.join('; '))
  })

  it('get nothing twice when partners in gossip go on comparing', async () => {
    await rounds(REPAIR_ROUNDS)
    const peers = await complete(MOST_LOST)
    const taken = peers.flatMap(({ subscriptions }) => subscriptions)
    assert.equal(
      taken.reduce((sum, { missed }) => sum + missed, 0),
      0
    )
    const inVain = taken.filter(({ filter }) => JSON.stringify(filter) === JSON.stringify(IN_VAIN))
    assert.deepEqual(
      inVain.map(({ events }) => events),
      [[]]
    )
  })
})
