/** A seed for a random source that need not be repeated: 53 bits from the system. */
export function drawSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2))
  return (high >>> 11) * 2 ** 32 + low
}
