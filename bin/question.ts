import type { Control } from '../src/peer/control.ts'
import { RefusedError } from '../src/peer/errors.ts'
import { UsageError } from './usage.ts'

/** What is asked of a running peer. */
export interface Question {
  control: Control
  json: boolean
  /** What was said behind the verb. */
  words: string[]
  /** A suspect that is to be cleared. */
  clear: string | undefined
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
  try {
    return (await control.get(path)) as T
  } catch (err) {
    throw err instanceof RefusedError && err.status === 400 ? new UsageError(`${verb}: ${err.message}`) : err
  }
}
