/** What the network that a peer is in asks of every protocol. All times in milliseconds. */
export interface NetworkTiming {
  /** Time between two exchanges that a peer starts, on average. */
  readonly period: number
  /** How long connecting to a partner may take. */
  readonly dialTimeout: number
  /** How long a partner may take to answer once it has the request. */
  readonly exchangeTimeout: number
  /** How long a stream may bring no complete message before it is closed. */
  readonly streamTimeout: number
  /** Requests that one peer may send in a period, in the long run. */
  readonly requestsPerPeriod: number
}
