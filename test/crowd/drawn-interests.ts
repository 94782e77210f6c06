import type { Random } from '../../src/gossip/random.ts'
import type { FilterJson, Value } from '../../src/pubsub/index.ts'

export type Attributes = Record<string, Value>

const SYMBOLS = ['AAPL', 'AMZN', 'GOOG', 'INTC', 'MSFT', 'NFLX', 'NVDA', 'TSLA']
const PATHS = ['https', 'https://news', 'https://news.example.org/a']
const HOSTS = ['.org', '.example.org', 'news.example.org']
const HIGHEST_PRICE = 100
const HIGHEST_VOLUME = 1_000

/** Every filter that is drawn here asks for it. */
export const FOR_ALL: Attributes = {
  price: 50,
  volume: 500,
  symbol: 'MSFT',
  url: 'https://news.example.org/all',
  host: 'news.example.org',
  urgent: true
}

/** No event that is drawn here lies in it, and {@link FOR_ALL} does not either. */
export const IN_VAIN: FilterJson = { price: { '>': HIGHEST_PRICE } }

/** No filter that is drawn here asks for it, but for those that ask for everything. */
export const FOR_NOBODY: Attributes = { price: -1, volume: -1, symbol: 'NONE', url: '-', host: '-', urgent: false }

/** Something of one to four attributes: ranges, sets, beginnings, ends, and what is true. */
export function drawFilter(random: Random): FilterJson {
  const asked: Record<string, NonNullable<FilterJson[string]>> = {
    price: drawRange(random, HIGHEST_PRICE),
    volume: drawRange(random, HIGHEST_VOLUME),
    symbol: { in: ['MSFT', ...SYMBOLS.filter(() => random.below(6) === 0)] },
    url: { starts: one(random, PATHS) },
    host: { ends: one(random, HOSTS) },
    urgent: true
  }
  const names = Object.keys(asked)
  random.choose(names, names.length)
  return Object.fromEntries(names.slice(0, 1 + random.below(4)).map(name => [name, asked[name]]))
}

/** About the middle, closed or open at either end, often narrow. */
function drawRange(random: Random, highest: number): NonNullable<FilterJson[string]> {
  const low = (highest / 2) * (1 - random.fraction() ** 2)
  const high = (highest / 2) * (1 + random.fraction() ** 2)
  const from = random.below(2) === 0 ? { '>': low - 1 } : { '>=': low }
  const to = random.below(2) === 0 ? { '<': high + 1 } : { '<=': high }
  return { ...from, ...to }
}

export function drawEvent(random: Random): Attributes {
  const host = one(random, ['news.example.org', 'www.example.org', 'example.net', 'gossip.org'])
  return {
    price: random.fraction() * HIGHEST_PRICE,
    volume: random.below(HIGHEST_VOLUME),
    symbol: one(random, SYMBOLS),
    url: `${one(random, ['http', 'https'])}://${host}/${one(random, ['a', 'b', 'c'])}`,
    host,
    urgent: random.below(4) === 0
  }
}

export function one<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]
}
