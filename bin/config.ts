import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { OPTION_NAMES, VERB_OPTIONS } from './options.ts'
import { fromArguments, fromDocument, fromEnvironment, type Layer, Settings } from './settings.ts'
import { UsageError } from './usage.ts'
import { words, yesOrNo } from './values.ts'

/** What was said to `start`, wherever: arguments go before the environment, that before the config file. */
export function startSettings(argv: Record<string, unknown>, env: NodeJS.ProcessEnv): Settings {
  const layers = [fromArguments(argv, OPTION_NAMES, 'start'), fromEnvironment(env, OPTION_NAMES)]
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

/** What was said to another verb. */
export function verbSettings(argv: Record<string, unknown>, env: NodeJS.ProcessEnv, verb: string): Settings {
  return new Settings([fromArguments(argv, VERB_OPTIONS, verb), fromEnvironment(env, VERB_OPTIONS)])
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
  let text: string

  try {
    if (!statSync(file).isFile()) {
      throw new UsageError(`${label}: ${file} is not a file`)
    }

    text = readFileSync(file, 'utf8')
  } catch (err) {
    if (err instanceof UsageError) {
      throw err
    }

    throw new UsageError(`${label}: cannot read ${file} (${(err as NodeJS.ErrnoException).code})`)
  }

  // JSON is YAML.
  const document = parseDocument(text, { prettyErrors: true })
  const error = document.errors[0]

  if (error != null) {
    const line = error.linePos?.[0].line
    throw new UsageError(
      `${file}${line == null ? '' : `:${line}`}: ${error.message.split('\n')[0].replace(/ at line.*/, '')}`
    )
  }

  return fromDocument(document.toJS(), basename(file))
}
