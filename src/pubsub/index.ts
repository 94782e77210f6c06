export { checkEvent, type Event, type EventDefect, EventError, type Value } from './event.ts'
export { Filter, parseFilter } from './filter.ts'
export { type FilterDefect, FilterError } from './filter-error.ts'
export type { EndJson, FilterJson, PredicatesJson } from './filter-json.ts'
