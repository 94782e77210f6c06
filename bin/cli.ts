import yargs, { type Argv } from 'yargs'
import { VERSION } from '../src/peer/version.ts'
import { startSettings, verbSettings } from './config.ts'
import { EXAMPLES } from './examples.ts'
import { isOption, OPTION_NAMES, type OptionName, shapeOf, VERB_OPTIONS } from './options.ts'
import { oneLine, warn } from './print.ts'
import type { Settings } from './settings.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE, FailedError, nearest, UsageError } from './usage.ts'
import { wholeNumber } from './values.ts'

/** The verbs that ask a running peer, with what the help says of them. */
const VERBS = {
  status: 'How the running peer is doing',
  peers: 'Its view: the members that it knows now, their ages and addresses',
  'sample [n]': 'Random members of the network, one by default',
  monitor: 'What happens to it, as it happens, until Ctrl-C',
  id: 'Its peer id',
  doctor: 'Look for the usual troubles; exit 1 if there is one',
  stop: 'Make it leave, and wait until it is gone'
} as const

type Verb = 'status' | 'peers' | 'sample' | 'monitor' | 'id' | 'doctor' | 'stop'

const VERB_NAMES = ['start', ...Object.keys(VERBS).map(nameOf), 'completion']

type Arguments = Record<string, unknown> & { _: Array<string | number> }

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
    await commandLine(args, {
      start: async argv => {
        expectNoWords(
          argv._.filter((word, i) => i > 0 || word !== 'start'),
          'start'
        )
        expectNoVerb(argv.log)
        const settings = startSettings(argv, env)
        await act(settings, async () => await (await import('./start.ts')).start(settings))
      },
      ask: async (verb, argv) => {
        const { n, ...options } = argv
        expectNoWords(argv._.slice(1), verb)
        const settings = verbSettings(verb === 'sample' ? options : argv, env, verb)
        const count = readCount(n)
        await act(settings, async () => await (await import('./verbs.ts')).ask(verb, settings, count))
      }
    }).parseAsync()
  } catch (err) {
    return report(err, verbose)
  }

  return code
}

interface Handlers {
  start(argv: Arguments): Promise<void>
  ask(verb: Verb, argv: Arguments): Promise<void>
}

function commandLine(args: string[], handlers: Handlers): Argv {
  let cli = yargs(args)
    .scriptName('gossip-peer')
    .locale('en')
    .parserConfiguration({
      // Words stay words until a reader of ours looks at them, which can say what is wrong with them.
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'dot-notation': false
    })
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, err) => {
      throw err ?? new UsageError(message)
    })
    .usage('$0 [start] [options]\n\nA crowd of machines that coordinates with nobody in charge.')
    .command(
      ['start', '$0'],
      'Run a peer until Ctrl-C',
      command => withExamples(withOptions(command, OPTION_NAMES), 'start'),
      async argv => await handlers.start(argv as unknown as Arguments)
    )

  for (const [usage, describe] of Object.entries(VERBS)) {
    const verb = nameOf(usage) as Verb

    cli = cli.command(
      usage,
      describe,
      command => {
        const positional =
          verb === 'sample' ? command.positional('n', { type: 'string', describe: 'How many' }) : command
        return withExamples(withOptions(positional, VERB_OPTIONS), verb)
      },
      async argv => await handlers.ask(verb, argv as unknown as Arguments)
    )
  }

  // Not global: every verb takes options of its own. Known here all the same, so that a flag in front of a verb does
  // not take the verb for its value.
  for (const name of OPTION_NAMES) {
    cli = cli.option(name, { ...yargsOption(name), global: false })
  }

  return cli
    .command(
      'completion',
      'Print a completion script for the shell in SHELL, bash or zsh',
      command => withExamples(command, 'completion'),
      argv => {
        expectNoWords(argv._.slice(1), 'completion')
        cli.showCompletionScript()
      }
    )
    .version(VERSION)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue(
      'Every option also as an environment variable, GOSSIP_PEER_VIEW=20 for --view 20, and in a config file.\n' +
        'Exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted.'
    )
}

function yargsOption(name: OptionName) {
  const { kind, group, describe } = shapeOf(name)

  return kind === 'flag'
    ? { type: 'boolean' as const, group, describe }
    : { type: 'string' as const, array: kind === 'list', group, describe }
}

function withOptions(command: Argv, names: readonly OptionName[]): Argv {
  return names.reduce((cli, name) => cli.option(name, yargsOption(name)), command)
}

function withExamples(command: Argv, verb: string): Argv {
  return EXAMPLES[verb].reduce((cli, [example, says]) => cli.example(example, says), command)
}

function nameOf(usage: string): string {
  return usage.split(' ')[0]
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

/** yargs takes `--json=banana` for false. */
function checkFlags(args: string[]): void {
  for (const arg of args) {
    const [, name, value] = /^--([a-z-]+)=(.*)$/s.exec(arg) ?? []

    if (name != null && isOption(name) && shapeOf(name).kind === 'flag' && !['true', 'false'].includes(value)) {
      throw new UsageError(`--${name}: "${value}" is neither true nor false`)
    }
  }
}

function readCount(n: unknown): number {
  try {
    return n == null ? 1 : wholeNumber(1)(String(n))
  } catch (err) {
    throw new UsageError(`sample: ${(err as Error).message}`)
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
