import { createReadStream } from 'node:fs'
import { systemCode } from '../src/peer/errors.ts'
import { DEFAULT_MAX_PAYLOAD_BYTES } from '../src/pubsub/limits.ts'
import { UsageError } from './usage.ts'

/**
 * The bytes that belong to an event. No more is read than an event can have: a source need not end.
 *
 * @param source - a file, or `-` for standard input; undefined for none
 * @throws UsageError when it cannot be read, or is too long
 */
export async function payloadFrom(source: string | undefined): Promise<Buffer> {
  if (source == null) {
    return Buffer.alloc(0)
  }

  const chunks: Buffer[] = []
  let bytes = 0

  try {
    for await (const chunk of source === '-' ? process.stdin : createReadStream(source)) {
      chunks.push(chunk)
      bytes += chunk.length

      if (bytes > DEFAULT_MAX_PAYLOAD_BYTES) {
        break
      }
    }
  } catch (err) {
    const name = source === '-' ? 'standard input' : source
    throw new UsageError(`--payload: cannot read ${name} (${systemCode(err) ?? (err as Error).message})`)
  }

  if (bytes > DEFAULT_MAX_PAYLOAD_BYTES) {
    throw new UsageError(`--payload: more than ${DEFAULT_MAX_PAYLOAD_BYTES} bytes`)
  }

  return Buffer.concat(chunks)
}
