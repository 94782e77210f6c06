import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExperimentResult } from '../../src/sim/experiment.ts'
import type { PubSubMeasures } from '../../src/sim/experiments/index.ts'
import { withinFolder, written } from '../support/command.ts'
import { runHere } from '../support/run-here.ts'
import { parseXml } from '../support/xml.ts'

type Result = ExperimentResult<PubSubMeasures>

const SMALL = ['--nodes', '60', '--rounds', '14', '--seed', '7', '--selectivity', '0.1', '--events', '5']

describe('the simulator, of publish/subscribe', () => {
  let folder: string

  withinFolder(path => {
    folder = path
  })

  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runHere(['sim', ...args])
    assert.deepEqual([code, stderr], [0, ''])
    return stdout
  }
  const resultOf = async (...args: string[]) => JSON.parse(await run('pubsub', ...args, '--json')) as Result

  it('has every measure by the name that programs know, round by round', async () => {
    const { rounds, final, parameters } = await resultOf(...SMALL)
    assert.equal(rounds.length, 14)
    const { hitRatio, hitRatioAfterRepair, hitRatioAll, completeEvents, completeEventsAfterRepair } = final
    const { spam, duplicatesPerDelivery, hops, asked, messagesPerEvent, messages, load, links, flooding, tree } = final
    const numbers = [
      ...[hitRatio, hitRatioAfterRepair, hitRatioAll, completeEvents, completeEventsAfterRepair, spam, final.living],
      ...[duplicatesPerDelivery, hops.mean, hops.max, asked.mean, messagesPerEvent],
      ...[messages.search, messages.handOffs, messages.notices, messages.pulls],
      ...[load.mean, load.max, links.mean, links.p99, links.max],
      ...[flooding.messagesPerEvent, flooding.hitRatio, tree.messagesPerEvent]
    ]
    assert.deepEqual(
      numbers.filter(number => !Number.isFinite(number)),
      []
    )
    assert.deepEqual([rounds[0].hitRatioAfterRepair, rounds[11].completeEventsAfterRepair], [null, null])
    assert.ok((rounds[12].hitRatioAfterRepair ?? 0) > 0)
    assert.equal(
      load.histogram.reduce((sum, count) => sum + count),
      60
    )
    const { attributes, selectivity, placement, events } = parameters
    assert.deepEqual([attributes, selectivity, placement, events], [2, 0.1, 'uniform', 5])
  })

  it('has a table for people, with the yardsticks, and without what nobody can know yet', async () => {
    const [heading, , titles, first] = (await run('pubsub', ...SMALL)).split('\n')
    assert.equal(heading, 'pubsub: nodes 60, rounds 14, preset default, view 30, selectivity 0.1, events 5')
    assert.match(
      titles,
      /^ROUND +LIVING +HITS % +COMPLETE % +REPAIRED: HITS % +COMPLETE % +SPAM +DUPLICATES +HOPS +ASKED +MESSAGES +TREE +FLOODING +LINKS$/
    )
    assert.match(first, /^ +1 +60 +\d+\.\d{3} +\d+\.\d +- +- +0\.00 /)
    const short = (await run('pubsub', ...'--nodes 60 --rounds 12 --seed 7'.split(' '))).split('\n')[2]
    assert.doesNotMatch(short, /REPAIRED/)
  })

  it('takes the faults and the rest of the network, and says so among its parameters', async () => {
    const { parameters, final } = await resultOf(
      ...SMALL,
      ...'--attributes 3 --placement zipf --crash 0.5@10 --churn 0.01 --join 0.5@2 --loss 0.02 --view 12'.split(' ')
    )
    const { attributes, placement, crash, churn, join: joining, loss, view } = parameters
    assert.deepEqual(
      [attributes, placement, crash, churn, joining, loss, view],
      [3, 'zipf', ['0.5@10'], 0.01, ['0.5@2'], 0.02, 12]
    )
    assert.equal(final.living, 45)
  })

  it('sweeps over its options, writes a line for each measurement and draws them', async () => {
    const [csv, plot] = [join(folder, 'runs.csv'), join(folder, 'runs.svg')]
    const file = written(
      folder,
      'sweep.yaml',
      'experiment: pubsub\nnodes: 40\nrounds: 3\nseed: 1\nevents: 4\nsweep:\n  placement: [uniform, zipf]\n  attributes: [1, 2]\n'
    )
    const { runs } = JSON.parse(await run('--file', file, '--csv', csv, '--plot', plot, '--json')) as { runs: Result[] }
    assert.deepEqual(
      runs.map(({ parameters }) => [parameters.placement, parameters.attributes]),
      [
        ['uniform', 1],
        ['uniform', 2],
        ['zipf', 1],
        ['zipf', 2]
      ]
    )
    const [header, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n')
    assert.equal(lines.length, 12)

    for (const name of ['hitRatio', 'hops.mean', 'messages.handOffs', 'load.histogram', 'flooding.hitRatio']) {
      assert.ok(header.split(',').includes(name), name)
    }

    assert.equal(parseXml(readFileSync(plot, 'utf8')).name, 'svg')
  })

  describe('says on one line what is wrong with', () => {
    for (const [args, says] of [
      ['--attributes 0', '--attributes: "0" is not a whole number from 1 to 8'],
      ['--attributes 9', '--attributes: "9" is not a whole number from 1 to 8'],
      ['--attributes two', '--attributes: "two" is not a whole number from 1 to 8'],
      ['--selectivity 0', '--selectivity: 0 is not a share above 0, up to 1 (example: 0.01)'],
      ['--selectivity 1.5', '--selectivity: "1.5" is not a share from 0 to 1'],
      ['--placement grid', '--placement: "grid" is none of uniform, zipf'],
      ['--events 0', '--events: "0" is not a whole number from 1 to 10000'],
      ['--events 10001', '--events: "10001" is not a whole number from 1 to 10000'],
      ['--crash 0.3', '--crash: "0.3" is not a share of the nodes and a round'],
      ['--crash 0.3@50', '--crash: round 50 is not one from 0 to 49'],
      ['--nodes 2000000', '--nodes: 2000000 subscriptions with their links take more than 4 GiB'],
      ['--lag 3', '--lag: not an option of sim pubsub'],
      ['--publisher 3', 'publisher']
    ]) {
      it(args, async () => {
        const { code, stdout, stderr } = await runHere(['sim', 'pubsub', ...args.split(' ')])
        assert.deepEqual([code, stdout], [2, ''])
        assert.match(stderr, /^gossip-peer: [^\n]+\n$/)
        assert.ok(stderr.includes(says), stderr)
      })
    }
  })
})
