/** A parameter of a protocol is impossible; `parameter` names it. */
export class ParameterError extends RangeError {
  override readonly name = 'ParameterError'
  readonly parameter: string
  /** The message without the parameter's name, for who calls it otherwise. */
  readonly reason: string

  constructor(parameter: string, reason: string) {
    super(`${parameter}: ${reason}`)
    this.parameter = parameter
    this.reason = reason
  }
}

/** @throws ParameterError unless the value is a whole number within bounds */
export function wholeNumber(parameter: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ParameterError(parameter, `${value} is not a whole number from ${min} to ${max}`)
  }

  return value
}

/** @throws ParameterError unless the value is one of these */
export function oneOf<T extends string>(parameter: string, value: T, values: readonly T[]): T {
  if (!values.includes(value)) {
    throw new ParameterError(parameter, `"${value}" is none of ${values.join(', ')}`)
  }

  return value
}
