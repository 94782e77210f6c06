import { PRESET_NAMES } from '../src/sampling/parameters.ts'
import { PROFILE_NAMES } from '../src/sampling/profiles.ts'
import { DEFAULT_HTTP_HOST, DEFAULT_HTTP_PORT } from './values.ts'

/** How an option takes its words. */
export interface OptionShape {
  /** `flag`: none; `text`: one, at most once; `list`: any number, repeatable. */
  kind: 'flag' | 'text' | 'list'
  /** Given without words it means something too. Such an option can be switched off again: `--no-http`. */
  bare?: boolean
  group: string
  describe: string
}

const NETWORK = 'Network:'
const HOME = 'Home:'
const SAMPLING = 'Sampling:'
const OUTPUT = 'Output:'

/** The options of `gossip-peer start`, in the order of the help. Those of the other verbs are among them. */
export const OPTIONS = {
  bootstrap: {
    kind: 'list',
    bare: true,
    group: NETWORK,
    describe: 'Join through these members; without an address: be the first peer of a network'
  },
  listen: {
    kind: 'list',
    group: NETWORK,
    describe:
      'Addresses to listen on; default: every IPv4 interface, on a port that the system chooses and the home keeps'
  },
  announce: {
    kind: 'list',
    group: NETWORK,
    describe: 'Addresses to tell others instead (behind a NAT or in a container)'
  },
  mdns: { kind: 'flag', group: NETWORK, describe: 'Find peers on the local network by multicast DNS' },
  'max-connections': {
    kind: 'text',
    group: NETWORK,
    describe: 'Connections beyond which unused ones are closed; default: 100'
  },
  home: {
    kind: 'text',
    group: HOME,
    describe: 'Folder of identity, memory and control socket; default: ~/.gossip-peer'
  },
  ephemeral: { kind: 'flag', group: HOME, describe: 'Keep nothing: a new identity, no home, no control socket' },
  config: {
    kind: 'text',
    group: HOME,
    describe: 'Options from a YAML or JSON file; default: config.yaml in the home, when it is there'
  },
  profile: {
    kind: 'text',
    group: SAMPLING,
    describe: `Period, timeouts and limits together: ${PROFILE_NAMES.join(', ')}; default: lan`
  },
  preset: { kind: 'text', group: SAMPLING, describe: `A published variant: ${PRESET_NAMES.join(', ')}` },
  view: { kind: 'text', group: SAMPLING, describe: 'Members that the view holds, c, from 2 to 200; default: 30' },
  healer: { kind: 'text', group: SAMPLING, describe: 'H: how many of the oldest an exchange drops; H + S <= c/2' },
  swapper: {
    kind: 'text',
    group: SAMPLING,
    describe: 'S: how many of those just sent an exchange drops; H + S <= c/2'
  },
  'peer-selection': { kind: 'text', group: SAMPLING, describe: 'Partner: a random member (rand) or the oldest (tail)' },
  propagation: { kind: 'text', group: SAMPLING, describe: 'Only the partner learns (push) or both do (pushpull)' },
  period: { kind: 'text', group: SAMPLING, describe: 'Time between two exchanges: 500ms, 2s, 1m; a bare number is ms' },
  'exchange-timeout': { kind: 'text', group: SAMPLING, describe: 'How long a partner may take to answer' },
  'dial-timeout': { kind: 'text', group: SAMPLING, describe: 'How long connecting to a partner may take' },
  seed: { kind: 'text', group: SAMPLING, describe: 'Seed of the random source; default: drawn from the system' },
  http: {
    kind: 'text',
    bare: true,
    group: OUTPUT,
    describe: `Serve /status, /metrics and /healthz at [host:]port; default: ${DEFAULT_HTTP_HOST}:${DEFAULT_HTTP_PORT}`
  },
  json: { kind: 'flag', group: OUTPUT, describe: 'One JSON document (or one per line) instead of text' },
  log: {
    kind: 'text',
    bare: true,
    group: OUTPUT,
    describe: "Log to stderr what matches, such as 'libp2p:*'; default: 'gossip-peer*'"
  }
} as const satisfies Record<string, OptionShape>

export type OptionName = keyof typeof OPTIONS

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]

/** The options of every verb but `start`. */
export const VERB_OPTIONS: OptionName[] = ['home', 'json', 'log']

/** The option's shape. */
export function shapeOf(name: OptionName): OptionShape {
  return OPTIONS[name]
}

export function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name)
}

/** The environment variable that stands for an option. */
export function variableOf(name: OptionName): string {
  return `GOSSIP_PEER_${name.toUpperCase().replaceAll('-', '_')}`
}
