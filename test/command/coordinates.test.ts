import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openControl } from '../../src/peer/control.ts'
import type { CoordinateDocument, NearPeerDocument, PeerStatus, RoundTripDocument } from '../../src/peer/index.ts'
import { LOOPBACK, type RunningCommand, run, start, startPeer, withinFolder, written } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'

const NOBODY = '12D3KooWGFfWTJUFF8hw6Yc3bHm8w3XCVYsCPu6Uq2HVCRDJyXqc'

/** The peer whose space has other dimensions than that of the others. */
const ODD = 3

describe('the command, with coordinates', function () {
  this.timeout(120_000)

  let folder: string
  let shared: string
  const peers: RunningCommand[] = []
  const ids: string[] = []
  /** Of the first peer, from the start: once it knows where it is, it may not move any more. */
  let monitors: RunningCommand[]

  withinFolder(path => {
    folder = path
  })

  const homeOf = (i: number) => join(folder, String(i))
  const ask = async (...args: string[]) => await run([...args, '--home', homeOf(0)])
  const documentOf = async <T>(i: number, path: string): Promise<T> => (await openControl(homeOf(i)).get(path)) as T
  const startAt = async (i: number, args: string[], env: Record<string, string> = {}) => {
    peers[i] = await startPeer([...LOOPBACK, '--epoch', '4', '--home', homeOf(i), ...args], { env })
    ids[i] = (await peers[i].says(/^peer (12D3\S+)$/m))[1]
  }

  /** For people and as JSON; epochs go by all the time: when they tell of one, both listen. */
  const startMonitors = async () => {
    const started = [start(['monitor', '--home', homeOf(0)]), start(['monitor', '--json', '--home', homeOf(0)])]
    await Promise.all(started.map(monitor => monitor.says(/epoch/)))
    return started
  }

  before(async () => {
    await startAt(0, ['--bootstrap', '--dimensions', '4', '--proximity', '--http', '127.0.0.1:0'])
    const [, address, rest] = await peers[0].says(/ --bootstrap (\S+) (.*)\n/)
    shared = rest
    monitors = await startMonitors()
    await mkdir(homeOf(2))
    written(homeOf(2), 'config.yaml', 'dimensions: 4\nproximity: true\n')
    await Promise.all([
      startAt(1, ['--bootstrap', address], { GOSSIP_PEER_DIMENSIONS: '4', GOSSIP_PEER_PROXIMITY: 'yes' }),
      startAt(2, ['--bootstrap', address]),
      startAt(ODD, ['--bootstrap', address, '--proximity'])
    ])

    for (const [i, others] of [
      [0, [1, 2]],
      [1, [0, 2]],
      [2, [0, 1]]
    ] as const) {
      await eventually(
        async () => {
          const { coordinates, proximity, sampling } = await documentOf<PeerStatus>(i, '/status')
          const near = await documentOf<NearPeerDocument[]>(i, '/nearest?n=9')
          const found = proximity?.neighbours ?? []
          const wanted = others.map(other => ids[other]).sort()
          const isFound = [near, found].every(
            list => String(list.map(({ peerId }) => peerId).sort()) === String(wanted)
          )
          const isCounted = coordinates.moves > 0 && (coordinates.refusals['bad-profile'] ?? 0) > 0
          return isFound && isCounted && sampling.viewSize === 3 && coordinates.samples > 20
        },
        { deadline: 40_000, what: `peer ${i} knows where ${others} are` }
      )
    }
  })

  it('says in the command that joins what newcomers need', () => {
    assert.equal(shared, '--profile local --epoch 4 --dimensions 4 --proximity')
  })

  it('nearest, for people', async () => {
    const { code, stdout, stderr } = await ask('nearest')
    const [titles, ...rows] = stdout.trimEnd().split('\n')

    assert.deepEqual([code, stderr], [0, 'gossip-peer: only 2 peers known\n'])
    assert.match(titles, /^ROUND TRIP +CONFIDENCE +PEER +ADDRESS$/)
    assert.equal(rows.length, 2)

    for (const row of rows) {
      assert.match(row, /^\d[\d.]* ms +\d[\d.]* % +(12D3\w+) +\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\1$/)
    }
  })

  it('nearest --json', async () => {
    const { code, stdout, stderr } = await ask('nearest', '2', '--json')
    const near = JSON.parse(stdout) as NearPeerDocument[]

    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(near.map(({ peerId }) => peerId).sort(), [ids[1], ids[2]].sort())
    assert.deepEqual(Object.keys(near[0]), ['peerId', 'addresses', 'milliseconds', 'confidence', 'age'])
    assert(near[0].milliseconds <= near[1].milliseconds)
    assert(near.every(({ milliseconds, confidence, age }) => milliseconds > 0 && isShare(confidence) && age >= 0))

    const one = JSON.parse((await ask('nearest', '1', '--json')).stdout)
    assert.equal(one.length, 1)
  })

  it('rtt, for people and as JSON', async () => {
    const [{ code, stdout, stderr }, json] = await Promise.all([ask('rtt', ids[1]), ask('rtt', ids[1], '--json')])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^predicted {2}\d[\d.]* ms, confidence \d[\d.]* %\nmeasured {3}\d[\d.]* ms\n$/)

    const found = JSON.parse(json.stdout) as RoundTripDocument
    assert.deepEqual([json.code, json.stderr], [0, ''])
    assert.deepEqual(Object.keys(found), ['from', 'to', 'estimate', 'measured'])
    assert.deepEqual([found.from, found.to], [ids[0], ids[1]])
    assert(isEstimated(found) && isMeasured(found))
  })

  it('rtt between two others: the second one is asked to measure it', async () => {
    const { code, stdout } = await ask('rtt', ids[1], ids[2], '--json')
    const found = JSON.parse(stdout) as RoundTripDocument

    assert.deepEqual([code, found.from, found.to], [0, ids[2], ids[1]])
    assert(isEstimated(found) && isMeasured(found))
    assert.deepEqual(await ask('rtt', NOBODY, ids[2]), {
      code: 1,
      signal: null,
      stdout: `predicted  no: ${NOBODY} is not known here\nmeasured   no: ${NOBODY} is not known to ${ids[2]}\n`,
      stderr: ''
    })
  })

  it('rtt to this peer from another one is that from here to there', async () => {
    const { code, stdout } = await ask('rtt', ids[0], ids[1], '--json')
    const found = JSON.parse(stdout) as RoundTripDocument
    assert.deepEqual([code, found.from, found.to], [0, ids[1], ids[0]])
    assert(isEstimated(found) && isMeasured(found))
  })

  it('rtt of somebody who is not known', async () => {
    const why = `${NOBODY} is not known here`
    const { code, stdout, stderr } = await ask('rtt', NOBODY)
    assert.deepEqual([code, stdout, stderr], [1, `predicted  no: ${why}\nmeasured   no: ${why}\n`, ''])

    const json = await ask('rtt', NOBODY, '--json')
    assert.equal(json.code, 1)
    assert.deepEqual(JSON.parse(json.stdout), {
      from: ids[0],
      to: NOBODY,
      estimate: null,
      unestimated: why,
      measured: null,
      unmeasured: why
    })
  })

  it('rtt of a peer to itself', async () => {
    for (const words of [[ids[0]], [ids[0], ids[0]], [ids[1], ids[1]], [NOBODY, NOBODY]]) {
      const { code, stdout, stderr } = await ask('rtt', ...words)
      assert.deepEqual([code, stdout, stderr], [2, '', 'gossip-peer: rtt: a peer has no round trip to itself\n'])
    }
  })

  it('coordinate, of itself and of another peer', async () => {
    const [own, other] = await Promise.all([ask('coordinate'), ask('coordinate', ids[1])])
    const point = 'position {2}(-?[\\d.e-]+, ){3}-?[\\d.e-]+ \\(ms\\)\nheight {4}\\d[\\d.]* ms\nerror {5}\\d[\\d.]* %'
    assert.match(own.stdout, new RegExp(`^${point} after \\d+ samples\n$`))
    assert.match(other.stdout, new RegExp(`^${point}\nsigned {4}\\d[^\n]* ago\n$`))
    assert.deepEqual([own.code, own.stderr, other.code, other.stderr], [0, '', 0, ''])
  })

  it('coordinate --json', async () => {
    const [own, again, other] = (
      await Promise.all([
        ask('coordinate', '--json'),
        ask('coordinate', ids[0], '--json'),
        ask('coordinate', ids[1], '--json')
      ])
    ).map(({ stdout }) => JSON.parse(stdout) as CoordinateDocument)
    const place = ['peerId', 'position', 'height', 'error']

    assert.deepEqual(Object.keys(own), [...place, 'samples', 'moves'])
    assert.deepEqual(Object.keys(again), [...place, 'samples', 'moves'])
    assert.deepEqual(Object.keys(other), [...place, 'age'])
    assert.deepEqual([own.peerId, again.peerId, other.peerId], [ids[0], ids[0], ids[1]])
    assert.deepEqual([own.position.length, other.position.length], [4, 4])
    assert(own.samples != null && own.samples > 20 && own.moves != null && own.moves > 0)
  })

  it('coordinate of somebody who is not known', async () => {
    const { code, stdout, stderr } = await ask('coordinate', NOBODY)
    assert.deepEqual([code, stdout, stderr], [1, '', `gossip-peer: ${NOBODY} is not known here\n`])
  })

  it('measures a peer of other dimensions, and says why it predicts nothing', async () => {
    const why = (id: string, dimensions: number) =>
      `${id} has no coordinate of ${dimensions} dimensions, as this peer has (--dimensions must be the same for all)`
    const { code, stdout, stderr } = await ask('rtt', ids[ODD])
    const [predicted, measured] = stdout.split('\n')

    assert.deepEqual([code, stderr, predicted], [0, '', `predicted  no: ${why(ids[ODD], 4)}`])
    assert.match(measured, /^measured {3}\d[\d.]* ms$/)

    const coordinate = await ask('coordinate', ids[ODD])
    assert.deepEqual([coordinate.code, coordinate.stderr], [1, `gossip-peer: ${why(ids[ODD], 4)}\n`])

    const there = (await documentOf(ODD, `/rtt?to=${ids[1]}`)) as RoundTripDocument
    assert.deepEqual([there.estimate, there.unestimated], [null, why(ids[1], 8)])
    assert(isMeasured(there))

    const between = (await documentOf(ODD, `/rtt?to=${ids[1]}&from=${ids[0]}`)) as RoundTripDocument
    assert.equal(between.unestimated, `${why(ids[1], 8)}; ${why(ids[0], 8)}`)
  })

  it('has nobody near, among peers of other dimensions', async () => {
    const [text, json, status] = await Promise.all(
      [['nearest'], ['nearest', '--json'], ['status']].map(args => run([...args, '--home', homeOf(ODD)]))
    )
    const says = 'gossip-peer: nobody with a coordinate of 8 dimensions is known yet\n'
    assert.deepEqual([text.code, text.stderr], [1, says])
    assert.deepEqual([json.code, json.stdout, json.stderr], [1, '[]\n', says])
    assert.match(status.stdout, /^coordinates {2}no sample yet$/m)
    assert.match(status.stdout, /^proximity {4}nobody found yet$/m)

    const { coordinates, sampling } = (await documentOf(0, '/status')) as PeerStatus
    assert((coordinates.refusals['bad-profile'] ?? 0) > 0)
    assert.equal(sampling.viewSize, 3)
  })

  it('shows coordinates and the nearest in the status', async () => {
    const { stdout } = await ask('status')
    const off = /^coordinates {2}off by \d[\d.]* % after \d+ samples, nearest peer \d[\d.]* ms away$/m
    assert.match(stdout, off)
    const [, nearest, farthest] =
      /^proximity {4}2 nearest peers, (\d[\d.]*) ms(?: to (\d[\d.]*) ms)? away$/m.exec(stdout) ?? assert.fail(stdout)
    assert(Number(nearest) > 0 && Number(farthest ?? Infinity) > Number(nearest))

    const { coordinates, proximity } = JSON.parse((await ask('status', '--json')).stdout) as PeerStatus
    assert.equal(coordinates.position.length, 4)
    assert(coordinates.samples > 20 && coordinates.moves > 0 && coordinates.error > 0)
    assert([ids[1], ids[2]].includes(coordinates.nearest?.peerId ?? ''))
    assert((coordinates.nearest?.milliseconds ?? 0) > 0 && coordinates.rounds > 0 && coordinates.bytes.sent > 0)
    assert.deepEqual(proximity?.neighbours.map(({ peerId }) => peerId).sort(), [ids[1], ids[2]].sort())
    assert.deepEqual([proximity?.space, proximity?.viewSize], ['latency 4', 2])
    assert(proximity?.neighbours.every(({ milliseconds, addresses }) => milliseconds > 0 && addresses.length > 0))
  })

  it('counts on the page of metrics', async () => {
    const [, http] = await peers[0].says(/^ {2}(http:\S+)\/status$/m)
    const metrics = await (await fetch(`${http}/metrics`)).text()

    for (const line of [
      /^gossip_peer_vivaldi_error \d\.\d+$/m,
      /^gossip_peer_vivaldi_samples [1-9]\d*$/m,
      /^gossip_peer_vivaldi_moves [1-9]\d*$/m,
      /^gossip_peer_vivaldi_exchanges_total\{outcome="answered"\} [1-9]\d*$/m,
      /^gossip_peer_vivaldi_answered_total [1-9]\d*$/m,
      /^gossip_peer_vivaldi_refusals_total\{reason="bad-profile"\} [1-9]\d*$/m,
      /^gossip_peer_vivaldi_bytes_total\{direction="received"\} [1-9]\d*$/m
    ]) {
      assert.match(metrics, line)
    }
  })

  it('has no more than 10,000 at once', async () => {
    for (const verb of ['nearest', 'sample']) {
      const { code, stderr } = await ask(verb, '10001')
      assert.deepEqual([code, stderr], [2, `gossip-peer: ${verb}: n: "10001" is not a whole number from 1 to 10000\n`])
    }
  })

  it('tells of each move', async () => {
    const [moved] = await monitors[1].says(/^.*"coordinate:change".*$/m)
    const { position, height, error, moved: milliseconds } = JSON.parse(moved)
    assert(position.length === 4 && height > 0 && error > 0 && milliseconds >= 0)
    await monitors[0].says(/^\d\d:\d\d:\d\d moved by \d[\d.]* ms in the space of latencies, off by \d[\d.]* %$/m)

    for (const monitor of monitors) {
      assert.equal((await monitor.endBy('SIGINT')).code, 130)
    }
  })

  it('says of a killed peer that it does not answer, and tells that it is near no more', async () => {
    monitors = await startMonitors()
    await peers[1].endBy('SIGKILL')

    for (const [words, says] of [
      [[ids[1]], `${ids[1]} does not answer: `],
      [[ids[2], ids[1]], `${ids[1]} does not answer: `],
      [[ids[1], ids[2]], `${ids[1]} does not answer ${ids[2]}`]
    ] as const) {
      const { code, stdout, stderr } = await ask('rtt', ...words)
      const [predicted, measured] = stdout.split('\n')
      assert.deepEqual([code, stderr], [0, ''])
      assert(measured.startsWith(`measured   no: ${says}`), measured)
      assert.match(predicted, /^predicted {2}\d/)
    }

    const [line] = await monitors[1].says(new RegExp(`^.*"neighbours:change".*"left":\\["${ids[1]}"\\].*$`, 'm'))
    assert.deepEqual(JSON.parse(line).entered, [])
    await monitors[0].says(/^\d\d:\d\d:\d\d nearest peers: 0 came, 1 left$/m)

    for (const monitor of monitors) {
      assert.equal((await monitor.endBy('SIGINT')).code, 130)
    }
  })

  it('tells nothing of that at the terminal of the peer', () => {
    assert.doesNotMatch(peers[0].stdout, /latencies|nearest/)
    assert.equal(peers[0].stderr, '')
  })

  it('has nobody near when it is alone, and answers nothing when it has gone', async () => {
    const home = join(folder, 'alone')
    const peer = await startPeer([...LOOPBACK, '--bootstrap', '--home', home])
    const alone = async (...args: string[]) => await run([...args, '--home', home])
    const [near, own, rtt] = await Promise.all([alone('nearest'), alone('coordinate'), alone('rtt', NOBODY)])
    const why = `${NOBODY} is not known here`
    assert.deepEqual([rtt.code, rtt.stdout, rtt.stderr], [1, `predicted  no: ${why}\nmeasured   no: ${why}\n`, ''])

    assert.deepEqual(
      [near.code, near.stderr],
      [1, 'gossip-peer: nobody with a coordinate of 8 dimensions is known yet\n']
    )
    assert.equal(
      own.stdout,
      `position  ${Array(8).fill(0).join(', ')} (ms)\nheight    0.01 ms\nerror     100 % after 0 samples\n`
    )
    assert.match((await alone('status')).stdout, /^coordinates {2}no sample yet$/m)
    assert.doesNotMatch((await alone('status')).stdout, /^proximity/m)
    assert.equal((await peer.endBy('SIGTERM')).code, 0)

    for (const args of [['nearest'], ['rtt', NOBODY], ['coordinate']]) {
      const { code, stderr } = await alone(...args)
      assert.deepEqual(
        [code, stderr],
        [1, `gossip-peer: no peer runs in ${home} (start one: gossip-peer start --home ${home})\n`]
      )
    }
  })

  it('is in the help, and completed', async () => {
    const [help, verbs, options] = await Promise.all([
      run(['--help']),
      run(['--get-yargs-completions', 'gossip-peer', '']),
      run(['--get-yargs-completions', 'gossip-peer', '--'])
    ])

    for (const verb of ['rtt', 'coordinate', 'nearest']) {
      assert(verbs.stdout.split('\n').includes(verb), verb)
      assert.match(help.stdout, new RegExp(`^  gossip-peer ${verb} `, 'm'))
      assert.equal((await run([verb, '--help'])).code, 0)
    }

    for (const option of ['--dimensions', '--proximity']) {
      assert(options.stdout.split('\n').includes(option), option)
      assert.match(help.stdout, new RegExp(`^  ${option} `, 'm'))
    }
  })
})

function isShare(x: number): boolean {
  return x >= 0 && x <= 1
}

function isEstimated({ estimate, unestimated }: RoundTripDocument): boolean {
  return estimate != null && estimate.milliseconds > 0 && isShare(estimate.confidence) && unestimated == null
}

function isMeasured({ measured, unmeasured }: RoundTripDocument): boolean {
  return measured != null && measured > 0 && unmeasured == null
}
