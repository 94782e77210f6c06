import { Random } from '../../src/gossip/random.ts'
import { MAX_VIEW_SIZE } from '../../src/sampling/constants.ts'
import { PRESET_NAMES, type SamplingOptions } from '../../src/sampling/parameters.ts'
import type { Faults } from '../../src/sim/faults.ts'
import { MODES, type NetworkOptions, STARTS } from '../../src/sim/parameters.ts'

/** A network and what befalls it, drawn at random from a seed: mixes of faults, and parameters at their edges. */
export function scenario(seed: number): NetworkOptions {
  const random = new Random(seed)
  const nodes = 3 + random.below(one(random, [20, 50, 100, 300]))
  const rounds = 20 + random.below(60)

  const options: NetworkOptions = {
    nodes,
    rounds,
    start: one(random, ['random', ...STARTS]),
    ...variant(random),
    ...timing(random),
    ...(random.below(8) === 0 ? {} : faults(random, rounds))
  }

  return withoutGaps({ ...options, ...defence(random, options) })
}

/** The defences take less than everything: ranking has its own exchange, and statistics needs answers. */
function defence(random: Random, { propagation }: NetworkOptions): NetworkOptions {
  const none = {
    preset: undefined,
    healer: undefined,
    swapper: undefined,
    selection: undefined,
    propagation: undefined
  }

  switch (random.below(4)) {
    case 0:
      return {
        defence: 'statistics',
        propagation: propagation && 'pushpull',
        statisticsShare: one(random, [0, 0.25, 1])
      }
    case 1:
      return { ...none, defence: 'ranking' }
    default:
      return {}
  }
}

function variant(random: Random): SamplingOptions {
  const preset = one(random, PRESET_NAMES)
  const view = random.below(50) === 0 ? MAX_VIEW_SIZE : one(random, [2, 3, 5, 10, 20, 30, 30, 50])

  if (preset === 'cyclon' || preset === 'newscast' || random.below(2) === 0) {
    return { preset, view }
  }

  const half = Math.floor(view / 2)
  const healer = random.below(half + 1)
  const swapper = random.below(half - healer + 1)
  const propagation = one(random, ['push', 'pushpull', 'pushpull', 'pushpull'] as const)
  const selection = one(random, ['rand', 'tail'] as const)
  return { preset, view, healer, swapper, selection, propagation }
}

function timing(random: Random): NetworkOptions {
  const mode = one(random, MODES)

  if (mode === 'rounds' || random.below(2) === 0) {
    return { mode }
  }

  return {
    mode,
    period: one(random, [1, 100, 1_000]),
    jitter: one(random, [0, 0.2, 1]),
    exchangeTimeout: one(random, [1, 50, 5_000]),
    delay: one(random, [
      { kind: 'constant', time: 0 },
      { kind: 'uniform', from: 1, to: 20 },
      { kind: 'exponential', mean: 50 },
      { kind: 'lognormal', median: 30, sigma: 2 }
    ])
  }
}

function faults(random: Random, rounds: number): Partial<Faults> {
  const perhaps = <T>(draw: () => T): T | undefined => (random.below(4) === 0 ? draw() : undefined)
  const round = () => random.below(rounds - 10)

  return {
    loss: perhaps(() => one(random, [0.01, 0.05, 0.1, 0.5, 1])),
    churn: perhaps(() => one(random, [0.001, 0.005, 0.01, 0.1, 1])),
    crash: perhaps(() =>
      Array.from({ length: 1 + random.below(2) }, () => ({
        share: one(random, [0.1, 0.3, 0.5, 0.9, 1]),
        round: round()
      }))
    ),
    join: perhaps(() => [{ share: one(random, [0.1, 1, 3]), round: round() }]),
    partition: perhaps(() => {
      const from = round()
      return [{ from, to: from + one(random, [1, 2, 3, 10, 30]), parts: one(random, [2, 3, 10]) }]
    }),
    slow: perhaps(() => ({ share: one(random, [0.1, 0.5, 1]), factor: one(random, [2, 10]) }))
  }
}

function one<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)]
}

function withoutGaps(options: NetworkOptions): NetworkOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value != null))
}

/** What went wrong in which scenario, and the command that shows it again. */
export function reportOf(seed: number, trouble: string): string {
  return `seed ${seed}: ${trouble}\n  ${JSON.stringify(scenario(seed))}\n  npm run scenarios -- 1 ${seed}`
}
