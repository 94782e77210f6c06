import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { Clusters } from './clusters.ts'
import { DelayedCrowd, median } from './delayed-crowd.ts'

/** Milliseconds. */
const PERIOD = 300
/** Rounds after which predictions are good, and those in which a peer that moves is in its new place. */
const ROUNDS = 60
/** On a machine that is short of time exchanges take longer than the way does: predictions come right later. */
const GRACE = 60
/** Measured: 0.03 to 0.04, and 0.05 beside two busy loops. */
const GOOD = 0.15
/** Neighbours of each peer that are looked at. */
const NEAR = 3

describe('peers in three clusters, some tens of milliseconds apart', function () {
  this.timeout(180_000)

  const layout = new Clusters()
  const crowd = new DelayedCrowd(layout)
  const peers = Array.from({ length: layout.size }, (_, peer) => peer)
  const pairs = peers.flatMap(a => peers.slice(0, a).map(b => [a, b]))

  before(() => crowd.start(PERIOD))

  after(() => crowd.stop())

  /** Somebody else, not always the same one. */
  function third(a: number, b: number): number {
    const others = peers.filter(peer => peer !== a && peer !== b)
    return others[(a + b) % others.length]
  }

  function badPredictions(judged: number[][]): string | undefined {
    const own = median(judged.map(([a, b]) => crowd.error(a, a, b)))
    const others = median(judged.map(([a, b]) => crowd.error(third(a, b), a, b)))
    const worse = Math.max(own, others)
    return worse > GOOD ? `predictions are off by ${own}, for others by ${others}` : undefined
  }

  function strangeNeighbours(judged: number[]): string | undefined {
    const stretches = judged.map(peer => crowd.stretch(peer, NEAR))
    // measured: up to 1.11; random ones would be 2 to 4 times as far, 3 on average
    const farthest = Math.max(...stretches)
    const strays = judged.filter(peer => !startsAtHome(peer))
    return farthest > 1.5 || strays.length > 0
      ? `neighbours are up to ${farthest} times as far as the nearest, and ${strays.length} look elsewhere`
      : undefined
  }

  /** Whether a peer takes one of its own cluster for the nearest that it knows. */
  function startsAtHome(peer: number): boolean {
    const [nearest] = crowd.nodes[peer].services.vivaldi.nearest(NEAR)
    return nearest != null && layout.clusterOf(crowd.numberOf(nearest.id)) === layout.clusterOf(peer)
  }

  it(`predict the round trips of all pairs after ${ROUNDS} rounds, their own and those of others`, async () => {
    await crowd.after(ROUNDS, GRACE, () => badPredictions(pairs))
  })

  it('have those for neighbours who are truly near', async () => {
    await crowd.after(0, GRACE, () => strangeNeighbours(peers))
  })

  /** How many times as long as the way what they measure is, for themselves and for others. */
  async function measured(): Promise<number[]> {
    const ratios: number[] = []

    for (const a of peers.filter(peer => peer % 3 === 0)) {
      const b = (a * 7 + 3) % peers.length
      const asked = third(a, b)
      const there = await crowd.nodes[a].services.vivaldi.measure(crowd.nodes[b].peerId)
      const claimed = await crowd.nodes[asked].services.vivaldi.measure(crowd.nodes[b].peerId, {
        from: crowd.nodes[a].peerId
      })
      ratios.push(there / layout.roundTrip(a, b), claimed / layout.roundTrip(a, b))
    }

    return ratios
  }

  it('measure what the way takes, and never less, for themselves and for others', async () => {
    let least = Number.POSITIVE_INFINITY
    await eventually(
      async () => {
        const ratios = await measured()
        least = Math.min(least, ...ratios)
        // not while the machine is busy
        return median(ratios) < 1.1
      },
      { what: 'what the way takes', deadline: 100_000 }
    )
    assert.ok(least >= 1, `${least}`)
  })

  it(`find out within ${ROUNDS} rounds that one of them has gone to another cluster`, async () => {
    const mover = 0
    const moved = peers
      .filter(peer => peer !== mover)
      .flatMap(peer => [
        [mover, peer],
        [peer, mover]
      ])
    layout.move(mover, layout.clusterOf(peers.length - 1))
    assert.notEqual(badPredictions(moved), undefined)
    await crowd.after(0, ROUNDS, () => badPredictions(moved) ?? strangeNeighbours([mover]))
  })
})
