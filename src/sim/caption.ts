import type { LabelledResult } from './experiment.ts'

/** What goes without saying. */
const USUAL: Readonly<Record<string, unknown>> = {
  start: 'random',
  defence: 'none',
  loss: 0,
  churn: 0,
  mode: 'rounds',
  attackFrom: 0,
  placement: 'grid',
  selection: 'tman',
  retries: 0,
  trimmed: false,
  liars: 0,
  height: true,
  filter: 'none',
  rule: 'relative',
  neighbours: 0,
  noise: 0,
  landmarks: 0,
  proximity: false
}

/** Parameters that are numbers of milliseconds. */
const TIMES: readonly string[] = ['period', 'exchangeTimeout']

/** What it takes to repeat the results: the parameters that they share, and their seeds. */
export function captionOf(results: LabelledResult[]): string {
  const [first] = results
  const shared = Object.entries(first.result.parameters).filter(
    ([name, value]) =>
      value !== USUAL[name] &&
      results.every(({ result }) => JSON.stringify(result.parameters[name]) === JSON.stringify(value))
  )
  const words = shared.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(one => `${dashed(name)} ${one}${TIMES.includes(name) ? ' ms' : ''}`)
  )
  const seeds = new Set(results.map(({ result }) => seedsOf(result)))
  const interrupted = results.some(({ result }) => result.interrupted) ? ['interrupted'] : []
  return [...words, `seed ${[...seeds].join(', ')}`, ...interrupted].join(', ')
}

/** As the option is spelled. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

function seedsOf({ seed, repeated }: LabelledResult['result']): string {
  const last = seed + (repeated?.runs.length ?? 1) - 1
  return last > seed ? `${seed} to ${last}, mean and standard deviation` : String(seed)
}
