import { once } from 'node:events'
import { pipe } from 'it-pipe'
import { NoPeerError, RefusedError } from '../src/peer/errors.ts'
import { warn } from './print.ts'
import { EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED } from './usage.ts'

/**
 * Shows what a peer tells, as it comes, until the user has seen enough or the peer is gone.
 *
 * @returns the exit code
 */
export async function follow(
  tell: (signal: AbortSignal) => AsyncIterable<object>,
  show: (document: object) => void
): Promise<number> {
  const abort = new AbortController()
  let code = EXIT_FAILED

  const end = (because: number) => {
    code = because
    abort.abort()
  }

  process.once('SIGINT', () => end(EXIT_INTERRUPTED))
  process.once('SIGTERM', () => end(EXIT_DONE))
  // Whoever read it has seen enough.
  process.stdout.once('error', () => end(EXIT_DONE))

  try {
    await pipe(tell(abort.signal), async documents => {
      for await (const document of documents) {
        show(document)

        // what nobody reads yet must not pile up here: it is the peer that knows what to keep
        if (process.stdout.writableNeedDrain) {
          await once(process.stdout, 'drain', { signal: abort.signal })
        }
      }
    })
  } catch (err) {
    // The connection of a peer that was killed ends in the middle: the same to whoever watches as an orderly end.
    if (!abort.signal.aborted && (err instanceof NoPeerError || err instanceof RefusedError)) {
      throw err
    }
  }

  if (!abort.signal.aborted) {
    warn('the peer has gone')
  }

  return code
}
