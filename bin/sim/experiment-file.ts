import { basename } from 'node:path'
import { readDocument } from '../document.ts'
import { OPTIONS_OF, type OptionName } from '../options.ts'
import { fromDocument, type Given, inDocument, type Layer, optionIn } from '../settings.ts'
import { UsageError } from '../usage.ts'

/** What an option takes one after the other. */
export interface SweptValue {
  /** As it stands in the file. */
  value: unknown
  given: Given
}

/** Of each swept option, its values. */
export type Sweep = Partial<Record<OptionName, SweptValue[]>>

/** What the file of an experiment says. */
export interface ExperimentFile {
  /** How messages call it. */
  label: string
  experiment: unknown
  layer: Layer
  sweep: Sweep
}

/** The options that may stand in it. */
const ALLOWED: readonly OptionName[] = OPTIONS_OF.sim.filter(name => name !== 'file')

/** Reads the file that `--file` names. */
export function experimentFile(path: string): ExperimentFile {
  const label = basename(path)
  const document = readDocument(path, '--file') ?? {}

  if (!isMapping(document)) {
    throw new UsageError(`${label}: not a list of options (example: "nodes: 1000" on a line)`)
  }

  const { experiment, sweep, ...options } = document
  const layer = fromDocument(options, label, ALLOWED, 'sim')
  return { label, experiment, layer, sweep: readSweep(sweep ?? {}, `${label}: sweep`, layer) }
}

function readSweep(document: unknown, label: string, layer: Layer): Sweep {
  if (!isMapping(document)) {
    throw new UsageError(`${label}: not a list of options with their values (example: "preset: [swapper, healer]")`)
  }

  const sweep: Sweep = {}

  for (const [name, values] of Object.entries(document)) {
    const option = optionIn(`${label}: ${name}`, name, ALLOWED, 'sim')

    if (!Array.isArray(values) || values.length === 0) {
      throw new UsageError(`${label}: ${name}: not a list of values (example: "${name}: [one, another]")`)
    }

    if (layer.has(option)) {
      throw new UsageError(`${label}: ${name}: it has a value outside of the sweep too (leave out one of them)`)
    }

    sweep[option] = values.map(value => ({ value, given: inDocument(`${label}: ${name}`, option, value) }))
  }

  return sweep
}

function isMapping(document: unknown): document is Record<string, unknown> {
  return typeof document === 'object' && document !== null && !Array.isArray(document)
}
