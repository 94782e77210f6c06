import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExperimentResult } from '../../src/sim/experiment.ts'
import type { CoordinateMeasures } from '../../src/sim/experiments/coordinates.ts'
import { withinFolder, written } from '../support/command.ts'
import { runHere } from '../support/run-here.ts'
import { parseXml } from '../support/xml.ts'

type Result = ExperimentResult<CoordinateMeasures>

const SMALL = ['--nodes', '40', '--rounds', '6', '--seed', '7', '--measure-every', '3']
const ALWAYS = [
  'ROUND',
  'SAMPLES',
  'ERROR: MEDIAN %',
  'P90 %',
  'MEDIAN MS',
  'CLAIMED %',
  'DRIFT MS/100 ROUNDS',
  'MOVES/SAMPLE'
]

/** Round trips between four hosts, and what they are later. */
const TIMES = '0 10 20 30\n10 0 15 25\n20 15 0 12\n30 25 12 0\n'
const LATER = '0 90 20 30\n90 0 15 25\n20 15 0 12\n30 25 12 0\n'

describe('the simulator, of coordinates', () => {
  let folder: string

  withinFolder(path => {
    folder = path
  })

  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runHere(['sim', ...args])
    assert.deepEqual([code, stderr], [0, ''])
    return stdout
  }
  const resultOf = async (...args: string[]) => JSON.parse(await run('coordinates', ...args, '--json')) as Result

  /** The titles and the cells of the table in a result for people. */
  const tableOf = (text: string) => {
    const [titles, ...rows] = text.split('\n\n')[1].split('\n')
    return { titles: titles.trim().split(/ {2,}/), rows: rows.map(row => row.trim().split(/ {2,}/)) }
  }

  it('has a table whose columns are what there is', async () => {
    const plain = tableOf(await run('coordinates', ...SMALL))
    assert.deepEqual(plain.titles, ALWAYS)
    assert.deepEqual(
      plain.rows.map(([round]) => round),
      ['3', '6']
    )

    const { titles, rows } = tableOf(await run('coordinates', ...SMALL, '--landmarks', '9', '--proximity'))
    assert.deepEqual(titles, [
      ...ALWAYS,
      'LANDMARKS: MEDIAN %',
      'P90 %',
      'NEAREST FIVE: STRETCH',
      'FOUND %',
      'RANDOM STRETCH'
    ])
    assert.deepEqual(rows[0].slice(8, 10), ['-', '-'])
    assert(rows[1].slice(8).every(cell => Number(cell) > 0))
  })

  it('is the same run with the same seed, whatever is measured beside', async () => {
    const one = await resultOf(...SMALL)
    const again = await resultOf(...SMALL, '--landmarks', '9')
    const other = await resultOf(...SMALL.slice(0, 4), '--seed', '8')
    assert.deepEqual(
      one.rounds.map(({ medianRelativeError, drift }) => [medianRelativeError, drift]),
      again.rounds.map(({ medianRelativeError, drift }) => [medianRelativeError, drift])
    )
    assert((again.final.landmarkMedianRelativeError ?? 0) > 0)
    assert.notEqual(one.final.medianRelativeError, other.final.medianRelativeError)
    assert.equal(one.final.landmarkMedianRelativeError, null)
    assert.equal(one.final.neighbourStretch, null)
  })

  it('shows what it was asked for among its parameters', async () => {
    const asked = '--dimensions 3 --no-height --filter median --rule published --neighbours 5 --noise 0.1 --liars 0.1'
    const { parameters } = await resultOf(
      ...SMALL,
      ...asked.split(' '),
      '--landmarks',
      '5',
      '--landmark-dimensions',
      '3'
    )
    const { topology, dimensions, height, filter, rule, neighbours, noise, liars, landmarks, landmarkDimensions } =
      parameters

    assert.deepEqual(
      [topology, dimensions, height, filter, rule, neighbours, noise, liars, landmarks, landmarkDimensions],
      ['internet', 3, false, 'median', 'published', 5, 0.1, 0.1, 5, 3]
    )
  })

  it('takes a matrix, and others that hold later', async () => {
    const [times, later] = [written(folder, 'times.txt', TIMES), written(folder, 'later.txt', LATER)]
    const args = ['--latency-matrix', times, '--rounds', '40', '--measure-every', '19', '--seed', '1']
    const same = await resultOf(...args)
    const changed = await resultOf(...args, '--replay', `${later}@20`)

    assert.equal(same.parameters.nodes, 4)
    assert.deepEqual(
      same.rounds.map(({ round }) => round),
      [19, 38, 40]
    )
    assert.deepEqual(same.rounds[0], changed.rounds[0])
    assert(changed.final.medianRelativeError > 2 * same.final.medianRelativeError)
  })

  it('writes a line for each measurement of each run, and draws them', async () => {
    const [csv, plot] = [join(folder, 'runs.csv'), join(folder, 'runs.svg')]
    const { repeated, final } = await resultOf(...SMALL, '--repeat', '2', '--proximity', '--csv', csv, '--plot', plot)
    const [header, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n')
    const columns = header.split(',')
    const rows = lines.map(line => Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell])))
    const runs = repeated?.runs ?? []

    assert.deepEqual(
      rows.map(({ seed, round, medianRelativeError, landmarkP90RelativeError, nearestFound }) => [
        Number(seed),
        Number(round),
        Number(medianRelativeError),
        landmarkP90RelativeError,
        Number(nearestFound)
      ]),
      runs.flatMap(({ seed, rounds }) =>
        rounds.map(({ round, medianRelativeError, nearestFound }) => [
          seed,
          round,
          medianRelativeError,
          '',
          nearestFound
        ])
      )
    )
    const mean = (runs[0].final.medianRelativeError + runs[1].final.medianRelativeError) / 2
    assert(Math.abs(final.medianRelativeError - mean) < 1e-12)
    assert.equal(parseXml(readFileSync(plot, 'utf8')).name, 'svg')
  })

  it('sweeps over its options, flags and repeatable ones too', async () => {
    const [times, later] = [written(folder, 'times.txt', TIMES), written(folder, 'later.txt', LATER)]
    const plot = join(folder, 'sweep.svg')
    const file = written(
      folder,
      'sweep.yaml',
      `experiment: coordinates
latency-matrix: ${times}
rounds: 4
seed: 1
sweep:
  height: [true, false]
  replay: [[], ${later}@2, ['${later}@1', '${times}@3']]
`
    )
    const { runs } = JSON.parse(await run('--file', file, '--plot', plot, '--json')) as { runs: Result[] }
    assert.deepEqual(
      runs.map(({ parameters }) => [parameters.height, (parameters.replay as string[]).length]),
      [
        [true, 0],
        [true, 1],
        [true, 2],
        [false, 0],
        [false, 1],
        [false, 2]
      ]
    )
    assert.equal(parseXml(readFileSync(plot, 'utf8')).name, 'svg')
    assert.equal(tableOf(await run('--file', file)).rows.length, 6)
  })

  describe('says on one line what is wrong with', () => {
    const files: Record<string, string> = {
      'times.txt': TIMES,
      'three.txt': '0 1 2\n1 0 3\n2 3 0\n',
      'words.txt': 'a b\nc d\n',
      'ragged.txt': '0 1 2\n1 0\n',
      'empty.txt': ''
    }
    const WRONG: Array<[args: string, says: string]> = [
      ['--latency-matrix words.txt', '--latency-matrix: words.txt: line 1: "a" is not a number'],
      ['--latency-matrix ragged.txt', '--latency-matrix: ragged.txt: line 2: 2 numbers, but the first line has 3'],
      ['--latency-matrix empty.txt', '--latency-matrix: empty.txt: no numbers'],
      ['--latency-matrix .', '--latency-matrix: . is not a file'],
      ['--latency-matrix times.txt --topology grid', '--topology: either a topology or a latency matrix, not both'],
      ['--latency-matrix times.txt --replay times.txt@x', '--replay: "times.txt@x" is not a file of round-trip times'],
      [
        '--latency-matrix times.txt --replay three.txt@3',
        '--replay: three.txt has 3 hosts and times.txt 4: they must be the same ones'
      ],
      ['--latency-matrix times.txt --replay words.txt@3', '--replay: words.txt: line 1: "a" is not a number'],
      ['--latency-matrix times.txt --replay times.txt@9 --rounds 9', '--replay: round 9 is not one from 0 to 8'],
      ['--replay times.txt@3', '--replay: has a meaning with a latency matrix only'],
      ['--landmarks 3 --landmark-dimensions 7', '--landmarks: 3 are too few for 7 dimensions: at least 9'],
      ['--liars 1.5', '--liars: "1.5" is not a share from 0 to 1 (example: 0.05)']
    ]

    for (const [args, says] of WRONG) {
      it(args, async () => {
        for (const [name, text] of Object.entries(files)) {
          written(folder, name, text)
        }

        const inFolder = args.split(' ').map(arg => (/\.txt/.test(arg) ? join(folder, arg) : arg))
        const { code, stdout, stderr } = await runHere(['sim', 'coordinates', ...inFolder])
        assert.deepEqual([code, stdout], [2, ''])
        assert.match(stderr, /^gossip-peer: [^\n]+\n$/)
        assert(stderr.replaceAll(`${folder}/`, '').includes(says), stderr)
      })
    }
  })
})
