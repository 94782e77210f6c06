import assert from 'node:assert/strict'
import { poissonThreshold } from '../../src/gossip/poisson.ts'

/** The probability of so many events or more: all the terms from there on, the smallest first. */
function tail(mean: number, events: number): number {
  const terms: number[] = []
  let logFactorial = 0

  for (let k = 1; k < 1_500; k++) {
    logFactorial += Math.log(k)

    if (k >= events) {
      terms.push(Math.exp(k * Math.log(mean) - mean - logFactorial))
    }
  }

  return terms.reduceRight((sum, term) => sum + term, 0)
}

describe('the number of events that is too many', () => {
  for (const mean of [1e-6, 0.01, 0.05, 0.3, 1, 2.5, 7, 20, 60, 130]) {
    for (const probability of [0.3, 1e-3, 1e-5, 1e-7]) {
      it(`is the first one that is as rare as ${probability}, of ${mean} to be expected`, () => {
        const threshold = poissonThreshold(mean, probability)
        assert.ok(tail(mean, threshold) <= probability)
        assert.ok(threshold === 1 || tail(mean, threshold - 1) > probability)
      })
    }
  }

  it('is 1 where nothing is to be expected', () => {
    assert.equal(poissonThreshold(0, 1e-7), 1)
  })

  it('is 255 where it would be more, however large the mean', () => {
    for (const mean of [250, 1_000, 1e6]) {
      assert.equal(poissonThreshold(mean, 1e-3), 255)
    }
  })
})
