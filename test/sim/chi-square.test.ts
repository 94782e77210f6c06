import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { chiSquare, chiSquarePValue } from '../../src/sim/experiments/chi-square.ts'

const SMALLEST_NORMAL = 2 ** -1022

function assertClose(value: number, expected: number, error: number): void {
  assert.ok(Math.abs(value - expected) <= error * expected, `${value} instead of ${expected}`)
}

/**
 * Q for an even number of degrees of freedom, where it is a sum of Poisson probabilities (Abramowitz and Stegun, 26.4.21):
 * from the largest term on, so that none of the others overflows.
 */
function slowPValue(statistic: number, degreesOfFreedom: number): number {
  const terms = degreesOfFreedom / 2
  const logs: number[] = []

  for (let i = 0, log = -statistic / 2; i < terms; i++) {
    logs.push(log)
    log += Math.log(statistic / 2) - Math.log(i + 1)
  }

  const largest = logs.reduce((a, b) => Math.max(a, b))
  return Math.exp(largest) * logs.map(log => Math.exp(log - largest)).reduce((sum, term) => sum + term)
}

describe('the p-value of a chi-square statistic', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.4: upper critical values
  const table: Array<[degreesOfFreedom: number, ...values: number[]]> = [
    [1, 2.706, 3.841, 5.024, 6.635, 10.828],
    [2, 4.605, 5.991, 7.378, 9.21, 13.816],
    [3, 6.251, 7.815, 9.348, 11.345, 16.266],
    [5, 9.236, 11.07, 12.833, 15.086, 20.515],
    [10, 15.987, 18.307, 20.483, 23.209, 29.588],
    [30, 40.256, 43.773, 46.979, 50.892, 59.703],
    [99, 117.407, 123.225, 128.422, 134.642, 148.23],
    [100, 118.498, 124.342, 129.561, 135.807, 149.449]
  ]

  for (const [degreesOfFreedom, ...values] of table) {
    it(`is that of the tables, with ${degreesOfFreedom} degrees of freedom`, () => {
      for (const [i, pValue] of [0.1, 0.05, 0.025, 0.01, 0.001].entries()) {
        // the tables have three decimals
        assertClose(chiSquarePValue(values[i], degreesOfFreedom), pValue, 5e-4)
      }
    })
  }

  // the same table's lower critical values
  it('is that of the tables where the statistic is small', () => {
    for (const [degreesOfFreedom, statistic, pValue] of [
      [1, 0.016, 0.9],
      [1, 0.004, 0.95],
      [10, 3.94, 0.95],
      [10, 1.479, 0.999],
      [100, 77.929, 0.95],
      [100, 61.918, 0.999]
    ]) {
      assertClose(chiSquarePValue(statistic, degreesOfFreedom), pValue, 2e-3)
    }
  })

  it('is a sum of Poisson probabilities for an even number of degrees of freedom, in the tails too', () => {
    const halves = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 30, max: 2_000 }))

    fc.assert(
      fc.property(halves, fc.double({ min: 0.001, max: 8, noNaN: true }), (half, ratio) => {
        const statistic = ratio * half * 2
        const expected = slowPValue(statistic, half * 2)
        // below the smallest normal number digits are lost, one by one
        const error = 1e-9 * expected + SMALLEST_NORMAL
        assert.ok(Math.abs(chiSquarePValue(statistic, half * 2) - expected) <= error, `${expected}`)
      }),
      { numRuns: 500 }
    )
  })

  it('grows from k to k + 2 degrees of freedom by the next term of the series, for odd ones too', () => {
    for (const statistic of [0.1, 1, 5, 30, 80]) {
      // (x/2)^(k/2) e^(-x/2) / gamma(k/2 + 1), beginning with gamma(3/2)
      let term = (Math.sqrt(statistic / 2) * Math.exp(-statistic / 2)) / (Math.sqrt(Math.PI) / 2)

      for (let k = 1; k < 60; k += 2) {
        const grown = chiSquarePValue(statistic, k + 2) - chiSquarePValue(statistic, k)
        assert.ok(Math.abs(grown - term) <= 1e-12 + 1e-9 * term, `${statistic} ${k}`)
        term *= statistic / (k + 2)
      }
    }
  })

  it('holds for as many degrees of freedom as there are nodes', () => {
    for (const degreesOfFreedom of [10_000, 200_000]) {
      for (const deviations of [-6, -1, 0, 1, 6]) {
        const statistic = degreesOfFreedom + deviations * Math.sqrt(2 * degreesOfFreedom)
        assertClose(chiSquarePValue(statistic, degreesOfFreedom), slowPValue(statistic, degreesOfFreedom), 1e-6)
      }
    }

    // so many are as good as normal: a half, and what lies beyond two standard deviations
    assertClose(chiSquarePValue(1e6, 1e6), 0.5, 1e-3)
    assertClose(chiSquarePValue(1e6 + 2 * Math.sqrt(2e6), 1e6), 0.02275, 5e-3)
  })

  it('is 1 where there is nothing to see, and next to 0 where there is no doubt', () => {
    assert.equal(chiSquarePValue(0, 10), 1)
    assert.equal(chiSquarePValue(1e-300, 10), 1)
    assertClose(chiSquarePValue(1_000, 2), Math.exp(-500), 1e-9)
    assert.equal(chiSquarePValue(1e6, 10), 0)
    assert.equal(chiSquarePValue(1e12, 1e6), 0)
  })

  it('never leaves 0 to 1, and falls as the statistic grows', () => {
    for (const degreesOfFreedom of [1, 2, 7, 198, 9_998]) {
      let last = 1

      for (let statistic = 0; statistic < 3 * degreesOfFreedom + 20; statistic += degreesOfFreedom / 50) {
        const pValue = chiSquarePValue(statistic, degreesOfFreedom)
        assert.ok(pValue >= 0 && pValue <= last + 1e-12, `${statistic} ${degreesOfFreedom}`)
        last = pValue
      }
    }
  })

  it('is below 0.05 for one in twenty of uniform draws', () => {
    const random = new Random(1)
    let rejected = 0

    for (let i = 0; i < 2_000; i++) {
      const counts = new Uint32Array(20)

      for (let draw = 0; draw < 200; draw++) {
        counts[random.below(20)]++
      }

      rejected += chiSquarePValue(chiSquare(counts, 200, 20), 19) < 0.05 ? 1 : 0
    }

    // 100; standard deviation 10
    assert.ok(rejected > 55 && rejected < 145, `${rejected}`)
  })
})

describe("Pearson's statistic", () => {
  it('is the sum of the squares of what is too much, each against what is expected', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 2, maxLength: 50 }), counts => {
        const draws = counts.reduce((sum, count) => sum + count, 1)
        counts[0]++
        const expected = draws / counts.length
        const slow = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
        assert.ok(Math.abs(chiSquare(counts, draws, counts.length) - slow) <= 1e-9 * (draws + slow))
      })
    )
  })

  it('passes over a cell that cannot come up', () => {
    assert.equal(chiSquare([0, 5, 5, 5], 15, 3), 0)
  })
})
