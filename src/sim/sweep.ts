import type { Experiment, Extent, LabelledResult } from './experiment.ts'
import { InvariantError } from './invariants.ts'
import { repeat } from './repeat.ts'
import { type SimulationInit, simulate } from './simulate.ts'

/** One combination of the values that options are swept over. */
export interface SweepPoint<O extends object = object> {
  /** The swept options, and the value that each has here, in words. */
  swept: Readonly<Record<string, string>>
  /** All options of the experiment, swept or not. */
  options: O
  /** Default: that of the whole sweep. */
  seed?: number
}

/** How a sweep is run. */
export interface SweepInit extends SimulationInit {
  /** Runs at each point, with the seeds `seed`, `seed + 1`, ...: with more than one, results are their means. Default: 1. */
  times?: number
}

/** A result, and where in a sweep it belongs. */
export interface SweptResult<M = object> extends LabelledResult<M> {
  swept: Readonly<Record<string, string>>
}

/** A run of a sweep broke an invariant. */
export class SweepError extends Error {
  override readonly name = 'SweepError'
  /** Where it did, and with which seed: what it takes to see it again. */
  readonly point: SweepPoint
  readonly seed: number

  constructor(point: SweepPoint, seed: number, cause: InvariantError) {
    super(cause.message, { cause })
    this.point = point
    this.seed = seed
  }
}

/** Every combination of the values of the options; those of the first option vary slowest. */
export function combinations<T>(values: Readonly<Record<string, readonly T[]>>): Array<Record<string, T>> {
  return Object.entries(values).reduce<Array<Record<string, T>>>(
    (all, [option, ones]) => all.flatMap(combination => ones.map(one => ({ ...combination, [option]: one }))),
    [{}]
  )
}

/**
 * Runs an experiment at one point after the other.
 *
 * @throws SweepError
 */
export async function* sweep<O extends object, P extends Extent, M>(
  experiment: Experiment<O, P, M>,
  points: ReadonlyArray<SweepPoint<O>>,
  { times = 1, ...init }: SweepInit = {}
): AsyncGenerator<SweptResult<M>> {
  for (const [i, point] of points.entries()) {
    if (i > 0 && init.signal?.aborted === true) {
      return
    }

    const { swept, options, seed = init.seed ?? 1 } = point
    const onProgress: SimulationInit['onProgress'] = progress =>
      init.onProgress?.({ ...progress, run: i * times + progress.run, runs: points.length * times })

    try {
      const each = { ...init, seed, onProgress }
      const result =
        times === 1 ? await simulate(experiment, options, each) : await repeat(experiment, options, times, each)
      yield { label: labelOf(swept), swept, result }
    } catch (err) {
      throw err instanceof InvariantError ? new SweepError(point, err.seed ?? seed, err) : err
    }
  }
}

/** `preset healer, loss 0.1` */
function labelOf(swept: Readonly<Record<string, string>>): string {
  return Object.entries(swept)
    .map(([option, value]) => `${option} ${value}`)
    .join(', ')
}
