import { readFileSync } from 'node:fs'

// Read instead of imported: Node 20 warns at every start of a program that imports JSON.
const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))

/** The version of this package. */
export const VERSION: string = version
