import yargs, { type Argv } from 'yargs'
import { VERSION } from '../src/peer/version.ts'
import { EXAMPLES } from './examples.ts'
import { helpOf, OPTION_NAMES, type OptionHelp, type OptionTaker, shapeOf, takerOf } from './options.ts'
import { UsageError } from './usage.ts'

/** The verbs that ask a running peer, with what the help says of them. */
const ASKING = {
  status: 'How the running peer is doing',
  peers: 'Its view: the members that it knows now, their ages and addresses',
  'sample [n]': 'Random members of the network, one by default',
  neighbours: 'Its neighbours in the overlay: who they are, where, and how far',
  'route [point]': 'The way to a point of the overlay, from peer to peer: route 30,4',
  'aggregate [name]': "What everybody's values come to; without a name, all aggregates",
  size: 'How many peers the network has, and how sure that is',
  'rtt [peer] [from]': 'The round trip to a peer, or from one peer to another, as predicted and as measured now',
  'coordinate [peer]': 'Where it is in the space of latencies, or where another peer is',
  'nearest [n]': 'The peers nearest to it in latency, five by default',
  'subscribe [filter]': 'Ask for events by what is in them, and print them as they come, until Ctrl-C',
  'publish [event]': 'Publish an event: to whoever asked for it, and to nobody else',
  suspects: 'Peers that are named so often that they may be colluders',
  monitor: 'What happens to it, as it happens, until Ctrl-C',
  id: 'Its peer id',
  doctor: 'Look for the usual troubles; exit 1 if there is one',
  stop: 'Make it leave, and wait until it is gone'
} as const

type FirstWord<T extends string> = T extends `${infer Word} ${string}` ? Word : T

export type AskingVerb = FirstWord<keyof typeof ASKING>

/** The words that a verb takes, by their names in the usage. */
const WORDS: Partial<Record<AskingVerb, Array<{ name: string; describe: string }>>> = {
  sample: [{ name: 'n', describe: 'How many' }],
  route: [{ name: 'point', describe: 'Where to' }],
  aggregate: [{ name: 'name', describe: 'Which one' }],
  rtt: [
    { name: 'peer', describe: 'Peer id of the one to get to' },
    { name: 'from', describe: 'Peer id of the one to start from; default: the running peer' }
  ],
  coordinate: [{ name: 'peer', describe: 'Peer id; default: the running peer' }],
  nearest: [{ name: 'n', describe: 'How many' }],
  subscribe: [{ name: 'filter', describe: 'Conditions joined by "and", or a JSON object; * for all' }],
  publish: [{ name: 'event', describe: 'Its attributes, as a JSON object' }]
}

/** Takes the words behind the verb out of what was said: those that it takes, and those that are too many. */
export function wordsOf(verb: AskingVerb, argv: Arguments): { words: string[]; others: string[]; options: Arguments } {
  const names = WORDS[verb]?.map(({ name }) => name) ?? []
  const named = names.flatMap(name => (argv[name] == null ? [] : [String(argv[name])]))
  // yargs gives a verb no word that stands behind `--`
  const words = [...named, ...argv._.slice(1).map(String)]
  const options = Object.fromEntries(Object.entries(argv).filter(([name]) => !names.includes(name)))
  return { words: words.slice(0, names.length), others: words.slice(names.length), options: options as Arguments }
}

export const VERB_NAMES = ['start', ...Object.keys(ASKING).map(nameOf), 'sim', 'completion']

/** Exit codes, for the end of each help. */
const EXITS = 'Exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted.'

export type Arguments = Record<string, unknown> & { _: Array<string | number> }

/** What is done for each verb. */
export interface Handlers {
  start(argv: Arguments): Promise<void>
  ask(verb: AskingVerb, argv: Arguments): Promise<void>
  sim(argv: Arguments): Promise<void>
  completion(argv: Arguments, print: () => void): void
}

/** What the help of `sim` says of an experiment. */
interface Described {
  name: string
  description: string
}

/** The parser of the command's arguments. */
export function commandLine(args: string[], experiments: Described[], handlers: Handlers): Argv {
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
      command => withExamples(withOptions(command, 'start'), 'start'),
      async argv => await handlers.start(argv as unknown as Arguments)
    )

  for (const [usage, describe] of Object.entries(ASKING)) {
    const verb = nameOf(usage) as AskingVerb

    cli = cli.command(
      usage,
      describe,
      command => {
        const positional = (WORDS[verb] ?? []).reduce(
          (cli, { name, describe }) => cli.positional(name, { type: 'string', describe }),
          command
        )
        return withExamples(withOptions(positional, takerOf(verb)), verb)
      },
      async argv => await handlers.ask(verb, argv as unknown as Arguments)
    )
  }

  cli = cli.command(
    'sim [experiment]',
    'Run an experiment in a simulated network',
    command => simulation(command, experiments, args[0] === '--get-yargs-completions'),
    async argv => await handlers.sim(argv as unknown as Arguments)
  )

  // Not global: every verb takes options of its own. Known here all the same, so that a flag in front of a verb does
  // not take the verb for its value.
  const helped = helpOf('start')

  for (const name of OPTION_NAMES) {
    const help = helped.find(option => option.name === name)
    cli = cli.option(name, { ...yargsOption(help ?? { name }), hidden: help == null, global: false })
  }

  return cli
    .command(
      'completion',
      'Print a completion script for the shell in SHELL, bash or zsh',
      command => withExamples(command, 'completion'),
      argv => handlers.completion(argv as unknown as Arguments, () => cli.showCompletionScript())
    )
    .version(VERSION)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue(
      `Each of these also as an environment variable, GOSSIP_PEER_VIEW=20 for --view 20, and in a config file.\n${EXITS}`
    )
}

function simulation(command: Argv, experiments: Described[], completing: boolean): Argv {
  const names = experiments.map(({ name }) => name)
  const lines = experiments.map(({ name, description }) => `  ${name}: ${description}`)

  return withExamples(withOptions(command, 'sim'), 'sim')
    .usage(`$0 sim [experiment] [options]\n\nRun an experiment in a simulated network:\n${lines.join('\n')}`)
    .positional('experiment', {
      type: 'string',
      describe: 'One of those above; may stand in the --file instead',
      // what yargs says of another word is more than one line
      ...(completing ? { choices: names } : {})
    })
    .epilogue(
      'Options come from arguments and from the --file, not from the environment: the same command is the same run.\n' +
        EXITS
    )
}

function yargsOption({ name, ...help }: Partial<OptionHelp> & Pick<OptionHelp, 'name'>) {
  const { kind } = shapeOf(name)
  return kind === 'flag'
    ? { type: 'boolean' as const, ...help }
    : { type: 'string' as const, array: kind === 'list', ...help }
}

function withOptions(command: Argv, taker: OptionTaker): Argv {
  return helpOf(taker).reduce((cli, help) => cli.option(help.name, yargsOption(help)), command)
}

function withExamples(command: Argv, verb: string): Argv {
  return EXAMPLES[verb].reduce((cli, [example, says]) => cli.example(example, says), command)
}

function nameOf(usage: string): string {
  return usage.split(' ')[0]
}
