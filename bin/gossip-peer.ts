#!/usr/bin/env node
import '../src/peer/compat.ts'
import { run } from './cli.ts'
import { tolerateClosedPipes } from './print.ts'

tolerateClosedPipes()

const code = await run(process.argv.slice(2), process.env)

if (code != null) {
  process.exit(code)
}
