import {
  isOption,
  OPTIONS_OF,
  type OptionName,
  type OptionShape,
  shapeOf,
  takesSeveral,
  variableOf
} from './options.ts'
import { nearest, UsageError } from './usage.ts'

/** What one source says about one option. */
export interface Given {
  /** How the source calls it: `--view`, `GOSSIP_PEER_VIEW`, `view in config.yaml`. */
  label: string
  /** The words; undefined when the option is switched off. */
  words: string[] | undefined
}

/** What one source says. */
export type Layer = Map<OptionName, Given>

const ON = ['true', 'yes', 'on', '1']
const OFF = ['false', 'no', 'off', '0']

/** What the arguments say, as yargs parsed them. */
export function fromArguments(argv: Record<string, unknown>, allowed: readonly OptionName[], verb: string): Layer {
  const layer: Layer = new Map()

  for (const [name, value] of Object.entries(argv)) {
    if (name === '_' || name === '$0') {
      continue
    }

    const label = `--${name}`

    if (!isOption(name)) {
      throw new UsageError(`${dashed(name)}: unknown option${suggestion(name, allowed, verb, '--')}`)
    }

    if (!allowed.includes(name)) {
      throw new UsageError(`${label}: not an option of ${verb} (it belongs to ${ownersOf(name)})`)
    }

    layer.set(name, given(label, shapeOf(name), value))
  }

  return layer
}

/** What the environment says. An empty variable is as good as none. */
export function fromEnvironment(env: NodeJS.ProcessEnv, allowed: readonly OptionName[]): Layer {
  const layer: Layer = new Map()

  for (const name of allowed) {
    const label = variableOf(name)
    const text = env[label]?.trim()

    if (text == null || text === '') {
      continue
    }

    const shape = shapeOf(name)
    const lower = text.toLowerCase()

    if (shape.bare === true && ON.includes(lower)) {
      layer.set(name, given(label, shape, shape.kind === 'list' ? [] : ''))
    } else if (shape.bare === true && OFF.includes(lower)) {
      layer.set(name, { label, words: undefined })
    } else {
      layer.set(
        name,
        given(label, shape, takesSeveral(shape) && shape.spaced !== true ? text.split(/[\s,]+/).filter(Boolean) : text)
      )
    }
  }

  return layer
}

/** What the document of a file says. */
export function fromDocument(document: unknown, file: string, allowed: readonly OptionName[], verb: string): Layer {
  const layer: Layer = new Map()

  if (document == null) {
    return layer
  }

  if (typeof document !== 'object' || Array.isArray(document)) {
    throw new UsageError(`${file}: not a list of options (example: "view: 20" on a line)`)
  }

  for (const [name, value] of Object.entries(document)) {
    const label = `${file}: ${name}`
    const option = optionIn(label, name, allowed, verb)

    if (value != null) {
      layer.set(option, inDocument(label, option, value))
    }
  }

  return layer
}

/** The option that a document names. */
export function optionIn(label: string, name: string, allowed: readonly OptionName[], verb: string): OptionName {
  if (!isOption(name) || !allowed.includes(name)) {
    throw new UsageError(`${label}: unknown option${suggestion(name, allowed, verb)}`)
  }

  return name
}

/** What the value of an option in a document says. */
export function inDocument(label: string, name: OptionName, value: unknown): Given {
  const shape = shapeOf(name)
  return given(label, shape, shape.bare === true && value === true ? (shape.kind === 'list' ? [] : '') : value)
}

/** Brings a parsed value into the form that all sources share, or says why it cannot be. */
function given(label: string, shape: OptionShape, value: unknown): Given {
  const values = Array.isArray(value) ? value : [value]

  if (shape.kind !== 'flag' && values.includes(false)) {
    if (shape.bare === true && values.length === 1) {
      return { label, words: undefined }
    }

    throw new UsageError(`${label}: cannot be switched off, it needs a value`)
  }

  if (!takesSeveral(shape) && Array.isArray(value)) {
    throw new UsageError(`${label}: given ${value.length} times, but it takes one value`)
  }

  if (values.some(item => item === null || typeof item === 'object')) {
    throw new UsageError(`${label}: ${JSON.stringify(value)} is not a plain value`)
  }

  if (shape.kind === 'list' && values.length === 0 && shape.bare !== true) {
    throw new UsageError(`${label}: needs a value`)
  }

  const words = values.map(String)

  if (shape.bare !== true && words.some(word => word.trim() === '')) {
    throw new UsageError(`${label}: needs a value`)
  }

  return { label, words }
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}

function suggestion(name: string, allowed: readonly string[], verb: string, dashes = ''): string {
  const guess = nearest(name, allowed)
  const help = verb === 'start' ? 'gossip-peer --help' : `gossip-peer ${verb} --help`
  return guess == null ? ` (see ${help})` : ` (did you mean ${dashes}${guess}?)`
}

/** Verbs that take an option. */
function ownersOf(name: OptionName): string {
  return (['start', 'suspects', 'subscribe', 'publish', 'sim'] as const)
    .filter(verb => OPTIONS_OF[verb].includes(name))
    .join(' and ')
}

/** What all sources say together: of each option, what the first source says that knows it. */
export class Settings {
  readonly #layers: readonly Layer[]

  constructor(layers: readonly Layer[]) {
    this.#layers = layers
  }

  /** The same, with a source that goes before all of these. */
  overruledBy(layer: Layer): Settings {
    return new Settings([layer, ...this.#layers])
  }

  /** What counts, and the rank of its source: 0 is the highest. */
  find(name: OptionName): (Given & { rank: number }) | undefined {
    const rank = this.#layers.findIndex(layer => layer.has(name))
    const found = this.#layers[rank]?.get(name)
    return found == null ? undefined : { ...found, rank }
  }

  /** How the user called an option, for messages. */
  label(name: OptionName): string {
    return this.find(name)?.label ?? `--${name}`
  }

  /** The value of an option; undefined when it was not given. */
  one<T>(name: OptionName, read: (text: string) => T): T | undefined {
    return this.all(name, read)?.[0]
  }

  /** The values of an option that takes several. */
  all<T>(name: OptionName, read: (text: string) => T): T[] | undefined {
    const found = this.find(name)

    return found?.words?.map(word => {
      try {
        return read(word)
      } catch (err) {
        throw new UsageError(`${found.label}: ${(err as Error).message}`)
      }
    })
  }
}
