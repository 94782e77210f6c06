/**
 * Why a message, a stream or a descriptor of another peer was refused. Each is counted; all but `busy`, `too-often`,
 * `idle`, `too-little-work`, `crowded-block`, `wrong-epoch`, `held-too-long`, `bad-time`, `long-payload`, `stale-event` and `replayed-event` are offences, and repeated offences cost the sender its connection.
 *
 * - `busy`: this peer was in an exchange of its own, or had no time for a question
 * - `too-often`: more requests in a period than one peer may start
 * - `idle`: a stream that brought no complete message for too long was closed
 * - `stalled`: the other end does not read what it asked for
 * - `too-many-streams`: more streams than one connection may hold open
 * - `too-long`: a message announced more bytes than the limit, or a length that is no number
 * - `malformed`: bytes that are no message of this protocol
 * - `late`: an answer to another exchange than the present one
 * - `too-many-descriptors`, `duplicate`: a message that lists more peers than a view has, or one twice
 * - `age-out-of-range`: an age that no descriptor can have
 * - `bad-record`: a signed record that cannot be read, is too long, lists too many addresses, or has too many or too
 *   long profiles, or one twice
 * - `forged-record`: a record whose signature is not of its key
 * - `foreign-record`: a record signed by another key than that of the peer it speaks of
 * - `not-the-sender`: a request, or in overlays any message, that does not begin with its sender's own descriptor
 * - `too-little-work`: a descriptor without a stamp of enough bits, which was left out of its message; or a message of a
 *   sender that has none itself
 * - `crowded-block`: a descriptor left out of its message, because enough peers of its address block are known already
 * - `bad-profile`: a peer whose profile is missing, cannot be read, or is none of this peer's space
 * - `wrong-epoch`: an epoch that this peer is not in, and does not believe in yet. Honest peers that slept, or come from
 *   another part of a network that was cut, are in another one
 * - `bad-time`: a round trip that took no time, or longer than any does, so that it says nothing of where a peer is
 * - `held-too-long`: an answer to a request that was held, as it says, for longer than the exchange took: the answer is
 *   taken, the time is not. The clocks of honest peers may be too coarse for a short way
 * - `bad-filter`: a subscription that cannot be read
 * - `bad-event`: an event that cannot be read, is too long, or has attributes that no event may have
 * - `long-payload`: an event whose payload is longer than this peer takes. Others may take longer ones, and pass them on
 * - `forged-event`: an event that its publisher did not sign
 * - `stale-event`: an event that was published too long ago, or by a clock that is ahead: of another opinion on what time it is
 * - `replayed-event`: an event that was had before, and is no longer remembered by what is in it
 * - `unasked`: an event for a subscription that does not ask for it
 * - `not-finite`: a number that is infinite or none
 * - `out-of-range`: a number that is outside of what was declared, or of what it can be
 */
export type Refusal =
  | 'busy'
  | 'too-often'
  | 'idle'
  | 'stalled'
  | 'too-many-streams'
  | 'too-long'
  | 'malformed'
  | 'late'
  | 'too-many-descriptors'
  | 'duplicate'
  | 'age-out-of-range'
  | 'bad-record'
  | 'forged-record'
  | 'foreign-record'
  | 'not-the-sender'
  | 'too-little-work'
  | 'crowded-block'
  | 'bad-profile'
  | 'wrong-epoch'
  | 'held-too-long'
  | 'bad-time'
  | 'bad-filter'
  | 'bad-event'
  | 'long-payload'
  | 'forged-event'
  | 'stale-event'
  | 'replayed-event'
  | 'unasked'
  | 'not-finite'
  | 'out-of-range'

/** A message of another peer is refused; nothing was changed by it. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError'
  readonly reason: Refusal

  constructor(reason: Refusal, message: string = reason) {
    super(message)
    this.reason = reason
  }
}
