import { ParameterError } from '../gossip/parameters.ts'
import { type Aggregate, type AggregateOptions, aggregate, checkValue } from './aggregate.ts'
import { identityOf, keyOf } from './identity.ts'
import type { RegisterOptions } from './index.ts'
import { checkAggregate } from './parameters.ts'
import type { AggregationProtocol } from './protocol.ts'
import { Schema } from './schema.ts'
import { type AggregationSettingsInit, aggregationSettings } from './settings.ts'

/** Where a peer's own value comes from. */
export type OwnValue = number | (() => number)

/** An aggregate that this peer takes part in. */
export interface Registered {
  readonly aggregate: Aggregate
  readonly number: number
  /** What it is known by on the wire, and the key made of it. */
  readonly identity: Uint8Array
  readonly key: string
  /** Absent for a count. */
  readonly value: OwnValue | undefined
  /** Why there was no value at the beginning of this epoch. */
  error?: Error
}

export interface RegistrationsInit {
  /** Asked for late: the core asks for values as soon as it is made. */
  protocol(): AggregationProtocol
  /** There is no value in the epoch that begins. Called in the middle of a turn. */
  onLeftOut(registered: Registered, error: Error): void
}

/** The aggregates of a live peer: by name for the app, by number for the core, by identity for the wire. */
export class Registrations {
  private readonly init: RegistrationsInit
  private readonly byNumber: (Registered | undefined)[] = []
  private readonly byName = new Map<string, Registered>()
  private readonly byKey = new Map<string, Registered>()
  private reading = false

  constructor(init: RegistrationsInit) {
    this.init = init
  }

  /** @throws ParameterError when it is impossible, its name is taken, or there is no room */
  add(options: AggregateOptions, value: OwnValue | undefined): Registered {
    const complete = complement(options, value)
    const identity = identityOf(complete)
    const number = this.init.protocol().define(complete)
    const registered: Registered = { aggregate: complete, number, identity, key: keyOf(identity), value }
    this.byNumber[number] = registered
    this.byName.set(complete.name, registered)
    this.byKey.set(registered.key, registered)
    return registered
  }

  /** The core must not lose an aggregate while it asks for its values: then it goes as soon as that is over. */
  remove(registered: Registered): void {
    if (this.reading) {
      queueMicrotask(() => this.remove(registered))
      return
    }

    if (this.has(registered)) {
      this.byNumber[registered.number] = undefined
      this.byName.delete(registered.aggregate.name)
      this.byKey.delete(registered.key)
      this.init.protocol().withdraw(registered.number)
    }
  }

  has(registered: Registered): boolean {
    return this.byNumber[registered.number] === registered
  }

  named(name: string): Registered | undefined {
    return this.byName.get(name)
  }

  numbered(number: number): Registered | undefined {
    return this.byNumber[number]
  }

  keyed(key: string): Registered | undefined {
    return this.byKey.get(key)
  }

  [Symbol.iterator](): Iterator<Registered> {
    return this.byName.values()
  }

  get size(): number {
    return this.byName.size
  }

  /** What this peer begins an epoch with. One value that cannot be had is nobody else's trouble. */
  read(number: number): number | undefined {
    const registered = this.byNumber[number]

    if (registered == null) {
      return undefined
    }

    const { aggregate, value } = registered
    this.reading = true

    try {
      const read = checkNumber(aggregate, typeof value === 'function' ? value() : value)
      registered.error = undefined
      return read
    } catch (err) {
      registered.error = err instanceof Error ? err : new Error(String(err))
      this.init.onLeftOut(registered, registered.error)
      return undefined
    } finally {
      this.reading = false
    }
  }
}

/**
 * Whether a peer of such settings could register all of these.
 *
 * @throws ParameterError as registering them would
 */
export function checkRegistrations(init: AggregationSettingsInit, values: Record<string, RegisterOptions>): void {
  const { parameters } = aggregationSettings(init)
  const schema = new Schema(parameters.cells, parameters.aggregates)

  for (const [name, { value, ...options }] of Object.entries(values)) {
    const complete = complement({ ...options, name }, value)
    checkAggregate(complete, parameters)
    schema.define(complete)
  }
}

/** The aggregate, complete, if it and one's own value can be. A function is asked later. */
function complement(options: AggregateOptions, value: OwnValue | undefined): Aggregate {
  const complete = aggregate(options)

  if (complete.function !== 'count' && value == null) {
    throw new ParameterError('value', `"${complete.name}" has none`)
  }

  if (typeof value !== 'function' && value != null) {
    checkNumber(complete, value)
  }

  return complete
}

/** An app may be written in JavaScript, where anything may come. */
function checkNumber(aggregate: Aggregate, value: unknown): number {
  if (typeof value !== 'number') {
    throw new ParameterError(aggregate.name, `a ${typeof value} is not a number`)
  }

  return checkValue(aggregate, value)
}
