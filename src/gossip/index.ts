/**
 * What all gossip protocols share: the exchange pattern as a type, partial views, and the seeded random source. Nothing
 * here opens a socket, reads a clock or knows libp2p.
 *
 * @packageDocumentation
 */
export * from './exchange.ts'
export { oneOf, ParameterError, wholeNumber } from './parameters.ts'
export { PeerFilter } from './peer-filter.ts'
export type { PeerSource } from './peer-source.ts'
export { PeerTable } from './peer-table.ts'
export { Quarantine } from './quarantine.ts'
export { Random } from './random.ts'
export { MAX_AGE, Views } from './views.ts'
