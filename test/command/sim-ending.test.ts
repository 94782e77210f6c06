import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Experiment } from '../../src/sim/experiment.ts'
import { EXPERIMENTS, sampling } from '../../src/sim/experiments/index.ts'
import { InvariantError } from '../../src/sim/invariants.ts'
import { RunningCommand, start, withinFolder, written } from '../support/command.ts'
import { type Result, runHere, SMALL } from '../support/run-here.ts'

describe('the simulator', () => {
  let folder: string

  withinFolder(path => {
    folder = path
  })

  describe('that is interrupted', () => {
    it('gives what was measured until then, and exits with 130', async () => {
      const csv = join(folder, 'interrupted.csv')
      const command = start(['sim', 'sampling', '--rounds', '1000000', '--json', '--csv', csv])
      await command.says(/seed/, 'stderr')
      const { code, stdout, stderr } = await command.endBy('SIGINT')
      const { interrupted, rounds, final, seed }: Result = JSON.parse(stdout)

      assert.equal(code, 130)
      assert.equal(interrupted, true)
      assert.deepEqual(rounds.at(-1), final)
      assert.equal(readFileSync(csv, 'utf8').trimEnd().split('\n').length, rounds.length + 1)
      assert.match(stderr, new RegExp(`^gossip-peer: seed ${seed} .*\ngossip-peer: interrupted (after|before) .*\n$`))
    })

    it('has no more of a sweep than was begun', async () => {
      const file = written(folder, 'long.yaml', 'experiment: sampling\nrounds: 1000000\nsweep: { view: [4, 6, 8] }\n')
      const command = start(['sim', '--file', file, '--json'])
      await command.says(/seed/, 'stderr')
      const { code, stdout } = await command.endBy('SIGTERM')
      const { interrupted, runs } = JSON.parse(stdout)

      assert.equal(code, 130)
      assert.equal(interrupted, true)
      assert.equal(runs.length, 1)
    })

    it('quits at once on a second signal', async () => {
      const { href } = new URL('../../bin/signals.js', import.meta.url)
      const stuck = new RunningCommand(process.execPath, [
        '--input-type=module',
        '--eval',
        `import { interruption } from ${JSON.stringify(href)}
         interruption().signal.onabort = () => console.log('ending')
         setInterval(() => {}, 1_000)
         console.log('up')`
      ])
      await stuck.says(/up/)
      stuck.child.kill('SIGINT')
      await stuck.says(/ending/)
      assert.equal((await stuck.endBy('SIGINT')).signal, 'SIGINT')
    })
  })

  describe('that breaks an invariant', () => {
    /** A network in which nothing is as it can be after the seed has brought bad luck. */
    const broken: Experiment = {
      ...(sampling as unknown as Experiment),
      name: 'broken',
      start: (parameters, random) => {
        const unlucky = random.fraction() < 0.3
        const run = (sampling as unknown as Experiment).start(parameters, random)
        const check = () => {
          if (unlucky) {
            throw new InvariantError('node 3 has itself in its view')
          }
        }
        return Object.create(run, { check: { value: check } })
      }
    }

    const all = EXPERIMENTS as Record<string, Experiment>

    beforeEach(() => {
      all.broken = broken
    })

    afterEach(() => {
      delete all.broken
    })

    it('exits with 1, and tells the command that shows it again', async () => {
      const csv = join(folder, "it's broken.csv")
      const args = ['broken', ...SMALL, '--crash', '0.1@2', '--crash', '0.1@3', '--repeat', '100', '--csv', csv]
      const { code, stdout, stderr } = await runHere(['sim', ...args])
      const [what, replay, ...rest] = stderr.split('\n')

      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.deepEqual(rest, [''])
      assert.equal(existsSync(csv), false)
      assert.equal(what, 'gossip-peer: after round 1, node 3 has itself in its view')
      const [, shown, seed] = /^gossip-peer: to see it again: gossip-peer (sim .*) --seed (\d+)$/.exec(replay) ?? []
      const quoted = `'${csv.replace("'", "'\\''")}'`
      assert.equal(shown, `sim broken --nodes 60 --rounds 10 --crash 0.1@2 --crash 0.1@3 --csv ${quoted}`)

      // alone, that seed does it, and the one before it does not
      const again = ['sim', 'broken', ...SMALL.slice(0, 4), '--json', '--seed']
      assert.equal((await runHere([...again, seed])).stderr.split('\n')[0], what)
      assert.equal((await runHere([...again, String(Number(seed) - 1)])).code, Number(seed) > 7 ? 0 : 1)
    })

    it('has what the combinations before it came to', async () => {
      const seeds = Array.from({ length: 100 }, (_, i) => i)
      const file = written(
        folder,
        'broken.yaml',
        `experiment: broken\nnodes: 10\nrounds: 2\njson: yes\nsweep: { seed: [${seeds}] }\n`
      )
      const { code, stdout, stderr } = await runHere(['sim', '--file', file])
      const { runs } = JSON.parse(stdout)

      assert.equal(code, 1)
      assert.match(
        stderr,
        new RegExp(`\n.*: gossip-peer sim broken --nodes 10 --rounds 2 --json --seed ${runs.length}\n$`)
      )
    })
  })
})
