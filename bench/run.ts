// Runs the benchmarks named, or all of them, each in a process of its own. Run with: npm run bench [name...]
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

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
  'filters'
]
const names = process.argv.slice(2)

for (const name of names) {
  if (!ALL.includes(name)) {
    console.error(`bench: "${name}" is none of ${ALL.join(', ')}`)
    process.exit(2)
  }
}

for (const name of names.length > 0 ? names : ALL) {
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(`./${name}.js`, import.meta.url))], {
    stdio: 'inherit'
  })

  if (status !== 0) {
    process.exitCode = 1
  }
}
