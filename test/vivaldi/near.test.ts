import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { predict } from '../../src/vivaldi/coordinate.ts'
import { RULES, vivaldiParameters } from '../../src/vivaldi/parameters.ts'
import { Vivaldi } from '../../src/vivaldi/vivaldi.ts'
import { Crowd } from './crowd.ts'

function longestPrediction(crowd: Crowd): number {
  const coordinates = crowd.raw()
  return Math.max(...coordinates.flatMap((a, i) => coordinates.slice(i + 1).map(b => predict(a, b))))
}

describe('nodes at the same point', () => {
  it('part in any direction, in all dimensions', () => {
    const nodes = 2_000
    const vivaldi = new Vivaldi({ nodes, parameters: vivaldiParameters(), random: new Random(1) })
    const origin = vivaldi.shown.slice(0, vivaldi.width)
    const sums = new Array<number>(vivaldi.parameters.dimensions).fill(0)

    for (let node = 0; node < nodes; node++) {
      vivaldi.observe(node, 0, 100, origin)
      const { position } = vivaldi.raw(node)
      const distance = Math.hypot(...position)
      assert.ok(distance > 10 && distance < 100, `${distance}`)
      position.forEach((x, i) => {
        sums[i] += x / distance
      })
    }

    for (const sum of sums) {
      assert.ok(Math.abs(sum / nodes) < 0.05, `${sum / nodes}`)
    }
  })

  it('stay together while the round trip is as short as their access links', () => {
    const vivaldi = new Vivaldi({ nodes: 2, parameters: vivaldiParameters(), random: new Random(1) })
    vivaldi.observe(0, 1, 0.02, vivaldi.shown, vivaldi.width)
    vivaldi.observe(0, 1, 0.001, vivaldi.shown, vivaldi.width)
    assert.ok(vivaldi.raw(0).position.every(x => x === 0))
  })

  for (const rule of RULES) {
    it(`rule ${rule}: two of them come to be as far apart as their round trip`, () => {
      const crowd = new Crowd({ nodes: 2, roundTrip: () => 40 }, { rule })
      crowd.run(200)
      const [a, b] = crowd.raw()
      assert.ok(Math.abs(predict(a, b) - 40) < 1, `${predict(a, b)}`)
    })
  }
})

describe('nodes on one machine', () => {
  for (const rule of RULES) {
    it(`rule ${rule}: that all measure the same are as far apart as that, or nearly`, () => {
      for (const time of [0.05, 1, 10_000]) {
        const crowd = new Crowd({ nodes: 30, roundTrip: () => time }, { rule })
        crowd.run(500)
        assert.ok(crowd.medianError() < 0.1, `${time} ms: ${crowd.medianError()}`)
      }
    })

    it(`rule ${rule}: with 0.05 to 2 ms of noise never predict more than the longest`, () => {
      for (const seed of [1, 2, 3]) {
        const noise = new Random(seed + 100)
        const crowd = new Crowd({ nodes: 60, roundTrip: () => 0.05 * 40 ** noise.fraction() }, { rule }, seed)

        for (let turn = 0; turn < 30; turn++) {
          crowd.run(20)
          assert.ok(longestPrediction(crowd) < 2, `seed ${seed}: ${longestPrediction(crowd)}`)
        }
      }
    })
  }
})
