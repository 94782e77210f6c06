import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { EXPERIMENTS } from '../../src/sim/experiments/index.ts'
import { COMMAND, endOf, run, start } from '../support/command.ts'
import { type Result, resultOf, runHere, SMALL } from '../support/run-here.ts'

/** How an experiment is made small that has no use for a number of nodes. */
const SIZES: Readonly<Record<string, string[]>> = { torus: ['--side', '5'] }

/** Options that give an experiment so many nodes, or about as many. */
function nodes(name: string, count: number): string[] {
  return SIZES[name] ?? ['--nodes', String(count)]
}

/** Runs the command with a reader behind it. */
async function piped(reader: string, ...args: string[]) {
  const script = `"$0" "$@" | ${reader} 2>/dev/null`
  return await promisify(execFile)('sh', ['-c', script, process.execPath, COMMAND, ...args], { maxBuffer: 1e8 })
}

describe('the simulator', () => {
  describe('as JSON', () => {
    it('is one document with what was asked, measured and spent', async () => {
      const ended = await run(['sim', 'sampling', ...SMALL, '--json'])
      const { experiment, parameters, seed, rounds, final, performance, ...rest }: Result = JSON.parse(ended.stdout)

      assert.equal(ended.code, 0)
      assert.equal(ended.stderr, '')
      assert.equal(experiment, 'sampling')
      assert.equal(parameters.nodes, 60)
      assert.equal(parameters.preset, 'default')
      assert.equal(seed, 7)
      assert.deepEqual(
        rounds.map(({ round }) => round),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
      )
      assert.deepEqual(final, rounds[9])
      assert.equal(final.inDegree.mean, 30)
      assert.equal(performance.exchanges, 600)
      assert.ok(performance.seconds > 0 && performance.nanosecondsPerExchange > 0 && performance.peakMemoryBytes > 1e6)
      assert.deepEqual(rest, {})
    })

    for (const name of Object.keys(EXPERIMENTS)) {
      it(`is the same to the last digit for the same seed: ${name}`, async () => {
        const options = [name, ...nodes(name, 30), '--rounds', '300', '--measure-every', '100', '--loss', '0.1']
        const [{ performance: _, ...one }, { performance: __, ...another }] = [
          await resultOf(...options, '--seed', '3'),
          await resultOf(...options, '--seed', '3')
        ]
        const { rounds } = await resultOf(...options, '--seed', '4')

        assert.equal(JSON.stringify(one), JSON.stringify(another))
        assert.notDeepEqual(rounds, one.rounds)
      })
    }

    it('has as many measurements as asked for, the last round always', async () => {
      const { rounds } = await resultOf('sampling', ...SMALL, '--measure-every', '4')
      assert.deepEqual(
        rounds.map(({ round }) => round),
        [4, 8, 10]
      )
    })

    it('has the means of several seeds, their spread, and each run', async () => {
      const { seed, final, repeated } = await resultOf('sampling', ...SMALL, '--repeat', '3')
      const finals = repeated?.runs.map(run => run.final.inDegree.max) ?? []

      assert.equal(seed, 7)
      assert.deepEqual(
        repeated?.runs.map(run => run.seed),
        [7, 8, 9]
      )
      assert.equal(final.inDegree.max, finals.reduce((sum, max) => sum + max) / 3)
      assert.ok((repeated?.spread.final.inDegree.max ?? 0) > 0)
    })

    it('is all there, however large and however slow its reader', async () => {
      const large = ['--nodes', '30', '--view', '4', '--rounds', '2500', '--repeat', '4', '--seed', '1']
      const { stdout } = await piped('dd bs=4096', 'sim', 'sampling', ...large, '--json')
      assert.ok(stdout.length > 5e6, `${stdout.length}`)
      assert.equal(JSON.parse(stdout).repeated.runs.length, 4)
    })
  })

  describe('as text', () => {
    it('does not crash when its reader wants no more', async () => {
      const { stdout, stderr } = await piped('head -1', 'sim', 'sampling', '--rounds', '30', '--seed', '1')
      assert.match(stdout, /^sampling: nodes 1000, rounds 30, .*\n$/)
      assert.equal(stderr, '')
    })

    const lines = async (...args: string[]) => (await runHere(['sim', ...args])).stdout.split('\n')

    it('is what was asked, a table of rounds, what it took, and the seed', async () => {
      const [heading, , titles, ...rest] = await lines('sampling', ...SMALL, '--crash', '0.5@5', '--loss', '0.1')

      assert.equal(heading, 'sampling: nodes 60, rounds 10, preset default, view 30, loss 0.1, crash 0.5@5')
      assert.match(titles, /^ROUND +LIVING +IN-DEGREE SD +MAX +CLUSTERING +PATH LENGTH +COMPONENTS +DEAD LINKS %$/)
      assert.match(rest[4], /^ {4}5 .* [45]\d\.\d\d$/)
      assert.match(rest[9], /^ {3}10 /)
      assert.match(rest[11], /^took .*, 450 exchanges, \d+ ns each, [\d,]+ bytes per node, peak memory \d+ MiB$/)
      assert.equal(rest[12], 'seed 7')
    })

    for (const [rounds, step] of [
      [20, 1],
      [21, 2],
      [95, 5],
      [150, 10],
      [201, 20]
    ]) {
      it(`shows every ${step}. of ${rounds} rounds, and the last`, async () => {
        const text = await lines('sampling', '--nodes', '10', '--rounds', `${rounds}`, '--seed', '1')
        const shown = text.slice(3, text.indexOf('', 3)).map(line => Number(line.trim().split(' ')[0]))
        const all = Array.from({ length: rounds }, (_, i) => i + 1)
        assert.deepEqual(
          shown,
          all.filter(round => round % step === 0 || round === rounds)
        )
      })
    }

    it('shows means and spreads', async () => {
      const text = await lines('sampling', ...SMALL, '--repeat', '2')
      assert.match(text[3], /^ {4}1 +60 +\d+\.\d\d ± \d+\.\d\d .* 1 +0\.00$/)
      assert.equal(text.at(-2), 'seeds 7 to 8 (mean ± standard deviation)')
    })

    for (const name of Object.keys(EXPERIMENTS)) {
      it(`has numbers in every column: ${name}`, async () => {
        const text = await lines(name, ...nodes(name, 20), '--rounds', '150', '--seed', '1')
        assert.ok(text.length > 6)
        assert.doesNotMatch(text.join('\n'), /NaN|undefined|Infinity/)
      })
    }

    it('has columns only for what there is to see', async () => {
      const titles = async (...args: string[]) => (await lines('hub-attack', ...SMALL, ...args))[2]
      assert.match(
        await titles(),
        /^ROUND +POLLUTED LINKS % +SAMPLES % +ISOLATED +SUSPECTED: ATTACKERS % +HONEST % +MOST % +UNHEEDED %$/
      )
      assert.match(await titles('--attack', 'eclipse'), / SAMPLES % +VICTIM % +ISOLATED /)
    })

    it('says that figures of a large network are estimates', async () => {
      const text = await lines('sampling', '--nodes', '20001', '--rounds', '1', '--seed', '1')
      assert.equal(text[1], 'clustering and path length are estimated from samples of 1000 and 128 nodes')
    })

    it('is about a seed drawn from the system when none is given', async () => {
      const { stdout, stderr } = await runHere(['sim', 'sampling', '--nodes', '10', '--rounds', '1'])
      const [, seed] = /^gossip-peer: seed (\d+) \(repeat with --seed \1\)\n$/.exec(stderr) ?? []
      assert.ok(stdout.endsWith(`\nseed ${seed}\n`), stdout)
    })
  })

  it('tells its options by groups, the experiments, and where options come from', async () => {
    const { stdout } = await runHere(['sim', '--help'])

    for (const says of [
      ...['Network:', 'Sampling:', 'Faults:', 'Time:', 'Output:', 'Examples:'],
      'uniformity: ',
      '--nodes',
      'default: 1000',
      'not from the environment'
    ]) {
      assert.ok(stdout.includes(says), says)
    }
  })

  for (const [given, defaults] of [
    [
      'sampling --measure-every 99',
      '--nodes 1000 --rounds 100 --start random --preset default --view 30 --loss 0 --churn 0 --mode rounds --repeat 1'
    ],
    ['sampling --rounds 3 --mode events', '--period 1s --jitter 0.2 --delay 10ms..100ms --exchange-timeout 500ms'],
    ['uniformity --nodes 20', '--lag 20 --warm-up 100 --rounds 2100 --measure-every 105'],
    ['uniformity --rounds 120', '--nodes 200'],
    ['sampling --rounds 3', '--defence none'],
    ['sampling --rounds 3 --defence statistics', '--statistics-share 0 --view 30'],
    ['sampling --rounds 3 --defence ranking', '--view 50'],
    ['hub-attack --rounds 2', '--nodes 10000 --attack hub --attackers 30 --flood 1 --attack-from 0 --measure-every 1'],
    ['hub-attack --nodes 200', '--rounds 300 --attackers 20'],
    ['hub-attack --nodes 50 --attack flood --rounds 5', '--flood 10'],
    ['hub-attack --nodes 50 --attack cautious --rounds 5', '--honesty 0.8'],
    ['hub-attack --nodes 50 --attack late --rounds 300 --measure-every 50', '--attack-from 100'],
    [
      'torus --measure-every 10',
      '--side 50 --rounds 20 --view 20 --message 20 --psi 5 --selection tman --random-view 20 --placement grid --draw 0,5,20'
    ],
    ['torus --side 5', '--nodes 25 --measure-every 1'],
    [
      'aggregation --measure-every 30',
      '--nodes 10000 --rounds 30 --function average --distribution uniform --range 0..1 --epoch 30 --retries 0 --liars 0'
    ],
    ['aggregation --nodes 50 --function count --epoch 9', '--rounds 9 --instances 16 --measure-every 1'],
    ['aggregation --nodes 50 --function median --distribution peak', '--bins 32 --range 0..50'],
    ['pubsub --nodes 40', '--rounds 50 --attributes 2 --selectivity 0.01 --placement uniform --events 100']
  ]) {
    it(`has the defaults that its help tells: ${given}`, async () => {
      const words = [...given.split(' '), '--seed', '1']
      const [one, another] = [await resultOf(...words), await resultOf(...words, ...defaults.split(' '))]
      assert.deepEqual(one.parameters, another.parameters)
      assert.equal(JSON.stringify(one.rounds), JSON.stringify(another.rounds))
    })
  }

  it('shows how an epoch ends and how the next one begins', async () => {
    const { stdout } = await runHere('sim aggregation --nodes 50 --rounds 31 --seed 1'.split(' '))
    const shown = stdout.split('\n').map(line => line.trim().split(/ +/).slice(0, 2).join(' '))
    assert.deepEqual(
      shown.filter(row => /^\d+ \d+$/.test(row)),
      [...Array.from({ length: 16 }, (_, i) => `${2 * i} 0`), '31 1']
    )
  })

  it('draws a torus', async () => {
    const { stdout, code } = await runHere([
      'sim',
      'torus',
      '--side',
      '6',
      '--rounds',
      '5',
      '--draw',
      '0,5',
      '--seed',
      '1'
    ])
    assert.equal(code, 0)
    assert.match(stdout, /^torus: nodes 36, rounds 5, preset default, view 20, side 6\n/)
    assert.match(stdout, /ROUND +LIVING +MISSING LINKS % +MEAN DISTANCE +DEAD LINKS % +ROUTES ARRIVED % +HOPS/)
  })

  it('is completed with the names of experiments', async () => {
    const { stdout } = await run(['--get-yargs-completions', 'gossip-peer', 'sim', ''])
    assert.deepEqual(
      Object.keys(EXPERIMENTS).filter(name => !stdout.split('\n').includes(name)),
      []
    )
  })

  it('loads nothing of libp2p', async () => {
    const command = start(['sim', 'sampling', ...SMALL], { env: { NODE_DEBUG: 'esm' } })
    const { code, stderr } = await endOf(command)
    assert.equal(code, 0)
    assert.match(stderr, /src\/sim/)
    assert.doesNotMatch(stderr, /libp2p|multiformats/)
  })
})
