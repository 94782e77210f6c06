import { parseDocument } from 'yaml'
import { readBytes } from './files.ts'
import { UsageError } from './usage.ts'

/**
 * What a YAML or JSON file says.
 *
 * @param label - how the user named the file: `--config`
 * @throws UsageError when it cannot be read, or is no YAML
 */
export function readDocument(file: string, label: string): unknown {
  let text: string

  try {
    text = readBytes(file).toString()
  } catch (err) {
    throw new UsageError(`${label}: ${(err as Error).message}`)
  }

  // JSON is YAML.
  const document = parseDocument(text, { prettyErrors: true })
  const error = document.errors[0]

  if (error != null) {
    const line = error.linePos?.[0].line
    throw new UsageError(
      `${file}${line == null ? '' : `:${line}`}: ${error.message.split('\n')[0].replace(/ at line.*/, '')}`
    )
  }

  try {
    return document.toJS()
  } catch (err) {
    // of an alias to nothing, or of too many
    throw new UsageError(`${file}: ${(err as Error).message}`)
  }
}
