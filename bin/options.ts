import { AGGREGATE_FUNCTIONS } from '../src/aggregation/aggregate.ts'
import { DEFAULT_BINS, DEFAULT_EPOCH_ROUNDS, DEFAULT_INSTANCES, DEFAULT_RETRIES } from '../src/aggregation/constants.ts'
import { DEFAULT_PSI, DEFAULT_VIEW_SIZE as OVERLAY_VIEW_SIZE } from '../src/overlay/constants.ts'
import { OVERLAY_SELECTIONS } from '../src/overlay/parameters.ts'
import {
  DEFAULT_MAX_PER_BLOCK,
  DEFAULT_STAMP_BITS,
  DEFAULT_VIEW_SIZE,
  MAX_VIEW_SIZE,
  MIN_VIEW_SIZE,
  RANKING_VIEW_SIZE
} from '../src/sampling/constants.ts'
import { DEFENCE_NAMES, PRESET_NAMES } from '../src/sampling/parameters.ts'
import { PROFILE_NAMES } from '../src/sampling/profiles.ts'
import { DISTRIBUTIONS } from '../src/sim/aggregation/values.ts'
import {
  ATTACKS,
  DEFAULT_ATTACKERS,
  DEFAULT_FLOOD,
  DEFAULT_HONESTY,
  DEFAULT_LATE
} from '../src/sim/attack/parameters.ts'
import { DEFAULT_COORDINATE_ROUNDS, DEFAULT_LANDMARK_DIMENSIONS } from '../src/sim/coordinates/parameters.ts'
import { TOPOLOGIES } from '../src/sim/latency/topologies.ts'
import { DEFAULT_NODES, DEFAULT_ROUNDS, STARTS } from '../src/sim/parameters.ts'
import {
  DEFAULT_ATTRIBUTES,
  DEFAULT_EVENTS,
  DEFAULT_PUBSUB_ROUNDS,
  DEFAULT_SELECTIVITY,
  SUBSCRIPTION_PLACEMENTS
} from '../src/sim/pubsub/parameters.ts'
import { DEFAULT_RANDOM_VIEW, DEFAULT_SIDE, DEFAULT_TORUS_ROUNDS, PLACEMENTS } from '../src/sim/shape/parameters.ts'
import { DEFAULT_DIMENSIONS } from '../src/vivaldi/constants.ts'
import { FILTERS } from '../src/vivaldi/filter.ts'
import { RULES } from '../src/vivaldi/parameters.ts'
import { DEFAULT_HTTP_HOST, DEFAULT_HTTP_PORT } from './values.ts'

/** How an option takes its words, whichever verb it is given to. */
export interface OptionShape {
  /** `flag`: none; `text`: one, at most once; `list`: any number, repeatable; `each`: one, repeatable. */
  kind: 'flag' | 'text' | 'list' | 'each'
  /** Given without words it means something too. Such an option can be switched off again: `--no-http`. */
  bare?: boolean
  /** Its words may have spaces and commas in them: the environment gives one. */
  spaced?: boolean
  describe: string
}

