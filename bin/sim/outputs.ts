import { resolve } from 'node:path'
import { resultTable } from '../../src/sim/csv.ts'
import type { Experiment } from '../../src/sim/experiment.ts'
import type { SweptResult } from '../../src/sim/sweep.ts'
import { expectWritable, write } from '../files.ts'
import type { OptionName } from '../options.ts'
import { warn } from '../print.ts'
import type { Settings } from '../settings.ts'
import { UsageError } from '../usage.ts'

/** The options that name a file, and what becomes of results in it. */
const WRITERS = { csv: csvOf, plot: plotOf } satisfies Partial<Record<OptionName, Writer>>

type Writer = (results: SweptResult[], experiment: Experiment) => Promise<string>

/** A file that the user asked for. */
export interface Output {
  /** How the user named it. */
  label: string
  file: string
  writer: Writer
}

/**
 * The files that the user asked for, which can be written as it seems.
 *
 * @throws UsageError naming the first that cannot
 */
export function outputsOf(settings: Settings): Output[] {
  const outputs = Object.entries(WRITERS).flatMap(([name, writer]) => {
    const option = name as keyof typeof WRITERS
    const file = settings.one(option, path => outputFile(option, path))
    return file == null ? [] : [{ label: settings.label(option), file, writer }]
  })
  const taken = new Map(settings.all('file', path => resolve(path))?.map(path => [path, settings.label('file')]))

  for (const { label, file } of outputs) {
    const other = taken.get(resolve(file))

    if (other != null) {
      throw new UsageError(`${label}: ${file} is the file of ${other} already`)
    }

    taken.set(resolve(file), label)
  }

  return outputs
}

/** Writes them all. One that fails says so, and does not keep the others from being written. */
export async function writeOutputs(
  outputs: Output[],
  experiment: Experiment,
  results: SweptResult[]
): Promise<boolean> {
  let isWritten = true

  for (const { label, file, writer } of outputs) {
    try {
      write(file, await writer(results, experiment))
    } catch (err) {
      warn(`${label}: ${(err as Error).message}`)
      isWritten = false
    }
  }

  return isWritten
}

function outputFile(option: keyof typeof WRITERS, file: string): string {
  if (option === 'plot' && !/\.svg$/i.test(file)) {
    throw new Error(`"${file}" does not end in .svg`)
  }

  expectWritable(file)
  return file
}

async function csvOf(results: SweptResult[]): Promise<string> {
  const { stringify } = await import('csv-stringify/sync')
  const { columns, records } = resultTable(results)
  return stringify(records, { header: true, columns })
}

async function plotOf(results: SweptResult[], experiment: Experiment): Promise<string> {
  const { drawFigure } = await import('../../src/sim/plot/draw.ts')
  return await drawFigure(experiment.figure(results))
}
