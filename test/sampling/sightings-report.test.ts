import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { sightingsReport } from '../../src/sampling/sightings-report.ts'
import type { Gathered } from '../../src/sampling/statistics.ts'

const NOTHING: Gathered = {
  sightings: 0,
  expected: 0,
  histogram: [],
  half: { sightings: 0, histogram: new Array(63).fill(0) },
  judged: 0,
  unheeded: 0
}
const NOBODY = { suspects: 0, refused: 0 }

/** Draws peers, each with a chance in proportion to its weight, and counts how many came how often. */
function histogramOf(weights: number[], draws: number): number[] {
  const random = new Random(1)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const counts = weights.map(() => 0)

  for (let i = 0; i < draws; i++) {
    let left = random.fraction() * sum
    const drawn = weights.findIndex(weight => {
      left -= weight
      return left < 0
    })
    counts[drawn]++
  }

  return NOTHING.half.histogram.map((_, i) => counts.filter(count => count === i + 1).length)
}

/** Of a peer whose window has twice the sightings of its fuller half. */
function gathered(histogram: number[], sightings: number, expectedInHalf: number): Gathered {
  return { ...NOTHING, sightings: 2 * sightings, expected: 2 * expectedInHalf, half: { sightings, histogram } }
}

function gatheredOf(weights: number[], draws: number, expectedInHalf = draws / weights.length): Gathered {
  return gathered(histogramOf(weights, draws), draws, expectedInHalf)
}

describe('what sightings say of a network', () => {
  it('is nothing before anybody was seen', () => {
    assert.deepEqual(sightingsReport(NOTHING, 0, NOBODY), {
      window: 0,
      expected: 0,
      judged: 0,
      unheeded: 0,
      suspects: 0,
      refused: 0,
      peers: 0,
      counts: []
    })
  })

  for (const peers of [60, 500, 20_000]) {
    it(`is what chance has it where all of ${peers} have the same in-degree`, () => {
      const { counts, peers: seen } = sightingsReport(gatheredOf(new Array(peers).fill(1), 512), 30, NOBODY)
      assert.equal(
        counts.reduce((sum, { peers }) => sum + peers, 0),
        seen
      )
      assert.ok(Math.abs(counts.reduce((sum, { byChance }) => sum + byChance, 0) - seen) < 2)

      for (const { peers, byChance } of counts) {
        assert.ok(Math.abs(peers - byChance) < 4 * Math.sqrt(byChance + 1), `${peers} instead of ${byChance}`)
      }
    })
  }

  it('shows those who are named far more often beside what chance would have', () => {
    const weights = new Array(500).fill(1)
    weights[0] = 40
    const { counts } = sightingsReport(gatheredOf(weights, 512), 30, NOBODY)
    const loudest = counts[counts.length - 1]
    assert.ok(loudest.seen > 20)
    assert.deepEqual([loudest.peers, loudest.byChance], [1, 0])
  })

  it('is in-degrees where peers are seen often: a quarter of them in half as many views', () => {
    const weights = Array.from({ length: 16 }, (_, i) => (i < 4 ? 0.5 : 1))
    const { inDegree } = sightingsReport(gatheredOf(weights, 512, 512 / 14), 10, NOBODY)
    assert.ok(inDegree != null)
    const { min, p10, median, p90, max, error } = inDegree
    assert.ok(min <= p10 && p10 <= median && median <= p90 && p90 <= max)
    assert.ok(Math.abs(p10 - 5) < 2 * error && Math.abs(median - 10) < 2 * error)
    assert.equal(error, 1.7)
  })

  it('is no in-degree where peers are seen hardly ever', () => {
    assert.ok(!('inDegree' in sightingsReport(gatheredOf(new Array(129).fill(1), 512), 30, NOBODY)))
    assert.ok('inDegree' in sightingsReport(gatheredOf(new Array(128).fill(1), 512), 30, NOBODY))
  })

  it('takes the last count for more, too', () => {
    const histogram = [...NOTHING.half.histogram.slice(1), 2]
    const report = sightingsReport(gathered(histogram, 512, 63), 2, NOBODY)
    const last = report.counts[report.counts.length - 1]
    assert.deepEqual([last.seen, last.peers], [63, 2])
    assert.ok(last.byChance > 0.9 && last.byChance < 1.2)
    assert.deepEqual([report.inDegree?.min, report.inDegree?.max], [2, 2])
  })
})
