// Makes the figures of the documentation, with their data: docs/figures. Run with: npm run figures [name...]; those of coordinates
// also on measured times: npm run figures coordinates -- --latency-matrix FILE (repeatable: one after the other) --citation TEXT
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'csv-stringify/sync'
import { latencyMatrix } from '../bin/sim/latency-matrix.ts'
import { resultTable } from '../src/sim/csv.ts'
import { drawFigure } from '../src/sim/plot/draw.ts'
import { aggregationStudy } from './aggregation.ts'
import { coordinatesStudy } from './coordinates.ts'
import { cyclon } from './cyclon.ts'
import { deadLinks } from './dead-links.ts'
import { defences } from './defences.ts'
import { delay } from './delay.ts'
import { hubAttackStudy } from './hub-attack.ts'
import { inDegrees } from './in-degrees.ts'
import { pubSubStudy } from './pubsub.ts'
import type { Study } from './study.ts'
import { torusStudy } from './torus.ts'
import { uniformity } from './uniformity.ts'

const ALL: Study[] = [
  inDegrees,
  deadLinks,
  cyclon,
  delay,
  uniformity,
  hubAttackStudy,
  defences,
  torusStudy,
  aggregationStudy,
  coordinatesStudy,
  pubSubStudy
]
const FOLDER = resolve(import.meta.dirname, '../../docs/figures')

const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: { 'latency-matrix': { type: 'string', multiple: true }, citation: { type: 'string' } }
})
const given = { matrices: (values['latency-matrix'] ?? []).map(latencyMatrix), citation: values.citation }
const unknown = names.find(name => !ALL.some(study => study.name === name))

if (unknown != null) {
  console.error(`figures: "${unknown}" is none of ${ALL.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

mkdirSync(FOLDER, { recursive: true })

for (const study of ALL) {
  if (names.length === 0 || names.includes(study.name)) {
    await make(study)
  }
}

/** Writes the picture, its data, and the text that stands below it. */
async function make({ name, run }: Study): Promise<void> {
  const { results, figure, text } = await run(what => tell(`${name}: ${what}`), given)
  const { columns, records } = resultTable(results)
  const picture = `![${figure.title}](${name}.svg)`
  writeFileSync(join(FOLDER, `${name}.svg`), await drawFigure(figure))
  writeFileSync(join(FOLDER, `${name}.csv`), stringify(records, { header: true, columns }))
  writeFileSync(join(FOLDER, `${name}.md`), `${text}\n\n${picture}\n\nThe data: [${name}.csv](${name}.csv)\n`)
  tell('')
  console.error(`${name}: docs/figures/${name}.md, its picture and its data are written`)
}

/** On one line, where a person looks on. */
function tell(what: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r${what.padEnd(72)}${what === '' ? '\r' : ''}`)
  }
}
