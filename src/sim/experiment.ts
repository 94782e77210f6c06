import type { Random } from '../gossip/random.ts'
import type { CoordinateChart } from './coordinates/chart.ts'
import type { ExchangeCounts } from './driver.ts'
import type { Figure } from './plot/figure.ts'
import type { Atlas } from './shape/atlas.ts'

/** What was measured at the end of a round: numbers, distributions (`[value] = how many`), and groups of such. */
export type MeasuredRound<M> = { round: number } & M

/** What a run took. Differs from run to run and from machine to machine; all else in a result does not. */
export interface Performance {
  /** From the first round to the last, measurements included. */
  seconds: number
  /** Of these, spent on measurements. */
  measuringSeconds: number
  /** Started by all nodes in all rounds. */
  exchanges: number
  /** Median over the rounds, without measurements and checks. */
  nanosecondsPerExchange: number
  /** Most memory that the process ever took. */
  peakMemoryBytes: number
  /** What the protocol and the simulator keep in arrays for each node that ever lives. */
  bytesPerNode: number
}

/** What an experiment showed; `M` is what it measures. */
export interface ExperimentResult<M = object> {
  experiment: string
  /** All that was set, defaults included. */
  parameters: Record<string, unknown>
  seed: number
  rounds: Array<MeasuredRound<M>>
  /** The last of them. */
  final: MeasuredRound<M>
  performance: Performance
  /** Maps of the network, where the experiment draws some. Not in JSON. */
  atlas?: Atlas
  /** How good coordinates are in the end, and where. Not in JSON. */
  chart?: CoordinateChart
  /** The run was ended early; what is here was measured until then. */
  interrupted?: true
  /** Of several runs with the seeds from `seed` on; `rounds` and `final` are then their means. */
  repeated?: Repetition<M>
}

/** What is known of several runs that differ in their seed only, beyond their means. */
export interface Repetition<M> {
  /** Standard deviation over the runs (of the sample, with n - 1), in the shape of the means. */
  spread: { rounds: Array<MeasuredRound<M>>; final: MeasuredRound<M> }
  /** Each run by itself. */
  runs: Array<ExperimentResult<M>>
}

/** A result, and what tells it from the others of a sweep. */
export interface LabelledResult<M = object> {
  label: string
  result: ExperimentResult<M>
}

/** One run of an experiment, a round at a time. */
export interface Run<M> {
  /** Runs one round. */
  advance(): void
  /** @throws InvariantError when something is true that can never be */
  check(): void
  /** What can be measured now. Draws from a source of its own: measuring changes nothing. */
  measure(): M
  readonly counts: ExchangeCounts
  /** Maps of the network, as far as the run has come. */
  readonly atlas?: Atlas
  /** Coordinates, as far as the run has come. */
  readonly chart?: CoordinateChart
  /** Bytes of all arrays that are kept, for each node that ever lives. */
  readonly bytesPerNode: number
}

/** What every experiment has parameters for. */
export interface Extent {
  /** Nodes at the start. */
  nodes: number
  rounds: number
}

/**
 * Something to be shown by simulation. `Options` is what a user may set, `Parameters` the same, complete and checked, `M`
 * what is measured.
 */
export interface Experiment<Options extends object = object, Parameters extends Extent = Extent, M = object> {
  readonly name: string
  readonly description: string
  /** Names of the options. */
  readonly options: readonly string[]

  /** @throws ParameterError naming the first option that is impossible */
  parameters(options: Options): Parameters

  /** The parameters as a result shows them. */
  describe(parameters: Parameters): Record<string, unknown>

  /** Measure what there is before the first round too, as round 0. */
  readonly measuresStart?: boolean

  /** Rounds between two measurements, where nothing is said. Default: 1. */
  measureEvery?(parameters: Parameters): number

  start(parameters: Parameters, random: Random): Run<M>

  /** Draws results of one or more runs side by side. */
  figure(results: Array<LabelledResult<M>>): Figure
}
