/** The numbers of a decade at which a logarithmic axis begins and ends, and that it labels when there is room. */
const ROUND = [1, 2, 5]
const OTHERS = [3, 4, 6, 7, 8, 9]

/** With so many powers of ten on the axis, only they are labelled. */
const POWERS = 3

/** More than so many are not labelled all, nor is what is between them marked. */
const MOST_POWERS = 8

/** Within this range a number is written out; beyond, as a power of ten. */
const PLAIN = { low: 1e-3, high: 1e4 }

const SUPERSCRIPTS: Record<string, string> = {
  '-': '⁻',
  0: '⁰',
  1: '¹',
  2: '²',
  3: '³',
  4: '⁴',
  5: '⁵',
  6: '⁶',
  7: '⁷',
  8: '⁸',
  9: '⁹'
}

interface Tick {
  digit: number
  exponent: number
  value: number
}

/** The numbers of these digits before so many zeros, from low to high. */
function ticksBetween(low: number, high: number, digits: number[]): Tick[] {
  const ticks: Tick[] = []

  for (let exponent = Math.floor(Math.log10(low)) - 1; exponent <= Math.ceil(Math.log10(high)) + 1; exponent++) {
    for (const digit of digits) {
      // read, not computed: the nearest to the number there is
      ticks.push({ digit, exponent, value: Number(`${digit}e${exponent}`) })
    }
  }

  return ticks.filter(({ value }) => value >= low && value <= high)
}

/** The nearest round numbers around these. */
export function roundLogRange(low: number, high: number): [low: number, high: number] {
  const values = ticksBetween(low / 10, high * 10, ROUND).map(({ value }) => value)
  return [values.findLast(value => value <= low) ?? low, values.find(value => value >= high) ?? high]
}

/** The ticks of a logarithmic axis between two round numbers: those with a label, and the small ones between them. */
export function logTicks(low: number, high: number): { labels: Map<number, string>; between: number[] } {
  const powers = ticksBetween(low, high, [1])
  const fewPowers = powers.length < POWERS
  const stride = Math.ceil(powers.length / MOST_POWERS)
  const labelled = fewPowers ? ticksBetween(low, high, ROUND) : powers.filter(({ exponent }) => exponent % stride === 0)
  const between = stride > 1 ? [] : ticksBetween(low, high, fewPowers ? OTHERS : [...ROUND.slice(1), ...OTHERS])
  const plain = labelled.every(({ value }) => value >= PLAIN.low && value <= PLAIN.high)

  return {
    labels: new Map(labelled.map(tick => [tick.value, plain ? String(tick.value) : powerText(tick)])),
    between: between.map(({ value }) => value)
  }
}

function powerText({ digit, exponent }: Tick): string {
  const power = `10${[...String(exponent)].map(character => SUPERSCRIPTS[character]).join('')}`
  return digit === 1 ? power : `${digit}×${power}`
}
