import type { AggregateDocument, SizeDocument } from '../src/peer/index.ts'
import { counted, print, printJson, span, table, warn } from './print.ts'
import type { Question } from './question.ts'
import { EXIT_DONE, EXIT_FAILED } from './usage.ts'

/** Digits of a value that people see. */
const DIGITS = 6

/** What everybody's values come to: one aggregate, or all. */
export async function aggregate({ control, json, words: [word] }: Question): Promise<number> {
  const path = word == null ? '/aggregates' : `/aggregate?name=${encodeURIComponent(word)}`
  const answer = (await control.get(path)) as AggregateDocument | AggregateDocument[]
  const documents = Array.isArray(answer) ? answer : [answer]

  if (json) {
    printJson(answer)
  } else if (documents.length === 0) {
    warn('this peer has no value to add (gossip-peer start --value load=cpu)')
  } else if (word == null) {
    printAggregates(documents)
  } else {
    printAggregate(documents[0])
  }

  if (!json) {
    const unknown = documents.filter(({ value }) => value == null)
    new Set(unknown.map(whyNot)).forEach(warn)
  }

  return documents.every(({ value }) => value != null) ? EXIT_DONE : EXIT_FAILED
}

/** How many peers there are. */
export async function size({ control, json }: Question): Promise<number> {
  const answer = (await control.get('/size')) as SizeDocument

  if (json) {
    printJson(answer)
  } else if (answer.value == null) {
    warn(notYet(answer))
  } else {
    print(`${peersIn(answer)}, as of epoch ${answer.epoch}, ${ago(answer.ageSeconds)}`)
  }

  return answer.value == null ? EXIT_FAILED : EXIT_DONE
}

/** The size in words. */
export function peersIn({ value, standardError }: SizeDocument): string {
  if (value == null) {
    return 'not known yet'
  }

  const sure = standardError == null ? '' : ` ± ${rounded(standardError, 2)}`
  return `${counted(Math.round(value), 'peer')} (${rounded(value)}${sure})`
}

function printAggregates(documents: AggregateDocument[]): void {
  const rows = documents.map(({ name, function: kind, value, epoch, ageSeconds }) => [
    name,
    kind,
    value == null ? '-' : shown(value),
    epoch == null ? '-' : String(epoch),
    ageSeconds == null ? '-' : span(ageSeconds * 1_000)
  ])

  for (const line of table(['NAME', 'FUNCTION', 'VALUE', 'EPOCH', 'AGE'], rows)) {
    print(line)
  }
}

function printAggregate(document: AggregateDocument): void {
  const { name, function: kind, value, spread, epoch, ageSeconds } = document

  if (value == null) {
    return
  }

  if (typeof value === 'number') {
    const sure = spread == null ? '' : `, spread ${rounded(spread, 2)}`
    print(`${kind} of ${name}: ${rounded(value)} (epoch ${epoch}, ${ago(ageSeconds)}${sure})`)
    return
  }

  print(`${kind} of ${name} (epoch ${epoch}, ${ago(ageSeconds)})`)
  const rows = (document.bins ?? []).map(({ from, to, share }) => [
    `${rounded(from)} to ${rounded(to)}`,
    `${rounded(share * 100, 3)} %`
  ])

  for (const line of table(['VALUES', 'PEERS'], rows)) {
    print(line)
  }
}

function whyNot(document: AggregateDocument): string {
  const { name, error } = document
  return error == null ? notYet(document) : `this peer adds nothing to ${name} in this epoch: ${error}`
}

function notYet({ secondsLeft }: Pick<SizeDocument, 'secondsLeft'>): string {
  return `not known yet: its first epoch ends in about ${span(secondsLeft * 1_000)}`
}

function shown(value: number | number[]): string {
  return typeof value === 'number' ? rounded(value) : counted(value.length, 'bin')
}

function ago(seconds: number | undefined): string {
  return seconds == null ? 'now' : `${span(seconds * 1_000)} ago`
}

/** Without digits that say nothing. */
function rounded(value: number, digits = DIGITS): string {
  return String(Number(value.toPrecision(digits)))
}
