/**
 * The simulator: the protocol cores that run live, for up to a few million nodes in one process, with faults on demand.
 * Every run is repeatable from its seed.
 *
 * @example
 *
 * ```typescript
 * import { sampling, simulate } from 'gossip-peer/sim'
 *
 * // half of 500 nodes crash after the twentieth of 60 rounds
 * const result = await simulate(
 *   sampling,
 *   { nodes: 500, rounds: 60, preset: 'healer', crash: [{ share: 0.5, round: 20 }] },
 *   { seed: 7, measureEvery: 20 }
 * )
 *
 * for (const { round, deadLinks, inDegree } of result.rounds) {
 *   console.log(round, deadLinks, inDegree.standardDeviation)
 * }
 * ```
 *
 * @packageDocumentation
 */
export type { Damage } from './attack/damage.ts'
export { ATTACKS, type Attack, type AttackOptions, type AttackParameters } from './attack/parameters.ts'
export { type DelayDistribution, parseDelays } from './delay-distribution.ts'
export type { ExchangeCounts } from './driver.ts'
export type {
  Experiment,
  ExperimentResult,
  Extent,
  LabelledResult,
  MeasuredRound,
  Performance,
  Repetition,
  Run
} from './experiment.ts'
export * from './experiments/index.ts'
export {
  type AtRound,
  type Faults,
  type Partition,
  parseCrash,
  parseHole,
  parseJoin,
  parsePartition,
  parseShare,
  parseSlow,
  type Slow
} from './faults.ts'
export type { GraphMeasures } from './graph/meter.ts'
export { InvariantError } from './invariants.ts'
export { LatencyMatrix } from './latency/latency-matrix.ts'
export { parseReplay, type Replay } from './latency/replay.ts'
export { TOPOLOGIES, type Topology } from './latency/topologies.ts'
export { MODES, type Mode, type NetworkOptions, type NetworkParameters, STARTS, type Start } from './parameters.ts'
export { drawFigure } from './plot/draw.ts'
export type { Axis, Figure, Panel, Series } from './plot/figure.ts'
export type { Progress } from './progress.ts'
export { repeat } from './repeat.ts'
export { Atlas, type TorusMap } from './shape/atlas.ts'
export type { ShapeMeasures } from './shape/meter.ts'
export {
  PLACEMENTS,
  type PlacementKind,
  parseDrawnRounds,
  parseTorus,
  type TorusOptions,
  type TorusParameters,
  type TorusSize
} from './shape/parameters.ts'
export { type SimulationInit, simulate } from './simulate.ts'
export {
  combinations,
  SweepError,
  type SweepInit,
  type SweepPoint,
  type SweptResult,
  sweep
} from './sweep.ts'
