// Events against a hundred thousand filters: the index next to a scan of all boxes in typed arrays, which stops at the first attribute
// that does not match, in turn in one process.
// Run with: npm run bench filters

import { Random } from '../src/gossip/random.ts'
import { checkEvent, type Event, type Filter, FilterIndex, parseFilter } from '../src/pubsub/index.ts'
import { median, print } from './report.ts'

const FILTERS = 100_000
/** Events that are told apart; matched in turn. */
const EVENTS = 1_000
/** Events a turn: a scan is so much slower that fewer do. */
const SCANNED = 20
const WARM_UP = 3
const TURNS = 9

/** How the widths of a box's ranges are chosen so that a filter matches a given share of events. */
type Widths = 'unequal' | 'equal'

interface Workload {
  filters: Filter[]
  lows: Float64Array
  highs: Float64Array
  events: Event[]
  points: Float64Array
}

/** Ranges in a unit cube that wraps nowhere: events are uniform in it, and boxes lie in it as a whole. */
function draw(attributes: number, selectivity: number, widths: Widths, random: Random): Workload {
  const lows = new Float64Array(FILTERS * attributes)
  const highs = new Float64Array(FILTERS * attributes)
  const filters = Array.from({ length: FILTERS }, (_, i) => {
    const shares = Array.from({ length: attributes }, () => (widths === 'equal' ? 1 : -Math.log(1 - random.fraction())))
    const sum = shares.reduce((a, b) => a + b)
    const json = shares.map((share, a) => {
      const width = selectivity ** (share / sum)
      const low = random.fraction() * (1 - width)
      lows[i * attributes + a] = low
      highs[i * attributes + a] = low + width
      return [`a${a}`, { '>=': low, '<': low + width }]
    })
    return parseFilter(Object.fromEntries(json))
  })
  const points = Float64Array.from({ length: EVENTS * attributes }, () => random.fraction())
  const events = Array.from({ length: EVENTS }, (_, i) =>
    checkEvent(Object.fromEntries(Array.from({ length: attributes }, (_, a) => [`a${a}`, points[i * attributes + a]])))
  )
  return { filters, lows, highs, events, points }
}

function scan({ lows, highs, points }: Workload, event: number, attributes: number, found: Int32Array): number {
  let count = 0

  for (let filter = 0, first = 0; filter < FILTERS; filter++, first += attributes) {
    let a = 0

    while (a < attributes) {
      const value = points[event * attributes + a]

      if (value < lows[first + a] || value >= highs[first + a]) {
        break
      }

      a++
    }

    if (a === attributes) {
      found[count++] = filter
    }
  }

  return count
}

/** With `node --expose-gc` only: without it what is no longer used counts too. */
async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise(resolve => setImmediate(resolve))
  }

  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function compare(attributes: number, selectivity: number, widths: Widths): Promise<void> {
  const workload = draw(attributes, selectivity, widths, new Random(1))
  const { filters, events } = workload
  const before = await memory()
  const index = new FilterIndex()
  const began = performance.now()
  const ids = filters.map(filter => index.add(filter))
  const added = performance.now() - began
  const bytes = (await memory()) - before
  const found = new Int32Array(FILTERS)
  const took: [number[], number[]] = [[], []]
  let matches = 0

  for (let turn = 0; turn < WARM_UP + TURNS; turn++) {
    const starts = performance.now()
    matches = 0

    for (const event of events) {
      matches += index.match(event).length
    }

    const between = performance.now()
    let scanned = 0

    for (let i = 0; i < SCANNED; i++) {
      scanned += scan(workload, (turn * SCANNED + i) % EVENTS, attributes, found)
    }

    const ended = performance.now()

    if (turn >= WARM_UP && scanned >= 0) {
      took[0].push((1e3 * (between - starts)) / EVENTS)
      took[1].push((1e3 * (ended - between)) / SCANNED)
    }
  }

  const removing = performance.now()

  for (const id of ids) {
    index.remove(id)
  }

  const removed = performance.now() - removing
  print(`${FILTERS} filters of ${attributes} attributes, ${100 * selectivity} % of events each, ${widths} widths`, {
    'events per second': Math.round(1e6 / median(took[0])),
    'events per second of a scan': Math.round(1e6 / median(took[1])),
    ratio: median(took[1].map((time, i) => time / took[0][i])),
    'matches an event': matches / EVENTS,
    'microseconds to add a filter': (1e3 * added) / FILTERS,
    'microseconds to remove a filter': (1e3 * removed) / FILTERS,
    ...(globalThis.gc === undefined ? {} : { 'bytes a filter': Math.round(bytes / FILTERS) })
  })
}

/** Filters as people write them: one of a thousand symbols or of a hundred hosts, and a range; next to a scan that asks each filter. */
function mixed(): void {
  const random = new Random(2)
  const symbol = () => `S${random.below(1_000)}`
  const host = () => `www.h${random.below(100)}.org`
  const filters = Array.from({ length: FILTERS }, (_, i) => {
    const low = random.fraction()
    const price = { '>=': low, '<': low + 0.3 * random.fraction() }
    return parseFilter(
      i % 2 === 0
        ? { symbol: { in: [symbol(), symbol()] }, price }
        : { host: { ends: host().slice(4) }, price, urgent: i % 4 === 1 }
    )
  })
  const events = Array.from({ length: EVENTS }, () =>
    checkEvent({ symbol: symbol(), host: host(), price: random.fraction(), urgent: random.below(2) === 0 })
  )
  const index = new FilterIndex()

  for (const filter of filters) {
    index.add(filter)
  }

  const took: [number[], number[]] = [[], []]
  let matches = 0

  for (let turn = 0; turn < WARM_UP + TURNS; turn++) {
    const starts = performance.now()
    matches = 0

    for (const event of events) {
      matches += index.match(event).length
    }

    const between = performance.now()
    const event = events[turn]
    const scanned = filters.filter(filter => filter.matches(event)).length

    if (turn >= WARM_UP && scanned >= 0) {
      took[0].push((1e3 * (between - starts)) / EVENTS)
      took[1].push(1e3 * (performance.now() - between))
    }
  }

  print(`${FILTERS} filters, half by symbol and price, half by the end of a host, price and urgency`, {
    'events per second': Math.round(1e6 / median(took[0])),
    'events per second, asking each filter': Math.round(1e6 / median(took[1])),
    ratio: median(took[1].map((time, i) => time / took[0][i])),
    'matches an event': matches / EVENTS
  })
}

for (const widths of ['unequal', 'equal'] as const) {
  for (const attributes of [4, 8]) {
    for (const selectivity of [0.001, 0.01, 0.1]) {
      await compare(attributes, selectivity, widths)
    }
  }
}

mixed()