/** Every option that there is. The same name means the same for every verb. */
export const OPTIONS = {
  bootstrap: {
    kind: 'list',
    bare: true,
    describe: 'Join through these members; without an address: be the first peer of a network'
  },
  listen: { kind: 'list', describe: 'Addresses to listen on' },
  announce: { kind: 'list', describe: 'Addresses to tell others instead (behind a NAT or in a container)' },
  mdns: { kind: 'flag', describe: 'Find peers on the local network by multicast DNS' },
  'max-connections': { kind: 'text', describe: 'Connections beyond which unused ones are closed' },
  home: { kind: 'text', describe: 'Folder of identity, memory and control socket' },
  ephemeral: { kind: 'flag', describe: 'Keep nothing: a new identity, no home, no control socket' },
  config: { kind: 'text', describe: 'Options from a YAML or JSON file' },
  profile: { kind: 'text', describe: `Period, timeouts, limits and defence together: ${PROFILE_NAMES.join(', ')}` },
  preset: { kind: 'text', describe: `A published variant: ${PRESET_NAMES.join(', ')}` },
  view: { kind: 'text', describe: `Members that the view holds, c, from ${MIN_VIEW_SIZE} to ${MAX_VIEW_SIZE}` },
  healer: { kind: 'text', describe: 'H: how many of the oldest an exchange drops; H + S <= c/2' },
  swapper: { kind: 'text', describe: 'S: how many of those just sent an exchange drops; H + S <= c/2' },
  'peer-selection': { kind: 'text', describe: 'Partner: a random member (rand) or the oldest (tail)' },
  propagation: { kind: 'text', describe: 'Only the partner learns (push) or both do (pushpull)' },
  period: { kind: 'text', describe: 'Time between two exchanges: 500ms, 2s, 1m; a bare number is ms' },
  'exchange-timeout': { kind: 'text', describe: 'How long a partner may take to answer' },
  'dial-timeout': { kind: 'text', describe: 'How long connecting to a partner may take' },
  defence: { kind: 'text', describe: `Against colluders that want to be in every view: ${DEFENCE_NAMES.join(', ')}` },
  'statistics-share': {
    kind: 'text',
    describe: 'With defence statistics: share of answers that are counted and change no view'
  },
  'stamp-bits': { kind: 'text', describe: 'Bits of work that each identity must cost, the same for all; 0: none' },
  'max-per-block': { kind: 'text', describe: 'Most members of the view from one /24 (IPv6: /48) or domain; 0: any' },
  seed: { kind: 'text', describe: 'Seed of the random source' },
  torus: { kind: 'text', describe: 'A torus of so many points: 50x50' },
  position: { kind: 'text', describe: 'Where on the torus this peer is: 12,7' },
  value: {
    kind: 'each',
    describe: 'What this peer adds to an aggregate: load=0.7, load=cpu, load=cpu:maximum; repeatable'
  },
  epoch: { kind: 'text', describe: 'Rounds after which aggregation begins anew' },
  subscribe: {
    kind: 'each',
    spaced: true,
    describe: "Ask for events, and print them: 'price in [10, 20) and symbol in {AAPL, MSFT}'; repeatable"
  },
  topic: { kind: 'text', describe: 'Messages to this topic, instead of events by what is in them' },
  payload: { kind: 'text', describe: 'What belongs to the event: a file, or - for standard input' },
  dimensions: { kind: 'text', describe: 'Dimensions of network coordinates, beside the height, the same for all' },
  proximity: { kind: 'flag', describe: 'Find the peers nearest in latency: an overlay over the coordinates' },
  http: { kind: 'text', bare: true, describe: 'Serve /status, /metrics and /healthz at [host:]port' },
  json: { kind: 'flag', describe: 'One JSON document (or one per line) instead of text' },
  clear: { kind: 'text', describe: 'A peer id: suspect that peer no more, and never again while this one runs' },
  log: { kind: 'text', bare: true, describe: "Log to stderr what matches, such as 'libp2p:*'" },

  nodes: { kind: 'text', describe: 'Nodes at the start' },
  rounds: { kind: 'text', describe: 'Rounds of the run' },
  start: { kind: 'text', describe: `What the nodes know at the start: ${STARTS.join(', ')}` },
  loss: { kind: 'text', describe: 'Share of messages that get lost' },
  crash: { kind: 'each', describe: 'Share of the living that crashes, and the round after which: 0.5@20; repeatable' },
  churn: { kind: 'text', describe: 'Share of the living that newcomers replace in each round' },
  partition: {
    kind: 'each',
    describe: 'Cut in two between two rounds: 10..40 (10..40/3: in three); repeatable'
  },
  join: { kind: 'each', describe: 'Newcomers, as a share of the nodes, and the round after which: 0.5@20; repeatable' },
  slow: { kind: 'text', describe: 'Share of the nodes, and how many times slower they are: 0.1x5' },
  mode: { kind: 'text', describe: 'Exchanges one after the other (rounds), or messages that take time (events)' },
  jitter: { kind: 'text', describe: 'Share by which periods vary either way' },
  delay: { kind: 'text', describe: 'How long messages take: 50ms, 10ms..100ms, exponential:50ms, lognormal:50ms,0.5' },
  'latency-matrix': { kind: 'text', describe: 'Measured round-trip times, from a file (.gz too)' },
  lag: { kind: 'text', describe: 'Rounds between two draws' },
  'warm-up': { kind: 'text', describe: 'Rounds before the first draw' },
  attack: { kind: 'text', describe: `What the attackers do: ${ATTACKS.join(', ')}` },
  attackers: { kind: 'text', describe: 'Nodes that attack' },
  flood: { kind: 'text', describe: 'Exchanges that each of them starts in a round' },
  honesty: { kind: 'text', describe: 'Of cautious attackers: in what share of exchanges they are honest' },
  'attack-from': { kind: 'text', describe: 'Round after which they attack; until then they are honest' },
  side: { kind: 'text', describe: 'Points along each side of the torus' },
  message: { kind: 'text', describe: "Descriptors in a message of the overlay, the sender's own included" },
  psi: { kind: 'text', describe: 'Partners are drawn from so many of the nearest' },
  selection: { kind: 'text', describe: `How neighbours are found: ${OVERLAY_SELECTIONS.join(', ')}` },
  'random-view': { kind: 'text', describe: 'View of the random layer below; 0: there is none' },
  placement: {
    kind: 'text',
    describe: `A node on every point, or each on a random one: ${PLACEMENTS.join(', ')}; where subscriptions are: ${SUBSCRIPTION_PLACEMENTS.join(', ')}`
  },
  hole: {
    kind: 'each',
    describe: 'Share of the torus, in its middle, that dies, and the round after which: 0.25@20; repeatable'
  },
  draw: { kind: 'text', describe: 'Rounds after which the torus is drawn: 0,5,20' },
  function: { kind: 'text', describe: `What is aggregated: ${AGGREGATE_FUNCTIONS.join(', ')}` },
  quantile: { kind: 'text', describe: 'Of quantile: the share of the values below it' },
  bins: { kind: 'text', describe: 'Of histogram, quantile and median: bins of equal width' },
  range: { kind: 'text', describe: 'What values may be claimed: 0..1' },
  distribution: { kind: 'text', describe: `What values the nodes hold: ${DISTRIBUTIONS.join(', ')}` },
  retries: { kind: 'text', describe: 'Times that a request without an answer is repeated' },
  trimmed: { kind: 'flag', describe: 'Let exchanges move values less and less in an epoch, against liars' },
  instances: { kind: 'text', describe: 'Of count and sum: instances by which the size is counted' },
  liars: { kind: 'text', describe: 'Share of the nodes that lie: about the highest value, or where they are' },
  topology: { kind: 'text', describe: `Generated round-trip times: ${TOPOLOGIES.join(', ')}` },
  replay: {
    kind: 'each',
    describe: 'Other measured round-trip times, and the round after which they hold: later.txt@20; repeatable'
  },
  height: { kind: 'flag', describe: 'Coordinates have a height, unless --no-height' },
  filter: { kind: 'text', describe: `What is taken of the last samples of a peer: ${FILTERS.join(', ')}` },
  rule: { kind: 'text', describe: `How a sample moves a node: ${RULES.join(', ')}` },
  neighbours: { kind: 'text', describe: 'Fixed partners of each node; 0: random members' },
  noise: { kind: 'text', describe: 'By what share samples are longer than the truth, on average' },
  landmarks: { kind: 'text', describe: 'Landmarks that positions are computed by too, to compare; 0: none' },
  'landmark-dimensions': { kind: 'text', describe: 'Dimensions of positions by landmarks' },
  attributes: { kind: 'text', describe: 'Attributes of an event: dimensions of the space of subscriptions' },
  selectivity: { kind: 'text', describe: 'Share of the space that one subscription covers' },
  events: { kind: 'text', describe: 'Events that are published in each round' },
  repeat: { kind: 'text', describe: 'Runs, with the seeds that follow: mean and spread' },
  'measure-every': { kind: 'text', describe: 'Rounds between two measurements' },
  file: { kind: 'text', describe: 'The experiment, its options and sweeps over them, from a YAML or JSON file' },
  csv: { kind: 'text', describe: 'Write a line for each measurement to this file' },
  plot: { kind: 'text', describe: 'Draw what was measured into this file, which ends in .svg' }
} as const satisfies Record<string, OptionShape>

