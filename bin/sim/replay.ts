import { OPTIONS_OF, type OptionName, shapeOf } from '../options.ts'
import type { Settings } from '../settings.ts'
import { yesOrNo } from '../values.ts'

/** Options that say which runs there are; of one run, all that is left of them is its seed. */
const OF_RUNS: readonly OptionName[] = ['file', 'seed', 'repeat']

/** The command that runs an experiment once more, with one seed, for a shell. */
export function replayCommand(experiment: string, settings: Settings, seed: number): string {
  const given = OPTIONS_OF.sim.filter(option => !OF_RUNS.includes(option))
  const options = given.flatMap(option => settings.find(option)?.words?.flatMap(word => argument(option, word)) ?? [])
  return ['gossip-peer', 'sim', experiment, ...options, '--seed', String(seed)].map(quoted).join(' ')
}

function argument(option: OptionName, word: string): string[] {
  if (shapeOf(option).kind === 'flag') {
    return [yesOrNo(word) ? `--${option}` : `--no-${option}`]
  }

  return word.startsWith('-') ? [`--${option}=${word}`] : [`--${option}`, word]
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
