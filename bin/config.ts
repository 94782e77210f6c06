import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { readDocument } from './document.ts'
import { OPTIONS_OF, takerOf } from './options.ts'
import { fromArguments, fromDocument, fromEnvironment, type Layer, Settings } from './settings.ts'
import { UsageError } from './usage.ts'
import { words, yesOrNo } from './values.ts'

/** What was said to `start`, wherever: arguments go before the environment, that before the config file. */
export function startSettings(argv: Record<string, unknown>, env: NodeJS.ProcessEnv): Settings {
  const layers = [fromArguments(argv, OPTIONS_OF.start, 'start'), fromEnvironment(env, OPTIONS_OF.start)]
  const before = new Settings(layers)
  const named = before.one('config', words)

  if (named != null) {
    return new Settings([...layers, readConfig(named, before.label('config'))])
  }

  const home = homeOf(before)
  const file = home == null ? undefined : join(home, 'config.yaml')

  if (file == null || !existsSync(file)) {
    return before
  }

  const layer = readConfig(file, 'config.yaml')

  if (layer.has('home')) {
    throw new UsageError(`${file}: home: a file in a home cannot name another one (use --home or GOSSIP_PEER_HOME)`)
  }

  return new Settings([...layers, layer])
}

/** What was said to a verb that asks a running peer. */
export function verbSettings(argv: Record<string, unknown>, env: NodeJS.ProcessEnv, verb: string): Settings {
  return new Settings([fromArguments(argv, OPTIONS_OF[takerOf(verb)], verb), fromEnvironment(env, OPTIONS_OF.ask)])
}

/**
 * The folder of the peer's home; undefined for an ephemeral peer. When different sources ask for a home and for none,
 * the one that goes before the other counts.
 */
export function homeOf(settings: Settings): string | undefined {
  const home = settings.find('home')
  const ephemeral = settings.one('ephemeral', yesOrNo) === true ? settings.find('ephemeral') : undefined

  if (ephemeral != null && ephemeral.rank <= (home?.rank ?? Number.POSITIVE_INFINITY)) {
    if (home?.rank === ephemeral.rank) {
      throw new UsageError(`${ephemeral.label}: an ephemeral peer has no home (leave out ${home.label})`)
    }

    return undefined
  }

  const folder = settings.one('home', words) ?? join(homedir(), '.gossip-peer')

  // A shell expands a tilde in front of a word only: not in --home=~/x and not in a config file.
  return resolve(folder.replace(/^~(?=\/|$)/, homedir()))
}

function readConfig(file: string, label: string): Layer {
  const allowed = OPTIONS_OF.start.filter(name => name !== 'config')
  return fromDocument(readDocument(file, label), basename(file), allowed, 'start')
}
