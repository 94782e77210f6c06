import type { Control } from '../src/peer/control.ts'
import { RefusedError } from '../src/peer/errors.ts'
import type { Settings } from './settings.ts'
import { UsageError } from './usage.ts'

/** What is asked of a running peer. */
export interface Question {
  control: Control
  json: boolean
  /** What was said behind the verb. */
  words: string[]
  /** What the options say. */
  settings: Settings
}

/** Asks, prints the answer, returns the exit code. */
export type Verb = (question: Question) => Promise<number>

/** @throws UsageError saying what is wrong with the word behind the verb */
export function readWord<T>(verb: string, word: string, read: (text: string) => T): T {
  try {
    return read(word)
  } catch (err) {
    throw new UsageError(`${verb}: ${(err as Error).message}`)
  }
}

/** @throws UsageError where the peer says that what was asked for cannot be */
export async function answerTo<T>(verb: string, { control }: Question, path: string): Promise<T> {
  return await heeding(verb, async () => (await control.get(path)) as T)
}

/** @throws UsageError where the peer says that what was asked for cannot be */
export async function heeding<T>(verb: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (err) {
    throw err instanceof RefusedError && err.status === 400 ? new UsageError(`${verb}: ${err.message}`) : err
  }
}