export type OptionName = keyof typeof OPTIONS

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]

/** The options of a verb, in the order of its help and by its groups, each with its default there or `''`. */
type OptionGroups = Record<string, Partial<Record<OptionName, string>>>

const ASKING: OptionGroups = {
  'Home:': { home: '~/.gossip-peer' },
  'Output:': { json: '', log: "'gossip-peer*'" }
}

const DEFENCE = { defence: 'none', 'statistics-share': '0' }

/** What each verb takes; one that asks a running peer takes what `ask` does. */
const GROUPS = {
  start: {
    'Network:': {
      bootstrap: '',
      listen: 'every IPv4 interface, on a port that the system chooses and the home keeps',
      announce: '',
      mdns: '',
      'max-connections': '100'
    },
    'Home:': { ...ASKING['Home:'], ephemeral: '', config: 'config.yaml in the home, when it is there' },
    'Sampling:': {
      profile: 'lan',
      preset: '',
      view: `${DEFAULT_VIEW_SIZE}; with defence ranking ${RANKING_VIEW_SIZE}`,
      healer: '',
      swapper: '',
      'peer-selection': '',
      propagation: '',
      period: '',
      'exchange-timeout': '',
      'dial-timeout': '',
      seed: 'drawn from the system'
    },
    'Defence:': {
      ...DEFENCE,
      defence: 'none; of the profile wan ranking',
      'stamp-bits': `${DEFAULT_STAMP_BITS}`,
      'max-per-block': `${DEFAULT_MAX_PER_BLOCK}`
    },
    'Overlay:': { torus: '', position: 'drawn from the peer id' },
    'Aggregation:': { value: '', epoch: `${DEFAULT_EPOCH_ROUNDS}` },
    'Coordinates:': { dimensions: `${DEFAULT_DIMENSIONS}`, proximity: '' },
    'Events:': { subscribe: '' },
    'Output:': { http: `${DEFAULT_HTTP_HOST}:${DEFAULT_HTTP_PORT}`, ...ASKING['Output:'] }
  },
  ask: ASKING,
  suspects: { 'Suspects:': { clear: '' }, ...ASKING },
  subscribe: { 'Events:': { topic: '' }, ...ASKING },
  publish: { 'Events:': { topic: '', payload: 'nothing' }, ...ASKING },
  sim: {
    'Network:': {
      nodes: `${DEFAULT_NODES}; of uniformity 200, of hub-attack and aggregation 10000, of torus one for each point, of coordinates one for each host of the matrix`,
      start: 'random',
      rounds: `${DEFAULT_ROUNDS}; of uniformity enough for five draws of each peer, of hub-attack 300, of torus ${DEFAULT_TORUS_ROUNDS}, of aggregation one epoch, of coordinates ${DEFAULT_COORDINATE_ROUNDS}, of pubsub ${DEFAULT_PUBSUB_ROUNDS}`
    },
    'Sampling:': {
      preset: 'default',
      view: `${DEFAULT_VIEW_SIZE}; with defence ranking ${RANKING_VIEW_SIZE}; of torus that of the overlay, ${OVERLAY_VIEW_SIZE}`,
      healer: '',
      swapper: '',
      'peer-selection': '',
      propagation: ''
    },
    'Defence:': DEFENCE,
    'Faults:': { loss: '0', crash: '', churn: '0', partition: '', join: '', slow: '' },
    'Time:': {
      mode: 'events when one of those below is given, else rounds',
      period: '1s',
      jitter: '0.2',
      delay: '10ms..100ms',
      'latency-matrix': '',
      'exchange-timeout': 'half a period'
    },
    'Draws of uniformity:': { lag: '20', 'warm-up': '100' },
    'Hub attack:': {
      attack: 'hub',
      attackers: `${DEFAULT_ATTACKERS}, or a tenth of the nodes where that is less`,
      flood: `${DEFAULT_FLOOD.others}; of flood ${DEFAULT_FLOOD.flood}`,
      honesty: `${DEFAULT_HONESTY}`,
      'attack-from': `0; of late ${DEFAULT_LATE}`
    },
    'Torus:': {
      side: `${DEFAULT_SIDE}`,
      torus: '',
      message: 'as many as in the view',
      psi: `${DEFAULT_PSI}`,
      selection: 'tman',
      'random-view': `${DEFAULT_RANDOM_VIEW}`,
      placement: 'grid; of pubsub uniform',
      hole: '',
      draw: '0, 5 and 20, up to 20000 nodes'
    },
    'Aggregation:': {
      function: 'average',
      quantile: '',
      bins: `${DEFAULT_BINS}`,
      range: 'what the values lie within',
      distribution: 'uniform',
      epoch: `${DEFAULT_EPOCH_ROUNDS}`,
      retries: `${DEFAULT_RETRIES}`,
      trimmed: '',
      instances: `${DEFAULT_INSTANCES}`,
      liars: '0'
    },
    'Coordinates:': {
      topology: 'internet, where there is no latency matrix',
      replay: '',
      dimensions: `${DEFAULT_DIMENSIONS}`,
      height: '',
      filter: 'none',
      rule: 'relative',
      neighbours: '0',
      noise: '0',
      landmarks: '0',
      'landmark-dimensions': `${DEFAULT_LANDMARK_DIMENSIONS}`,
      proximity: ''
    },
    'Publish/subscribe:': {
      attributes: `${DEFAULT_ATTRIBUTES}`,
      selectivity: `${DEFAULT_SELECTIVITY}`,
      events: `${DEFAULT_EVENTS}`
    },
    'Runs:': {
      seed: 'drawn from the system',
      repeat: '1',
      'measure-every': '1; of uniformity a twentieth of the rounds, of coordinates a fiftieth',
      file: ''
    },
    'Output:': { json: '', csv: '', plot: '' }
  }
} as const satisfies Record<string, OptionGroups>

