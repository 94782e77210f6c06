import { mix } from '../../gossip/mix.ts'

/** 2^32 divided by the golden ratio: with it added, bits have nothing left in common with what they were. */
const GOLDEN = 0x9e3779b9 | 0

/** Of the ones among 32 bits, 8, and of a triangle over two units, 1/6. */
const DEVIATION = Math.sqrt(8 + 1 / 6)

/**
 * 32 bits that belong to a pair of nodes, as if they had been drawn for it, so that they need not be kept. They are the
 * same either way.
 */
export function pairBits(a: number, b: number, seed: number): number {
  return a < b ? mix(mix(a ^ seed) ^ b) : mix(mix(b ^ seed) ^ a)
}

/** The next 32 bits of a pair, from those before. */
export function nextBits(bits: number): number {
  return mix((bits + GOLDEN) | 0)
}

/**
 * A number with a standard normal distribution, nearly, and never beyond 6: the count of ones in some bits, which is
 * binomial, with the steps smoothed by the difference of two uniform numbers from others (M. B. Reynolds, "A cheap
 * normal distribution approximation", 2021). No logarithm, no cosine: the same on every machine.
 */
export function normal(bits: number, others: number): number {
  let ones = bits - ((bits >>> 1) & 0x55555555)
  ones = (ones & 0x33333333) + ((ones >>> 2) & 0x33333333)
  ones = Math.imul((ones + (ones >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  return (ones - 16 + ((others >>> 16) - (others & 0xffff)) * 2 ** -16) / DEVIATION
}
