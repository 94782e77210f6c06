#!/usr/bin/env node
import '../src/peer/compat.ts'
import { run } from './cli.ts'
import { surviveOutput } from './print.ts'

surviveOutput()

const code = await run(process.argv.slice(2), process.env)

if (code != null) {
  // an error of stdout comes in the next turn
  await new Promise(setImmediate)
  process.exit(process.exitCode ?? code)
}