/** Verbs that take options of their own, and all others that ask a running peer. */
export type OptionTaker = keyof typeof GROUPS

/** As what a verb that asks a running peer takes its options. */
export function takerOf(verb: string): OptionTaker {
  return verb !== 'start' && verb !== 'sim' && Object.hasOwn(GROUPS, verb) ? (verb as OptionTaker) : 'ask'
}

/** The options of a verb, in the order of its help. */
export const OPTIONS_OF = Object.fromEntries(
  Object.entries(GROUPS).map(([taker, groups]) => [taker, Object.values(groups).flatMap(group => Object.keys(group))])
) as Record<OptionTaker, OptionName[]>

/** An option as the help of a verb shows it. */
export interface OptionHelp {
  name: OptionName
  group: string
  describe: string
}

export function helpOf(taker: OptionTaker): OptionHelp[] {
  return Object.entries(GROUPS[taker]).flatMap(([group, options]) =>
    Object.entries(options).map(([name, value]) => {
      const { describe } = OPTIONS[name as OptionName]
      return { name: name as OptionName, group, describe: value === '' ? describe : `${describe}; default: ${value}` }
    })
  )
}

/** The option's shape. */
export function shapeOf(name: OptionName): OptionShape {
  return OPTIONS[name]
}

/** Whether the option may be given several times. */
export function takesSeveral({ kind }: OptionShape): boolean {
  return kind === 'list' || kind === 'each'
}

export function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name)
}

/** The environment variable that stands for an option. */
export function variableOf(name: OptionName): string {
  return `GOSSIP_PEER_${name.toUpperCase().replaceAll('-', '_')}`
}
