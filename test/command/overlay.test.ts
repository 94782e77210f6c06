import assert from 'node:assert/strict'
import { join } from 'node:path'
import { openControl } from '../../src/peer/control.ts'
import type { NeighbourDocument, OverlayDocument, PeerStatus, RouteDocument } from '../../src/peer/index.ts'
import { LOOPBACK, type RunningCommand, run, start, startPeer, withinFolder } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'

const WIDTH = 3
const HEIGHT = 2

type Point = [x: number, y: number]

const POINTS = Array.from({ length: WIDTH * HEIGHT }, (_, i): Point => [i % WIDTH, Math.floor(i / WIDTH)])
const DIRECTIONS: Record<string, Point> = { north: [0, 1], east: [1, 0], south: [0, -1], west: [-1, 0] }

describe('the command, on a torus', function () {
  this.timeout(120_000)

  let folder: string
  let http: string
  const peers: RunningCommand[] = []
  const ids: string[] = []

  withinFolder(path => {
    folder = path
  })

  const homeOf = (i: number) => join(folder, String(i))
  const ask = async (...args: string[]) => await run([...args, '--home', homeOf(0)])
  const neighboursOf = async (i: number): Promise<NeighbourDocument[]> =>
    ((await openControl(homeOf(i)).get('/neighbours')) as OverlayDocument).neighbours

  const startAt = async (i: number, ...args: string[]) => {
    const place = ['--torus', `${WIDTH}x${HEIGHT}`, '--position', POINTS[i].join(), '--epoch', '4']
    peers[i] = await startPeer([...LOOPBACK, ...place, '--home', homeOf(i), '--json', ...args])
    const started = JSON.parse(peers[i].lines[0])
    ids[i] = started.peerId
    return started
  }

  before(async () => {
    const started = await startAt(0, '--bootstrap', '--http', '127.0.0.1:0')
    http = started.http
    await Promise.all(POINTS.slice(1).map((_, i) => startAt(i + 1, '--bootstrap', started.addresses[0])))
  })

  it('gives everybody the neighbours that stand next to it', async () => {
    for (const [i, point] of POINTS.entries()) {
      await eventually(async () => isRight(point, await neighboursOf(i)), { what: `the neighbours of ${point}` })
    }

    const { code, stdout, stderr } = await ask('neighbours')
    const [place, titles, ...rows] = stdout.trimEnd().split('\n')
    assert.deepEqual([code, stderr, place], [0, '', 'torus 3x2, at 0,0'])
    assert.match(titles, /^DIRECTION +POSITION +DISTANCE +PEER +ADDRESS$/)
    assert.deepEqual(
      rows.map(row => row.split(/ +/).slice(0, 4)),
      [
        ['north', '0,1', '1', ids[3]],
        ['east', '1,0', '1', ids[1]],
        ['south', '0,1', '1', ids[3]],
        ['west', '2,0', '1', ids[2]]
      ]
    )
  })

  it('neighbours --json', async () => {
    const { space, position, neighbours } = JSON.parse((await ask('neighbours', '--json')).stdout) as OverlayDocument
    const [north] = neighbours

    assert.deepEqual([space, position], ['torus 3x2', [0, 0]])
    assert.deepEqual(
      { ...north, addresses: [] },
      { direction: 'north', peerId: ids[3], position: [0, 1], distance: 1, addresses: [] }
    )
    assert.match(north.addresses[0], new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/p2p/${ids[3]}$`))
  })

  it('finds its way to every point', async () => {
    for (const [i, point] of POINTS.entries()) {
      const route = await openControl(homeOf(0)).get(`/route?to=${point.join()}`)
      const { to, outcome, hops, distance, path } = route as RouteDocument

      assert.deepEqual([to, outcome, distance], [point, 'arrived', 0])
      assert.equal(path[0].peerId, ids[0])
      assert.deepEqual(path.at(-1)?.position, point)
      assert.equal(path.at(-1)?.peerId, ids[i])
      assert.equal(path.length, hops + 1)
      assert(path.every(({ milliseconds }) => milliseconds >= 0))
      assert(path.every(({ distance }, hop) => hop === 0 || distance < path[hop - 1].distance))
    }
  })

  it('route, for people and as JSON', async () => {
    const [{ code, stdout, stderr }, json] = await Promise.all([ask('route', '2,0'), ask('route', '2,0', '--json')])
    const lines = stdout.trimEnd().split('\n')

    assert.deepEqual([code, stderr], [0, ''])
    assert.match(lines[0], /^HOP +POSITION +TO GO +TOOK +PEER$/)
    assert.match(lines[1], new RegExp(`^0 +0,0 +1 +${ids[0]}$`))
    assert.match(lines[2], new RegExp(`^1 +2,0 +0 +\\S.* m?s +${ids[2]}$`))
    assert.deepEqual(lines.slice(3), ['arrived at 2,0 in 1 hop'])

    const { to, outcome, hops, distance, path } = JSON.parse(json.stdout) as RouteDocument
    assert.deepEqual([json.code, to, outcome, hops, distance, path.length], [0, [2, 0], 'arrived', 1, 0, 2])
  })

  it('route, to where the torus does not reach', async () => {
    for (const [point, shown] of [
      ['-1,-1', '[-1,-1]'],
      ['1', '[1]']
    ]) {
      const { code, stdout, stderr } = await ask('route', point)
      const says = `gossip-peer: route: ${shown} is not 2 whole numbers, from 0 to 2 and from 0 to 1\n`
      assert.deepEqual([code, stdout, stderr], [2, '', says])
    }
  })

  it('shows its place in the status, and counts on the page of metrics', async () => {
    const statusOf = async () => JSON.parse((await ask('status', '--json')).stdout) as PeerStatus
    await eventually(async () => (await statusOf()).torus?.viewSize === POINTS.length - 1, { what: 'all are known' })
    const text = await ask('status')
    assert.match(text.stdout, /^torus +3x2, at 0,0, 3 neighbours$/m)

    const { torus } = await statusOf()
    assert.deepEqual([torus?.space, torus?.position, torus?.neighbours.length], ['torus 3x2', [0, 0], 4])
    assert.equal(torus?.viewSize, POINTS.length - 1)
    assert(torus != null && torus.rounds > 0 && torus.exchanges.initiated > 0 && torus.bytes.sent > 0)

    const metrics = await (await fetch(`${http}/metrics`)).text()
    assert.match(metrics, /^gossip_peer_overlay_torus_3x2_view_size 5$/m)
    assert.match(metrics, /^gossip_peer_aggregation_epoch \d+$/m)
  })

  it('gives the place of a killed neighbour to another one, and tells', async () => {
    const monitors = [start(['monitor', '--home', homeOf(0)]), start(['monitor', '--json', '--home', homeOf(0)])]
    // epochs go by all the time: now both of them listen
    await Promise.all(monitors.map(monitor => monitor.says(/epoch/)))
    await peers[1].endBy('SIGKILL')

    const [, line] = await monitors[1].says(/^(.*"neighbour:change".*"direction":"east".*)$/m)
    const change = JSON.parse(line)
    assert.equal(change.previous, ids[1])
    await monitors[0].says(/^\d\d:\d\d:\d\d east: /m)
    await eventually(async () => isRight([0, 0], await neighboursOf(0), [1]), { what: 'another neighbour' })
    // as long as somebody still names the one that is gone, the way to it is lost
    await eventually(
      async () => {
        const found = JSON.parse((await ask('route', '1,0', '--json')).stdout) as RouteDocument
        return found.outcome === 'nearest' && found.distance === 1
      },
      { what: 'the way to the nearest' }
    )
  })

  /** Looks at all points: in each direction is one to which the fewest steps lead, more of them along than across, or as many. */
  function isRight([x, y]: Point, neighbours: NeighbourDocument[], gone: number[] = []): boolean {
    const others = POINTS.map((point, i) => ({ point, id: ids[i] })).filter(
      ({ point }, i) => !gone.includes(i) && point.join() !== [x, y].join()
    )

    return Object.entries(DIRECTIONS).every(([direction, [stepX, stepY]]) => {
      const steps = ([px, py]: Point): number => {
        const along = stepX === 0 ? modulo((py - y) * stepY, HEIGHT) : modulo((px - x) * stepX, WIDTH)
        const across = stepX === 0 ? shortest(px - x, WIDTH) : shortest(py - y, HEIGHT)
        return along > 0 && along >= across ? along + across : Number.POSITIVE_INFINITY
      }
      const fewest = Math.min(...others.map(({ point }) => steps(point)))
      const found = neighbours.find(neighbour => neighbour.direction === direction)
      const at = others.find(({ id }) => id === found?.peerId)
      return at != null && at.point.join() === found?.position.join() && steps(at.point) === fewest
    })
  }
})

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n
}

function shortest(difference: number, length: number): number {
  return Math.min(modulo(difference, length), modulo(-difference, length))
}
