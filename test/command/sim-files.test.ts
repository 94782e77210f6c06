import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { EXPERIMENTS } from '../../src/sim/experiments/index.ts'
import { withinFolder, written } from '../support/command.ts'
import { type Result, resultOf, runHere, SMALL } from '../support/run-here.ts'
import { parseXml } from '../support/xml.ts'

describe('the simulator', () => {
  let folder: string

  withinFolder(path => {
    folder = path
  })

  describe('as a file', () => {
    it('of comma-separated values has a line for each measurement of each run', async () => {
      const csv = join(folder, 'runs.csv')
      const { repeated } = await resultOf('sampling', ...SMALL, '--repeat', '2', '--csv', csv)
      const [header, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n')
      const columns = header.split(',')
      const rows = lines.map(line => Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell])))

      assert.deepEqual(columns.slice(0, 6), [
        'experiment',
        'seed',
        'round',
        'living',
        'inDegree.mean',
        'inDegree.standardDeviation'
      ])
      assert.equal(rows.length, 20)
      assert.deepEqual(
        rows.map(row => `${row.seed} ${row.round} ${row['inDegree.standardDeviation']} ${row['exchanges.started']}`),
        repeated?.runs.flatMap(({ seed, rounds }) =>
          rounds.map(({ round, inDegree, exchanges }) =>
            [seed, round, inDegree.standardDeviation, exchanges.started].join(' ')
          )
        )
      )
    })

    it('takes the place of one that is there', async () => {
      const csv = written(folder, 'old.csv', 'something old\n'.repeat(10_000))
      await resultOf('sampling', ...SMALL, '--csv', csv)
      assert.equal(readFileSync(csv, 'utf8').trimEnd().split('\n').length, 11)
    })

    it('that cannot be written in the end says so, and the others are there', async function () {
      if (!existsSync('/dev/full')) {
        this.skip()
      }

      const plot = join(folder, 'left.svg')
      const args = ['sim', 'sampling', ...SMALL, '--csv', '/dev/full', '--plot', plot, '--json']
      const { code, stdout, stderr } = await runHere(args)

      assert.equal(code, 1)
      assert.equal(stderr, 'gossip-peer: --csv: cannot write /dev/full (ENOSPC)\n')
      assert.equal(JSON.parse(stdout).seed, 7)
      assert.ok(existsSync(plot))
    })

    for (const name of Object.keys(EXPERIMENTS)) {
      it(`is a picture: ${name}`, async () => {
        const plot = join(folder, `${name}.svg`)
        const size = name === 'torus' ? ['--side', '5'] : ['--nodes', '20']
        await resultOf(name, ...size, '--rounds', '150', '--seed', '1', '--plot', plot)
        assert.equal(parseXml(readFileSync(plot, 'utf8')).name, 'svg')
      })
    }
  })

  describe('from a file', () => {
    const shipped = resolve(import.meta.dirname, '../../../examples/crash.yaml')

    it('runs every combination of a sweep, the first option slowest', async () => {
      const file = written(
        folder,
        'sweep.yaml',
        `experiment: sampling
nodes: 40
rounds: 4
seed: 3
sweep:
  preset: [swapper, healer]
  crash: [[], 0.5@1, [0.1@2, 0.1@3]]
`
      )
      const csv = join(folder, 'sweep.csv')
      const { code, stdout } = await runHere(['sim', '--file', file, '--json', '--csv', csv])
      const { experiment, sweep, runs, ...rest } = JSON.parse(stdout)

      assert.equal(code, 0)
      assert.equal(experiment, 'sampling')
      assert.deepEqual(sweep, { preset: ['swapper', 'healer'], crash: [[], '0.5@1', ['0.1@2', '0.1@3']] })
      assert.deepEqual(
        runs.map(({ label }: { label: string }) => label),
        [
          'preset swapper, crash none',
          'preset swapper, crash 0.5@1',
          'preset swapper, crash 0.1@2 0.1@3',
          'preset healer, crash none',
          'preset healer, crash 0.5@1',
          'preset healer, crash 0.1@2 0.1@3'
        ]
      )
      assert.deepEqual(rest, {})

      // each is what the command line would give
      const { performance: _, ...alone } = await resultOf(
        ...'sampling --nodes 40 --rounds 4 --seed 3 --preset swapper --crash 0.1@2 --crash 0.1@3'.split(' ')
      )
      const { performance: __, label, ...swept } = runs[2]
      assert.deepEqual(swept, alone)

      const lines = readFileSync(csv, 'utf8').trimEnd().split('\n')
      assert.equal(lines.length, 1 + 6 * 4)
      assert.match(lines[0], /^experiment,seed,preset,crash,round,/)
      assert.match(lines[12], /^sampling,3,swapper,0.1@2 0.1@3,4,/)
    })

    it('shows the end of each combination of a sweep', async () => {
      const file = written(
        folder,
        's.yaml',
        'experiment: sampling\nnodes: 40\nrounds: 3\nsweep: { view: [4, 6], loss: [0, 1] }\n'
      )
      const text = (await runHere(['sim', '--file', file, '--seed', '1'])).stdout.split('\n')

      assert.equal(text[0], 'sampling: nodes 40, rounds 3, preset default')
      assert.match(text[2], /^VIEW +LOSS +ROUND +LIVING +IN-DEGREE SD/)
      assert.deepEqual(
        text.slice(3, 7).map(line => line.trim().split(/ +/).slice(0, 3).join(' ')),
        ['4 0 3', '4 1 3', '6 0 3', '6 1 3']
      )
    })

    it('lets arguments go before its values, and before its sweeps', async () => {
      const text = 'experiment: uniformity\nnodes: 40\nrounds: 9\nsweep: { preset: [swapper, healer] }\n'
      const file = written(folder, 'before.yaml', text)
      const { experiment, parameters } = await resultOf('sampling', '--file', file, '--preset', 'blind', ...SMALL)

      assert.equal(experiment, 'sampling')
      assert.equal(parameters.nodes, 60)
      assert.equal(parameters.preset, 'blind')
    })

    it('has the example that comes with the project', async () => {
      const plot = join(folder, 'crash.svg')
      const args = ['sim', '--file', shipped, '--nodes', '100', '--plot', plot, '--json']
      const { code, stdout } = await runHere(args)
      const presets = JSON.parse(stdout).runs.map(({ parameters }: Result) => parameters.preset)

      assert.equal(code, 0)
      assert.deepEqual(presets, ['default', 'swapper', 'healer'])
      const { children } = parseXml(readFileSync(plot, 'utf8'))
      assert.match(children.map(({ text }) => text).join(), /preset healer/)
    })

    it('reads round-trip times, packed or not', async () => {
      const matrix = '0 10 20\n10 0 30\n20 30 0\n'
      const plain = written(folder, 'three.txt', matrix)
      const packed = join(folder, 'three.txt.gz')
      writeFileSync(packed, gzipSync(matrix))
      const [one, another] = [
        await resultOf('sampling', ...SMALL, '--latency-matrix', plain),
        await resultOf('sampling', ...SMALL, '--latency-matrix', packed)
      ]

      assert.equal(one.parameters.mode, 'events')
      assert.equal(one.parameters.latencyMatrix, 'three.txt')
      assert.deepEqual(one.rounds, another.rounds)
    })
  })
})
