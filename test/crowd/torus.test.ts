import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { shuffledPoints, TorusCrowd, type TorusPeer, Truth } from './torus-crowd.ts'

const SIDE = 8
const PEERS = SIDE * SIDE
const KILLED = 16
const ROUTES = 32
/** Milliseconds: so that a busy machine keeps pace. */
const PERIOD = 800
const SEED = 64

describe(`${PEERS} peers on a torus of ${SIDE} x ${SIDE}`, function () {
  this.timeout(240_000)

  const crowd = new TorusCrowd(SIDE, PERIOD)
  const random = new Random(SEED)

  /** One that the others join through, in a process of its own; and the last process with all those that are to die. */
  before(async () => {
    const points = shuffledPoints(SIDE, random)
    const lists = Array.from({ length: PEERS / KILLED }, (_, i) => points.slice(i * KILLED, (i + 1) * KILLED))
    await crowd.start([lists[0].splice(0, 1)], [])
    const [first] = await crowd.report()
    await crowd.start(lists, first.addresses)
  })

  after(async () => await crowd.stop())

  const roundsOf = (peers: TorusPeer[]) => new Map(peers.map(({ id, rounds }) => [id, rounds]))
  const wrongNeighbours = (peers: TorusPeer[]) => new Truth(SIDE, peers).complaint()

  async function checkRoutes(): Promise<void> {
    const peers = await crowd.report()
    const truth = new Truth(SIDE, peers)
    const drawn = Array.from({ length: ROUTES }, () => ({
      from: peers[random.below(peers.length)].id,
      to: [random.below(SIDE), random.below(SIDE)]
    }))
    const routes = await crowd.route(drawn)
    assert.equal(routes.length, drawn.length)

    for (const { to, outcome, end } of routes) {
      assert.equal(truth.distanceOf(end, to), truth.least(to), `the way to ${to}`)
      assert.equal(outcome, truth.least(to) === 0 ? 'arrived' : 'nearest')
    }
  }

  it('have all their neighbours within 15 rounds of joining', async () => {
    const joined = new Map((await crowd.report()).map(peer => [peer.id, peer.joined]))
    await crowd.within(15, joined, wrongNeighbours)
  })

  it('are found from everywhere', checkRoutes)

  it(`have all their neighbours again when ${KILLED} are killed and others come, at points of their own`, async () => {
    const left = roundsOf(await crowd.report())
    const killed = await crowd.killLast()
    assert.equal(killed.length, KILLED)
    const [contact] = (await crowd.report()).filter(({ id }) => left.has(id))
    await crowd.start(
      [Array.from({ length: KILLED }, () => [random.below(SIDE), random.below(SIDE)])],
      contact.addresses
    )
    await crowd.within(40, roundsOf(await crowd.report()), wrongNeighbours)
  })

  it('are found from everywhere, and nearest to points that are empty', checkRoutes)
})
