import assert from 'node:assert/strict'
import { mix } from '../../src/gossip/mix.ts'
import { Random } from '../../src/gossip/random.ts'

/** The one number that times an odd one is 1, modulo 2^32 (Newton). */
function inverse(odd: number): number {
  let x = odd

  for (let i = 0; i < 5; i++) {
    x = Math.imul(x, 2 - Math.imul(odd, x))
  }

  return x
}

/** Takes the steps back, one after the other: what `x ^= x >>> shift` made, it undoes. */
function unmix(mixed: number): number {
  const unshift = (y: number, shift: number) => {
    let x = y

    for (let known = shift; known < 32; known += shift) {
      x = y ^ (x >>> shift)
    }

    return x
  }
  let x = unshift(mixed, 15)
  x = unshift(Math.imul(x, inverse(0x735a2d97)), 15)
  return unshift(Math.imul(x, inverse(0x21f0aaad)), 16)
}

describe('mixing bits', () => {
  it('is one to one: it can be undone', () => {
    const random = new Random(1)

    for (let i = 0; i < 10_000; i++) {
      const bits = random.next() | 0
      assert.equal(unmix(mix(bits)), bits)
      assert.equal(mix(bits >>> 0), mix(bits), 'a number means the same with and without its sign')
    }
  })

  it('turns each bit over half of the time, whichever bit went in', () => {
    const random = new Random(2)
    const draws = 4_000

    for (let went = 0; went < 32; went++) {
      const turned = new Uint32Array(32)

      for (let i = 0; i < draws; i++) {
        const bits = random.next()
        const changed = mix(bits) ^ mix(bits ^ (1 << went))

        for (let came = 0; came < 32; came++) {
          turned[came] += (changed >>> came) & 1
        }
      }

      // six standard deviations of tosses
      const room = 6 * Math.sqrt(draws / 4)
      assert.ok(
        turned.every(count => Math.abs(count - draws / 2) < room),
        `bit ${went}: ${turned}`
      )
    }
  })

  it('spreads numbers that follow each other evenly, by any of its bytes', () => {
    for (const shift of [0, 8, 16, 24]) {
      const counts = new Uint32Array(256)

      for (let i = 0; i < 25_600; i++) {
        counts[(mix(i) >>> shift) & 255]++
      }

      assert.ok(Math.min(...counts) > 50 && Math.max(...counts) < 150)
    }
  })
})
