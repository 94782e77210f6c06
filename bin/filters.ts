import { type Filter, parseFilter } from '../src/pubsub/filter.ts'

/** A filter, in text or in JSON form. */
export function parse(text: string): Filter {
  return parseFilter(text.trimStart().startsWith('{') ? jsonIn(text) : text)
}

function jsonIn(text: string) {
  try {
    return JSON.parse(text)
  } catch (err) {
    throw new Error(`"${text}" is no JSON: ${(err as Error).message}`)
  }
}
