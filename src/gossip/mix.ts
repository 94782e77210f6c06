/**
 * Spreads 32 bits over 32 bits, one to one: any bit changes half of the others (C. Wellons, "hash-prospector", 2018, where
 * it has the least bias of its kind). Not for secrets: who knows the outcome knows what went in.
 */
export function mix(bits: number): number {
  let x = bits
  x ^= x >>> 16
  x = Math.imul(x, 0x21f0aaad)
  x ^= x >>> 15
  x = Math.imul(x, 0x735a2d97)
  return x ^ (x >>> 15)
}
