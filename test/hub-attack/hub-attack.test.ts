import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { REUNION_EVERY } from '../../src/sampling/constants.ts'
import type { PeerSamplingInit } from '../../src/sampling/index.ts'
import type { PeerSamplingService } from '../../src/sampling/service.ts'
import { eventually } from '../support/eventually.ts'
import { components, inDegrees, type Member } from '../support/graph.ts'
import { Conspiracy } from './conspiracy.ts'
import { type Place, Stage, startPeer } from './stage.ts'
import { isolatedNodes, memberOf, pollutedLinks, roundOf, watch } from './watch.ts'

const HONEST = 50

/** A tenth of all. As many as a view holds: of fewer no view could be full. */
const ATTACKERS = 6
const VIEW = 6

/** Exchanges that an attacker starts in a period. */
const FAN = 5

/** The last rounds of an attack, of which the mean is taken. */
const LAST = 5

/** Milliseconds for what takes four seconds on a machine with nothing else to do. */
const DEADLINE = 120_000

/** Nobody dies here: where the whole crowd shares a process, a late answer says that the machine is busy. */
const TIMEOUT = 60_000

const SETTINGS: PeerSamplingInit = {
  profile: 'local',
  view: VIEW,
  period: 120,
  exchangeTimeout: TIMEOUT,
  dialTimeout: TIMEOUT
}

/** Links that would lead to each peer if all were equal. */
const FAIR_IN_DEGREE = (HONEST * VIEW) / (HONEST + ATTACKERS)

/**
 * What colluders come to who advertise each other, after so many rounds at least: in simulation, the means of the same
 * rounds over ten seeds.
 */
const HUB_ATTACKS = [
  { against: 'no defence', init: {}, rounds: 25, simulated: { pollutedLinks: 0.999, isolatedNodes: 49.7 } }
]

/** What becomes of honest peers whom colluders advertise: their in-degrees, in units of the fair one. */
const FRAMINGS = [{ against: 'no defence', init: {}, rounds: 10, least: 4, most: HONEST / FAIR_IN_DEGREE }]

/** How far the live share may be from the simulated one. */
const BAND = 0.1

/**
 * Once in so many rounds a peer turns to somebody that it remembers, whatever its view says, and a captured one has honest
 * neighbours again for a while. What the attack comes to shows before the next time.
 */
function endOf(round: number): number {
  return Math.ceil(round / REUNION_EVERY) * REUNION_EVERY - 1
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe(`${ATTACKERS} colluders against ${HONEST} honest peers over TCP`, function () {
  this.timeout(2 * DEADLINE)
  let stage: Stage
  let honest: Place[]
  let hostile: Place[]
  let attackers: ReadonlySet<string>

  before(async () => {
    stage = await Stage.open(HONEST + ATTACKERS)
    honest = stage.places.slice(0, HONEST)
    hostile = stage.places.slice(HONEST)
    attackers = new Set(hostile.map(({ key }) => key))
  })

  after(() => stage.close())

  /** Starts honest peers, each of which joins through a few of the others, and waits until they are one network. */
  async function startHonest(init: PeerSamplingInit): Promise<PeerSamplingService[]> {
    const random = new Random(1)
    const peers = await Promise.all(
      honest.map((place, seed) => {
        const others = honest.filter(other => other !== place)
        random.choose(others, VIEW)
        const bootstrap = others.slice(0, VIEW).flatMap(({ node }) => node.getMultiaddrs())
        return startPeer(place, { ...init, seed, bootstrap })
      })
    )

    await eventually(
      () => {
        const members = watched(peers).map(memberOf)
        return members.every(({ view }) => view.length > VIEW / 2) && components(members) === 1
      },
      { deadline: DEADLINE, what: 'a network of honest peers' }
    )
    return peers
  }

  function watched(peers: PeerSamplingService[]) {
    return peers.map((sampling, i) => ({ key: honest[i].key, sampling }))
  }

  /** What the honest peers know in the last rounds of an attack. */
  async function attack(init: PeerSamplingInit, rounds: number, framed?: string[]): Promise<Member[][]> {
    const peers = await startHonest(init)
    const bootstrap = honest[0].node.getMultiaddrs()
    const conspiracy = new Conspiracy(hostile, { honest: init, bootstrap, fan: FAN, seed: 1, framed })

    try {
      await conspiracy.start()
      const to = endOf(Math.max(...watched(peers).map(roundOf)) + rounds)
      return await watch(watched(peers), { from: to - LAST + 1, to }, DEADLINE)
    } finally {
      await conspiracy.stop()
      await Promise.all(peers.map(peer => peer.stop()))
    }
  }

  for (const { against, init, rounds, simulated } of HUB_ATTACKS) {
    it(`come as far as in simulation against ${against}`, async () => {
      const last = await attack({ ...SETTINGS, ...init }, rounds)
      const polluted = mean(last.map(members => pollutedLinks(members, attackers)))
      const isolated = mean(last.map(members => isolatedNodes(members, attackers)))

      assert.ok(
        Math.abs(polluted - simulated.pollutedLinks) < BAND,
        `polluted links: ${polluted}, in simulation ${simulated.pollutedLinks}`
      )
      assert.ok(
        simulated.isolatedNodes > HONEST / 2 ? isolated > HONEST / 2 : isolated === 0,
        `isolated peers: ${isolated}, in simulation ${simulated.isolatedNodes}`
      )
    })
  }

  for (const { against, init, rounds, least, most } of FRAMINGS) {
    it(`frame honest peers as far as expected against ${against}`, async () => {
      const framed = honest.slice(1, 4).map(({ key }) => key)
      const last = await attack({ ...SETTINGS, ...init }, rounds, framed)

      for (const key of framed) {
        const share = mean(last.map(members => inDegrees(members).get(key) ?? 0)) / FAIR_IN_DEGREE
        assert.ok(share >= least && share <= most, `a framed peer has ${share} times its fair in-degree`)
      }
    })
  }
})
