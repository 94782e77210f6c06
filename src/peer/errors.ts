/** Why a peer did not start. */
export type StartErrorCode =
  | 'home-in-use'
  | 'home-unwritable'
  | 'key-unreadable'
  | 'key-exposed'
  | 'key-damaged'
  | 'store-damaged'
  | 'no-space'
  | 'port-in-use'
  | 'port-forbidden'
  | 'address-unavailable'
  | 'control-unavailable'

/** The peer could not start. The message is one line: what was wrong, what was expected, what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly code: StartErrorCode

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Nobody answers on the control socket of that home: no peer runs there. */
export class NoPeerError extends Error {
  override readonly name = 'NoPeerError'
  /** The home that was asked. */
  readonly home: string

  constructor(home: string, options?: ErrorOptions) {
    super(`no peer runs in ${home} (start one: gossip-peer start --home ${home})`, options)
    this.home = home
  }
}

/** The code of a Node system error (`ENOSPC`, ...), or undefined. */
export function systemCode(err: unknown): string | undefined {
  const code = err instanceof Error ? (err as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Whether it says that the disk, or the user's share of it, is full. LevelDB says so in words only. */
export function saysNoSpace(err: unknown): boolean {
  const code = systemCode(err)

  return (
    code === 'ENOSPC' || code === 'EDQUOT' || /no space left|disk quota exceeded|not enough space/i.test(messageOf(err))
  )
}

/** An error's message on one line, with those of its causes. */
export function messageOf(err: unknown): string {
  if (!(err instanceof Error)) {
    return String(err)
  }

  const text = err.cause == null ? err.message : `${err.message}: ${messageOf(err.cause)}`
  return text.replace(/\s*\n\s*/g, ' ')
}

/** What to say of a file or folder in the home that could not be written. */
export function homeError(home: string, doing: string, err: unknown): StartError {
  if (err instanceof StartError) {
    return err
  }

  if (saysNoSpace(err)) {
    return new StartError('no-space', `home ${home}: no space left for ${doing}; free some and start again`, {
      cause: err
    })
  }

  return new StartError(
    'home-unwritable',
    `home ${home}: ${doing} failed (${messageOf(err)}); expected a folder that you may write to: choose one with --home`,
    { cause: err }
  )
}

/**
 * What to say of an address that cannot be listened on.
 *
 * @param what - the option and its value
 * @param example - an address that would do
 */
export function listenError(what: string, err: unknown, example: string): StartError {
  const text = messageOf(err)
  // libp2p passes the code of the system on in words only.
  const code = systemCode(err) ?? /\b(EADDRINUSE|EACCES)\b/.exec(text)?.[0]
  const options = { cause: err }

  if (code === 'EADDRINUSE') {
    const advice = 'choose another one, or 0 for any that is free'
    return new StartError('port-in-use', `${what}: the port is in use by another program; ${advice}`, options)
  }

  if (code === 'EACCES') {
    const advice = 'choose one from 1024 up, or 0 for any that is free'
    return new StartError('port-forbidden', `${what}: this user may not listen on that port; ${advice}`, options)
  }

  return new StartError(
    'address-unavailable',
    `${what}: cannot be listened on (${text}); expected an address of this machine, such as ${example}`,
    options
  )
}

/** A running peer does not do what it was asked for. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  /** Of HTTP: 400 for what cannot be, 404 for what there is not. */
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}
