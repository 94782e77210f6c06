import type { SizedMessage } from './driver.ts'

/** Exchanges that there is room for at first; it doubles. */
const FIRST_CAPACITY = 1_024

/** No exchange. */
export const NONE = -1

/**
 * The exchanges under way in event mode, each with a number, its two ends and its two messages. The number is given away
 * again once the exchange is over at its initiator and no message of it is in flight any more.
 */
export class Flights<M extends SizedMessage> {
  initiator = new Int32Array(FIRST_CAPACITY)
  partner = new Int32Array(FIRST_CAPACITY)
  /** The partner as the protocol knows it: NOBODY when it was a contact from outside. */
  member = new Int32Array(FIRST_CAPACITY)
  /** 1: the initiator waits for the answer. */
  open = new Uint8Array(FIRST_CAPACITY)
  /** 1: the request or the answer is on its way. */
  inFlight = new Uint8Array(FIRST_CAPACITY)
  /** 1: the answer says that the partner is busy. */
  busy = new Uint8Array(FIRST_CAPACITY)
  readonly requests: M[] = []
  readonly replies: M[] = []
  private readonly free: number[] = []
  private readonly createMessage: () => M

  constructor(createMessage: () => M) {
    this.createMessage = createMessage
  }

  get stateBytes(): number {
    const { initiator, partner, member, open, inFlight, busy } = this
    const arrays = [initiator, partner, member, open, inFlight, busy, ...this.requests, ...this.replies]
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Begins an exchange and returns its number. */
  begin(initiator: number, partner: number, member: number): number {
    const flight = this.free.pop() ?? this.create()
    this.initiator[flight] = initiator
    this.partner[flight] = partner
    this.member[flight] = member
    this.open[flight] = 1
    this.inFlight[flight] = 0
    this.busy[flight] = 0
    return flight
  }

  /** Takes the number back if the exchange is over. */
  release(flight: number): void {
    if (this.open[flight] === 0 && this.inFlight[flight] === 0) {
      this.free.push(flight)
    }
  }

  private create(): number {
    const flight = this.requests.length

    if (flight === this.initiator.length) {
      this.grow()
    }

    this.requests.push(this.createMessage())
    this.replies.push(this.createMessage())
    return flight
  }

  private grow(): void {
    const capacity = this.initiator.length * 2

    for (const name of ['initiator', 'partner', 'member'] as const) {
      const larger = new Int32Array(capacity)
      larger.set(this[name])
      this[name] = larger
    }

    for (const name of ['open', 'inFlight', 'busy'] as const) {
      const larger = new Uint8Array(capacity)
      larger.set(this[name])
      this[name] = larger
    }
  }
}
