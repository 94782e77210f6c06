import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { DEFAULT_DIMENSIONS } from '../../src/vivaldi/constants.ts'
import type { Rule } from '../../src/vivaldi/parameters.ts'
import { Crowd, type Lie } from './crowd.ts'
import { internet } from './topologies.ts'

const NODES = 200
const isHonest = (node: number) => node % 10 !== 0

/** One in ten claims to be sure to be somewhere, each time somewhere else. */
function elsewhere(width: number, random: Random): Lie {
  const lie = new Float64Array(DEFAULT_DIMENSIONS + 2)

  return peer => {
    if (isHonest(peer)) {
      return undefined
    }

    for (let i = 0; i < DEFAULT_DIMENSIONS; i++) {
      lie[i] = width * (random.fraction() - 0.5)
    }

    lie[DEFAULT_DIMENSIONS] = (width * random.fraction()) / 10
    lie[DEFAULT_DIMENSIONS + 1] = 0.001
    return lie
  }
}

/** The median relative error among the honest after so many cycles. */
function errorOfHonest(rule: Rule, seed: number, cycles: number, width = 0): number {
  const crowd = new Crowd(internet(NODES, new Random(seed)), { rule }, seed)

  if (width > 0) {
    crowd.lie = elsewhere(width, new Random(seed + 100))
  }

  crowd.run(cycles)
  return crowd.medianError(crowd.raw(), isHonest)
}

describe('one node in ten that lies about where it is, and that it is sure', () => {
  for (const width of [300, 3_000]) {
    it(`within ${width} ms: the error of the honest is less than twice what it would be, and a quarter more in the end`, () => {
      for (const seed of [1, 2, 3]) {
        for (const [cycles, factor] of [
          [100, 2],
          [300, 1.25]
        ]) {
          const [honest, misled] = [
            errorOfHonest('relative', seed, cycles),
            errorOfHonest('relative', seed, cycles, width)
          ]
          assert.ok(misled < factor * honest, `seed ${seed}: ${misled} after ${honest}`)
        }
      }
    })
  }

  it('with the published rule does more harm: twice the error if the lies are likely, useless coordinates if they are wild', () => {
    for (const seed of [1, 2, 3]) {
      assert.ok(errorOfHonest('published', seed, 300, 300) > 1.8 * errorOfHonest('published', seed, 300))
      assert.ok(errorOfHonest('published', seed, 300, 3_000) > 1)
    }
  })
})
