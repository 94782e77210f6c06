/**
 * Events by content: what an event is, filters that say which events one wants, and an index that finds the filters an event matches.
 * Nothing here knows a network.
 *
 * An event gives each attribute a number, a string or a boolean. A filter asks something of some attributes, in text or in JSON form;
 * both have the same power.
 *
 * @example
 *
 * ```typescript
 * import { checkEvent, FilterIndex, parseFilter } from 'gossip-peer/pubsub'
 *
 * const cheap = parseFilter('price in [10, 20) and symbol in {AAPL, MSFT}')
 * const secure = parseFilter({ url: { starts: 'https' }, host: { ends: '.org' }, urgent: true })
 * const event = checkEvent({ price: 12.5, symbol: 'AAPL' })
 * console.log(cheap.matches(event), secure.matches(event))
 * console.log(String(secure), JSON.stringify(cheap))
 *
 * const index = new FilterIndex()
 * const names = new Map([
 *   [index.add(cheap), 'cheap'],
 *   [index.add(secure), 'secure']
 * ])
 *
 * for (const id of index.match(event)) {
 *   console.log('wanted by', names.get(id))
 * }
 * ```
 *
 * @packageDocumentation
 */

export { toPoint } from './axes.ts'
export { type Box, holds, type Interval, toBoxes } from './boxes.ts'
export type { Affixes, Condition, OneOf, Range } from './condition.ts'
export * from './constants.ts'
export { checkEvent, type Event, type EventDefect, EventError, type Value } from './event.ts'
export { Filter, parseFilter } from './filter.ts'
export { type FilterDefect, FilterError } from './filter-error.ts'
export { FilterIndex } from './filter-index.ts'
export type { EndJson, FilterJson, PredicatesJson } from './filter-json.ts'
