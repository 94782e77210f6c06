// Runs the benchmarks named, or all of them, each in a process of its own. Run with: npm run bench [name...]; that of coordinates
// on measured times, too: npm run bench coordinates -- --latency-matrix FILE
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ALL = [
  'exchange',
  'idle',
  'join',
  'star',
  'driver',
  'simulator',
  'defences',
  'aggregation',
  'overlay',
  'coordinates',
  'filters',
  'events'
]
const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: { 'latency-matrix': { type: 'string' } }
})
const matrix = values['latency-matrix']

for (const name of names) {
  if (!ALL.includes(name)) {
    console.error(`bench: "${name}" is none of ${ALL.join(', ')}`)
    process.exit(2)
  }
}

for (const name of names.length > 0 ? names : ALL) {
  const given = name === 'coordinates' && matrix != null ? [matrix] : []
  const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  const { status } = spawnSync(process.execPath, [file, ...given], { stdio: 'inherit' })

  if (status !== 0) {
    process.exitCode = 1
  }
}
