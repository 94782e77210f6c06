import assert from 'node:assert/strict'
import { DEFAULT_VIEW_SIZE } from '../../src/sampling/constants.ts'
import { sampling, simulate } from '../../src/sim/index.ts'
import { badView, components, inDegrees, standardDeviation } from '../support/graph.ts'
import { Crowd, type CrowdProcess, type PeerReport } from './crowd.ts'

const PEERS = 60
const PROCESSES = 6

/** The in-degree spread that the same core has at this size when nothing is lost or late. */
async function expectedSpread(nodes: number): Promise<number> {
  const { rounds } = await simulate(sampling, { nodes, rounds: 80 }, { measureEvery: 2 })
  const settled = rounds.filter(({ round }) => round > 40)
  return settled.reduce((sum, { inDegree }) => sum + inDegree.standardDeviation, 0) / settled.length
}

function unhealthy(peers: PeerReport[]): string | undefined {
  const parts = components(peers)
  return (
    badView(peers, Math.min(DEFAULT_VIEW_SIZE, peers.length - 1)) ?? (parts > 1 ? `${parts} components` : undefined)
  )
}

describe(`a crowd of ${PEERS} peers in ${PROCESSES + 1} processes`, function () {
  this.timeout(400_000)
  const crowd = new Crowd()
  let bootstrap: CrowdProcess

  before(async () => {
    bootstrap = await crowd.start(1, [])
    const addresses = bootstrap.peers[0].addresses
    const others = Math.ceil((PEERS - 1) / PROCESSES)
    const sizes = Array.from({ length: PROCESSES }, (_, i) => Math.min(others, PEERS - 1 - i * others))
    await Promise.all(sizes.map(size => crowd.start(size, addresses)))
  })

  after(() => crowd.stop())

  it('joined through one of them, has full and proper views and is one network within 40 rounds', async () => {
    await crowd.within(40, unhealthy)
  })

  it('spreads its links evenly, and does not make a star of the peer that everybody joined through', async () => {
    const limit = 2 * (await expectedSpread(PEERS))
    const center = bootstrap.peers[0].id

    await crowd.within(40, peers => {
      const degrees = inDegrees(peers)
      const spread = standardDeviation([...degrees.values()])
      const mean = DEFAULT_VIEW_SIZE
      const star = degrees.get(center) ?? 0

      if (spread > limit) {
        return `in-degrees spread by ${spread}, more than ${limit}`
      }

      return star > mean + 3 * limit ? `the bootstrap peer has an in-degree of ${star}` : undefined
    })
  })

  it('takes newcomers through any member once the bootstrap peer is dead', async () => {
    await crowd.kill([bootstrap])
    const members = await crowd.report()
    const contact = members[members.length >> 1]
    await crowd.start(3, contact.addresses)
    await crowd.within(40, unhealthy)
  })

  it('grows together again within 60 rounds of the end of a cut into halves', async () => {
    const half = crowd.processes.slice(0, crowd.processes.length >> 1)
    const other = crowd.processes.filter(process => !half.includes(process))
    const idsOf = (processes: CrowdProcess[]) => processes.flatMap(process => process.peers.map(peer => peer.id))
    const [here, there] = [idsOf(half), idsOf(other)]
    const across = (peers: PeerReport[]) =>
      peers.filter(peer => peer.view.some(id => here.includes(peer.id) !== here.includes(id))).length

    const refuse = (processes: CrowdProcess[], ids: string[]) =>
      Promise.all(processes.map(process => process.tell({ do: 'refuse', ids })))
    await refuse(half, there)
    await refuse(other, here)
    await crowd.within(100, peers => {
      const left = across(peers)
      return left > 0 ? `${left} peers still see across the cut` : undefined
    })
    assert.equal(components(await crowd.report()), 2)

    await refuse(half, [])
    await refuse(other, [])
    await crowd.within(60, unhealthy)
    await crowd.within(60, peers => (across(peers) < peers.length / 2 ? 'most peers see one half only' : undefined))
  })

  it('forgets the dead within 40 rounds of the sudden end of half of its processes', async () => {
    await crowd.kill(crowd.processes.slice(0, crowd.processes.length >> 1))
    await crowd.within(40, unhealthy)
  })
})
