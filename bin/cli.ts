import { commandLine, VERB_NAMES, wordsOf } from './command-line.ts'
import { isOption, shapeOf } from './options.ts'
import { oneLine, warn } from './print.ts'
import type { Settings } from './settings.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE, FailedError, nearest, UsageError } from './usage.ts'

/** Runs the command. Returns the exit code, or undefined when a peer now runs in this process. */
export async function run(args: string[], env: NodeJS.ProcessEnv): Promise<number | undefined> {
  let code: number | undefined = EXIT_DONE
  let verbose = false

  const act = async (settings: Settings, work: () => Promise<number | undefined>): Promise<void> => {
    verbose = await startLogging(settings)
    code = await work()
  }

  try {
    checkFlags(args)
    // What a verb needs is loaded when it is asked for.
    const { EXPERIMENTS } = args.includes('sim') ? await import('../src/sim/experiments/index.ts') : { EXPERIMENTS: {} }

    await commandLine(joinNegatives(args), Object.values(EXPERIMENTS), {
      start: async argv => {
        expectNoWords(
          argv._.filter((word, i) => i > 0 || word !== 'start'),
          'start'
        )
        expectNoVerb(argv.log)
        const { startSettings } = await import('./config.ts')
        const settings = startSettings(argv, env)
        await act(settings, async () => await (await import('./start.ts')).start(settings))
      },
      ask: async (verb, argv) => {
        const { words, others, options } = wordsOf(verb, argv)
        expectNoWords(others, verb)
        const { verbSettings } = await import('./config.ts')
        const settings = verbSettings(options, env, verb)
        await act(settings, async () => await (await import('./verbs.ts')).ask(verb, settings, words))
      },
      sim: async argv => {
        const { experiment, ...options } = argv
        expectNoWords(argv._.slice(1), 'sim')
        code = await (await import('./sim/sim.ts')).sim(experiment, options)
      },
      completion: (argv, print) => {
        expectNoWords(argv._.slice(1), 'completion')
        print()
      }
    }).parseAsync()
  } catch (err) {
    return report(err, verbose)
  }

  return code
}

function expectNoWords(words: Array<string | number>, verb: string): void {
  if (words.length === 0) {
    return
  }

  const word = String(words[0])
  const guess = verb === 'start' ? nearest(word, VERB_NAMES) : undefined

  throw new UsageError(
    verb === 'start'
      ? `${word}: unknown verb${guess == null ? ' (see gossip-peer --help)' : ` (did you mean ${guess}?)`}`
      : `${word}: ${verb} takes no further words (see gossip-peer ${verb} --help)`
  )
}

/** `--log status` would start a peer that logs what matches "status". */
function expectNoVerb(filter: unknown): void {
  if (VERB_NAMES.includes(String(filter))) {
    throw new UsageError(`--log: "${filter}" is a verb (put it first: gossip-peer ${filter} --log)`)
  }
}

/**
 * yargs takes `-1s` after an option for options of their own, unless it is joined to the option; and so it does with a point
 * such as `-1,4`, unless that stands behind `--`.
 */
function joinNegatives(args: string[]): string[] {
  const end = args.indexOf('--')
  const before = end === -1 ? args : args.slice(0, end)
  const behind = end === -1 ? [] : args.slice(end + 1)
  const joined: string[] = []
  const points: string[] = []

  for (const arg of before) {
    const last = joined.at(-1) ?? ''
    const name = last.slice(2)

    if (last.startsWith('--') && isOption(name) && shapeOf(name).kind !== 'flag' && /^-(\.?\d|$)/.test(arg)) {
      joined[joined.length - 1] = `${last}=${arg}`
    } else if (/^-[\d.]+,/.test(arg)) {
      points.push(arg)
    } else {
      joined.push(arg)
    }
  }

  return points.length === 0 && end === -1 ? joined : [...joined, '--', ...points, ...behind]
}

/** yargs takes `--json=banana` for false. */
function checkFlags(args: string[]): void {
  for (const arg of args) {
    const [, name, value] = /^--([a-z-]+)=(.*)$/s.exec(arg) ?? []

    if (name != null && isOption(name) && shapeOf(name).kind === 'flag' && !['true', 'false'].includes(value)) {
      throw new UsageError(`--${name}: "${value}" is neither true nor false`)
    }
  }
}

/** Turns on the log, when it is asked for. */
async function startLogging(settings: Settings): Promise<boolean> {
  const filter = settings.find('log')?.words?.[0]

  if (filter == null) {
    return false
  }

  const { enable } = await import('@libp2p/logger')
  enable(filter === '' ? 'gossip-peer*' : filter)
  return true
}

/** Says on one line what went wrong. */
export function report(err: unknown, verbose: boolean): number {
  const error = err instanceof Error ? err : new Error(String(err))
  warn(oneLine(error.message) || error.name)

  if (verbose && !(error instanceof UsageError || error instanceof FailedError)) {
    process.stderr.write(`${error.stack}\n`)
  }

  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED
}
