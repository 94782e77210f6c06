import { setTimeout as delay } from 'node:timers/promises'
import { type Control, openControl } from '../src/peer/control.ts'
import type { Diagnosis, PeerStatus, SuspectDocument } from '../src/peer/index.ts'
import { aggregate, size } from './aggregation-verbs.ts'
import type { AskingVerb } from './command-line.ts'
import { homeOf } from './config.ts'
import { coordinate, nearest, rtt } from './coordinate-verbs.ts'
import { publish, subscribe } from './event-verbs.ts'
import { describeAny, type EventDocument, eventLine } from './events.ts'
import { follow } from './follow.ts'
import { neighbours, route } from './overlay-verbs.ts'
import { counted, print, printJson, table, warn } from './print.ts'
import { answerTo, type Question, readWord, type Verb } from './question.ts'
import type { Settings } from './settings.ts'
import { status } from './status-verb.ts'
import { EXIT_DONE, EXIT_FAILED, FailedError } from './usage.ts'
import { wholeNumber, yesOrNo } from './values.ts'

/** How long a peer may take to leave, in milliseconds, before `stop` gives up: more than the three seconds it has. */
const STOP_PATIENCE = 6_000

const NOBODY_YET = 'no member is known yet'

interface Member {
  peerId: string
  age?: number
  addresses: string[]
}

/** Asks the peer that runs in the home, prints its answer, returns the exit code. */
export async function ask(verb: AskingVerb, settings: Settings, words: string[]): Promise<number> {
  // Only a peer that starts can have no home.
  const control = openControl(homeOf(settings) as string)
  const json = settings.one('json', yesOrNo) === true

  return await VERBS[verb]({ control, json, words, settings })
}

const VERBS: Record<AskingVerb, Verb> = {
  status,
  peers,
  sample,
  neighbours,
  route,
  aggregate,
  size,
  rtt,
  coordinate,
  nearest,
  subscribe,
  publish,
  suspects,
  monitor,
  id,
  doctor,
  stop
}

async function peers({ control, json }: Question): Promise<number> {
  const members = (await control.get('/peers')) as Member[]

  if (json) {
    printJson(members)
  } else {
    printMembers(members)
  }

  if (members.length === 0) {
    warn(NOBODY_YET)
  }

  return EXIT_DONE
}

async function sample(question: Question): Promise<number> {
  const {
    json,
    words: [word]
  } = question
  const count = word == null ? 1 : readWord('sample', word, wholeNumber(1))
  const members = await answerTo<Member[]>('sample', question, `/sample?n=${count}`)

  if (json) {
    printJson(members)
  } else {
    for (const { peerId, addresses } of members) {
      print([peerId, ...addresses.slice(0, 1)].join(' '))
    }
  }

  if (members.length < count) {
    warn(members.length === 0 ? NOBODY_YET : `only ${counted(members.length, 'member')} known`)
  }

  return members.length === 0 ? EXIT_FAILED : EXIT_DONE
}

async function suspects({ control, json, settings }: Question): Promise<number> {
  const clear = settings.find('clear') == null ? undefined : await peerIn(settings)

  if (clear != null) {
    const answer = await control.post(`/suspects/clear?peer=${encodeURIComponent(clear)}`)

    if (json) {
      printJson(answer)
    } else {
      print(`${clear} is suspected no more`)
    }

    return EXIT_DONE
  }

  const suspects = (await control.get('/suspects')) as SuspectDocument[]

  if (json) {
    printJson(suspects)
  } else if (suspects.length === 0) {
    warn('nobody is suspected')
  } else {
    printSuspects(suspects)
  }

  return EXIT_DONE
}

async function monitor({ control, json }: Question): Promise<number> {
  return await follow(
    signal => control.stream('/monitor', { signal }),
    document => {
      const event = document as EventDocument

      if (json) {
        printJson(event)
      } else {
        print(eventLine(event, describeAny(event)))
      }
    }
  )
}

async function id({ control, json }: Question): Promise<number> {
  const answer = (await control.get('/id')) as { peerId: string }

  if (json) {
    printJson(answer)
  } else {
    print(answer.peerId)
  }

  return EXIT_DONE
}

async function doctor({ control, json }: Question): Promise<number> {
  const report = (await control.get('/doctor')) as Diagnosis

  if (json) {
    printJson(report)
  } else if (report.troubles.length === 0) {
    print('no trouble found')
  } else {
    for (const { message, advice } of report.troubles) {
      print(message)
      print(`  ${advice}`)
    }
  }

  return report.troubles.length === 0 ? EXIT_DONE : EXIT_FAILED
}

async function stop({ control, json }: Question): Promise<number> {
  const { peerId, pid } = (await control.get('/status')) as PeerStatus
  const deadline = performance.now() + STOP_PATIENCE
  // a peer inside of an app leaves, and the app goes on
  const { endsProcess } = (await control.post('/stop')) as { endsProcess: boolean }

  while ((await answers(control)) || (endsProcess && isAlive(pid))) {
    if (performance.now() > deadline) {
      throw new FailedError(`the peer does not leave (its process is ${pid})`)
    }

    await delay(25)
  }

  if (json) {
    printJson({ stopped: peerId })
  } else {
    print(`stopped ${peerId}`)
  }

  return EXIT_DONE
}

/** Loaded late: no other verb needs to know a peer id when it sees one. */
async function peerIn(settings: Settings): Promise<string | undefined> {
  const { peerId } = await import('./addresses.ts')
  return settings.one('clear', peerId)
}

async function answers(control: Control): Promise<boolean> {
  try {
    await control.get('/id')
    return true
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function printSuspects(suspects: SuspectDocument[]): void {
  const rows = suspects.map(({ peerId, ...evidence }) => [peerId, ...Object.values(evidence).map(String)])

  for (const line of table(['PEER', 'SEEN', 'EXPECTED', 'OFFENCES', 'ROUNDS LEFT'], rows)) {
    print(line)
  }
}

function printMembers(members: Member[]): void {
  const rows = members.map(({ peerId, age, addresses }) => [peerId, String(age ?? ''), addresses[0] ?? ''])

  for (const line of table(['PEER', 'AGE', 'ADDRESS'], rows)) {
    print(line)
  }
}
