import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'

describe('the seeded random source', () => {
  it('gives the same sequence for the same seed, on every machine', () => {
    const random = new Random(42)
    const first = Array.from({ length: 4 }, () => random.next())
    assert.deepEqual(first, GOLDEN)
  })

  it('gives another sequence for a seed that differs only above 32 bits', () => {
    assert.notEqual(new Random(7).next(), new Random(7 + 2 ** 32).next())
  })

  it('draws every number below n about equally often', () => {
    const random = new Random(1)
    const counts = new Array<number>(10).fill(0)

    for (let i = 0; i < 100_000; i++) {
      counts[random.below(10)]++
    }

    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    // 9 degrees of freedom: 27.9 is exceeded once in a thousand, and this seed does not
    assert.ok(chiSquare < 27.9, `chi-square ${chiSquare}`)
  })

  it('draws fractions below one', () => {
    const random = new Random(3)

    for (let i = 0; i < 10_000; i++) {
      const fraction = random.fraction()
      assert.ok(fraction >= 0 && fraction < 1)
    }
  })

  it('gives the same draws whether they are prepared, skipped or drawn one by one', () => {
    const random = new Random(5)
    const plain = new Random(5)
    const choice = new Random(6)

    for (let i = 0; i < 1_000; i++) {
      const count = choice.below(513)
      const used = choice.below(count + 1)
      const first = random.prepare(count)

      for (let k = 0; k < used; k++) {
        assert.equal(random.drawn(first + k, 30), plain.below(30))
      }

      random.skip(used)
      assert.equal(random.next(), plain.next())
    }
  })

  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
    it(`refuses the seed ${seed}`, () => {
      assert.throws(() => new Random(seed), /seed: .* is not a whole number from 0 to 2\^53 - 1/)
    })
  }
})

const GOLDEN = [3648644458, 4206697674, 2509843200, 3011021589]
