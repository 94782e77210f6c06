import { type Filter, parseFilter } from '../src/pubsub/filter.ts'
import { harmlessText, shown } from './print.ts'

/** A filter, in text or in JSON form. */
export function parse(text: string): Filter {
  return parseFilter(text.trimStart().startsWith('{') ? jsonIn(text) : text)
}

function jsonIn(text: string) {
  try {
    return JSON.parse(text)
  } catch (err) {
    throw new Error(`${shown(text)} is no JSON (${harmlessText((err as Error).message)})`)
  }
}
