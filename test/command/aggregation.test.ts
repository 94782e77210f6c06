import assert from 'node:assert/strict'
import { join } from 'node:path'
import { openControl } from '../../src/peer/control.ts'
import type { AggregateDocument, PeerStatus, SizeDocument } from '../../src/peer/index.ts'
import { LOOPBACK, run, start, startPeer, withinFolder } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'

/** What each peer adds to the load; the last one comes later. */
const LOADS = [1, 2, 6, 7]

describe('the command, with values', function () {
  this.timeout(120_000)

  let folder: string
  let address: string

  withinFolder(path => {
    folder = path
  })

  const homeOf = (i: number) => join(folder, String(i))
  const ask = async (...args: string[]) => await run([...args, '--home', homeOf(0)])
  const documentOf = async <T>(i: number, path: string): Promise<T> => (await openControl(homeOf(i)).get(path)) as T

  const startWith = async (i: number, ...args: string[]) => {
    const values = [`load=${LOADS[i]}`, `most=${LOADS[i]}:maximum`, `all=${LOADS[i]}:sum`, `bins=${i}:histogram(0..32)`]
    const options = [...values.flatMap(value => ['--value', value]), '--epoch', '16', '--home', homeOf(i), '--json']
    const peer = await startPeer([...LOOPBACK, ...options, ...args])
    return JSON.parse(peer.lines[0])
  }

  /** Waits until so many peers all know the right size and the right average. */
  const agree = async (count: number) => {
    const average = LOADS.slice(0, count).reduce((sum, load) => sum + load, 0) / count

    for (let i = 0; i < count; i++) {
      await eventually(
        async () => {
          const size = await documentOf<SizeDocument>(i, '/size')
          const load = await documentOf<AggregateDocument>(i, '/aggregate?name=load')
          return isNear(size.value, count) && isNear(load.value, average)
        },
        { deadline: 40_000, what: `peer ${i} knows of ${count} peers and of their average ${average}` }
      )
    }
  }

  before(async () => {
    address = (await startWith(0, '--bootstrap')).addresses[0]
    await Promise.all([startWith(1, '--bootstrap', address), startWith(2, '--bootstrap', address)])
  })

  it('agrees on the size of the network and on an average', async () => {
    await agree(3)

    const { code, stdout, stderr } = await ask('size')
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^3 peers \(\S+ ± \S+\), as of epoch \d+, \d.* ago\n$/)

    const one = await ask('aggregate', 'load')
    assert.deepEqual([one.code, one.stderr], [0, ''])
    assert.match(one.stdout, /^average of load: (3|2\.99\d*|3\.00\d*) \(epoch \d+, \d.* ago.*\)\n$/)
  })

  it('size --json and aggregate --json', async () => {
    const size = JSON.parse((await ask('size', '--json')).stdout) as Required<SizeDocument>
    assert.deepEqual(Object.keys(size), ['value', 'standardError', 'epoch', 'rounds', 'ageSeconds', 'secondsLeft'])
    assert(isNear(size.value, 3))
    assert(size.standardError >= 0 && size.epoch >= 0 && size.rounds > 0 && size.ageSeconds >= 0)
    assert(size.secondsLeft >= 0)

    const all = JSON.parse((await ask('aggregate', '--json')).stdout) as Required<AggregateDocument>[]
    const [load, most, sum, bins] = all
    assert.deepEqual(
      all.map(one => [one.name, one.function, one.status]),
      [
        ['load', 'average', 'taking-part'],
        ['most', 'maximum', 'taking-part'],
        ['all', 'sum', 'taking-part'],
        ['bins', 'histogram', 'taking-part']
      ]
    )
    assert(all.every(one => one.epoch >= 0 && one.rounds > 0 && one.ageSeconds >= 0 && one.secondsLeft >= 0))
    assert(isNear(load.value, 3))
    assert.equal(most.value, 6)
    assert(isNear(sum.value, 9))
    assert.deepEqual(
      bins.bins.slice(0, 4).map(({ from, to, share }) => [from, to, isNear(share, 1 / 3)]),
      [
        [0, 1, true],
        [1, 2, true],
        [2, 3, true],
        [3, 4, false]
      ]
    )
    assert.equal(bins.bins.length, 32)
  })

  it('aggregate, for people', async () => {
    const { code, stdout, stderr } = await ask('aggregate')
    const [titles, ...rows] = stdout.trimEnd().split('\n')

    assert.deepEqual([code, stderr], [0, ''])
    assert.match(titles, /^NAME +FUNCTION +VALUE +EPOCH +AGE$/)
    assert.deepEqual(
      rows.map(row => row.split(/ +/, 2)),
      [
        ['load', 'average'],
        ['most', 'maximum'],
        ['all', 'sum'],
        ['bins', 'histogram']
      ]
    )
    assert.match(rows[3], /^bins +histogram +32 bins +\d+ +\d/)

    const histogram = (await ask('aggregate', 'bins')).stdout.trimEnd().split('\n')
    assert.match(histogram[0], /^histogram of bins \(epoch \d+, .* ago\)$/)
    assert.match(histogram[1], /^VALUES +PEERS$/)
    assert.match(histogram[2], /^0 to 1 +33\.\d %$/)
    assert.match(histogram[33], /^31 to 32 +0 %$/)
  })

  it('shows size and epoch in the status', async () => {
    const { stdout } = await ask('status')
    assert.match(stdout, /^network size 3 peers \(\S+ ± \S+\)$/m)
    assert.match(stdout, /^epoch +\d+, round \d+ of 16$/m)
    assert.doesNotMatch(stdout, /^torus/m)

    const { aggregation, torus } = JSON.parse((await ask('status', '--json')).stdout) as PeerStatus
    assert(isNear(aggregation.size.value, 3))
    assert.equal(aggregation.epochRounds, 16)
    assert(aggregation.rounds > 0 && aggregation.exchanges.initiated > 0 && aggregation.bytes.sent > 0)
    assert.equal(torus, undefined)
  })

  it('monitor tells what an epoch has come to', async () => {
    const monitors = [start(['monitor', '--home', homeOf(0)]), start(['monitor', '--json', '--home', homeOf(0)])]
    await monitors[0].says(/^\d\d:\d\d:\d\d epoch \d+ is over: 3 peers, load (3|2\.99\d*), most 6, all \S+$/m)
    const [line] = await monitors[1].says(/^.*"event":"epoch".*$/m)
    const { epoch, size, results } = JSON.parse(line)

    assert(epoch >= 0 && isNear(size, 3) && isNear(results.load, 3))
    assert.deepEqual(Object.keys(results), ['load', 'most', 'all', 'bins'])
    assert.equal(results.bins.length, 32)

    for (const monitor of monitors) {
      assert.equal((await monitor.endBy('SIGINT')).code, 130)
    }
  })

  it('counts a peer that joins later', async () => {
    await startWith(3, '--bootstrap', address)
    await agree(4)
    assert.match((await ask('size')).stdout, /^4 peers /)
  })

  it('says what there is when asked for an aggregate that there is not, and that it has no place on a torus', async () => {
    const says = 'this peer has no value for an aggregate "disk"; there are: load, most, all, bins'
    assert.deepEqual(await failure('aggregate', 'disk'), `gossip-peer: ${says}\n`)

    const overlay = 'gossip-peer: this peer has no place on a torus (start it with --torus 50x50)\n'
    assert.equal(await failure('neighbours'), overlay)
    assert.equal(await failure('route', '1,1'), overlay)
  })

  it('says when, as long as no epoch is over', async () => {
    const home = join(folder, 'early')
    await startPeer([
      ...LOOPBACK,
      '--bootstrap',
      '--value',
      'load=1',
      '--value',
      'cpu=cpu',
      '--epoch',
      '1000',
      '--home',
      home
    ])
    const early = async (...args: string[]) => await run([...args, '--home', home])
    const says = /^gossip-peer: not known yet: its first epoch ends in about \d[^\n]*\n$/

    for (const { code, stderr } of await Promise.all([early('size'), early('aggregate', 'load'), early('aggregate')])) {
      assert.equal(code, 1)
      assert.match(stderr, says)
    }

    const { code, stdout, stderr } = await early('size', '--json')
    assert.deepEqual([code, stderr], [1, ''])
    assert.deepEqual(Object.keys(JSON.parse(stdout)), ['secondsLeft'])
    assert.match((await early('status')).stdout, /^network size not known yet$/m)
  })

  it('has nothing to say of a peer without values', async () => {
    const home = join(folder, 'none')
    await startPeer([...LOOPBACK, '--bootstrap', '--home', home])
    const { code, stdout, stderr } = await run(['aggregate', '--home', home])

    assert.deepEqual(
      [code, stdout, stderr],
      [0, '', 'gossip-peer: this peer has no value to add (gossip-peer start --value load=cpu)\n']
    )
  })

  /** What the first peer's refusal says. */
  async function failure(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await ask(...args)
    assert.deepEqual([code, stdout], [1, ''])
    return stderr
  }
})

/** To a hundredth: what is left of the differences is much less. */
function isNear(value: number | number[] | undefined, expected: number): boolean {
  return typeof value === 'number' && Math.abs(value - expected) <= expected / 100
}
