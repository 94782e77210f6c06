const double = new Float64Array(1)
const bits = new BigInt64Array(double.buffer)

/** The least double above a number. */
export function nextUp(value: number): number {
  if (value === Infinity || Number.isNaN(value)) {
    return value
  }

  double[0] = value === 0 ? 0 : value
  bits[0] += bits[0] >= 0n ? 1n : -1n
  return double[0]
}

/** The greatest double below a number. */
export function nextDown(value: number): number {
  return -nextUp(-value)
}

/** Sorts strings by code points, as their UTF-8 is sorted by bytes. `<` sorts by UTF-16, in which astral characters come too early. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)

  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)

    if (left !== right) {
      return rank(left) - rank(right)
    }
  }

  return a.length - b.length
}

/** Halves of pairs stand for code points above all that one unit holds. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
