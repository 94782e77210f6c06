import { closeSync, openSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'

/**
 * What is in a file.
 *
 * @throws Error when it cannot be read
 */
export function readBytes(file: string): Buffer {
  let bytes: Buffer | undefined

  try {
    bytes = statSync(file).isFile() ? readFileSync(file) : undefined
  } catch (err) {
    throw new Error(`cannot read ${file} (${codeOf(err)})`)
  }

  if (bytes == null) {
    throw new Error(`${file} is not a file`)
  }

  return bytes
}

/**
 * Makes sure, without a trace, that a file can be written later.
 *
 * @throws Error when it cannot
 */
export function expectWritable(file: string): void {
  try {
    const found = statSync(file, { throwIfNoEntry: false })

    // a pipe would lose its reader
    if (found == null || found.isFile() || found.isDirectory()) {
      closeSync(openSync(file, 'a'))
    }

    if (found == null) {
      rmSync(realpathSync(file))
    }
  } catch (err) {
    throw new Error(`cannot write ${file} (${codeOf(err)})`)
  }
}

/**
 * Writes a file, in place of what was in it.
 *
 * @throws Error when it cannot be written
 */
export function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (err) {
    throw new Error(`cannot write ${file} (${codeOf(err)})`)
  }
}

function codeOf(err: unknown): string {
  return (err as NodeJS.ErrnoException).code ?? (err as Error).message
}
