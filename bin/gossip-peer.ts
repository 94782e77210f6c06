#!/usr/bin/env node
import '../src/peer/compat.ts'
import { run } from './cli.ts'
import { flush, surviveOutput } from './print.ts'

surviveOutput()

const code = await run(process.argv.slice(2), process.env)

if (code != null) {
  await flush()
  process.exit(process.exitCode ?? code)
}
