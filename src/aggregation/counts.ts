/** What was not as usual, in all of a population since it began. */
export interface AggregationCounts {
  /** Messages that made impossible claims, and changed nothing. */
  refused: number
  /** Messages of epochs that the node did not believe in yet. */
  wrongEpoch: number
  /** Requests answered a second time. */
  repeated: number
  /** Exchanges that were given up though they may have been answered. */
  givenUp: number
  /** Nodes that were drawn into the next epoch by others. */
  drawn: number
  /** Nodes that found themselves left behind, and became newcomers. */
  leftBehind: number
}

export function noOddities(): AggregationCounts {
  return { refused: 0, wrongEpoch: 0, repeated: 0, givenUp: 0, drawn: 0, leftBehind: 0 }
}
