import assert from 'node:assert/strict'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { Random } from '../../src/gossip/random.ts'
import { LatencyMatrix } from '../../src/sim/latency/latency-matrix.ts'
import { checkReplays, parseReplay, type Replay, ReplayedRoundTrips } from '../../src/sim/latency/replay.ts'
import { createRoundTrips, type RoundTrips } from '../../src/sim/latency/round-trips.ts'

/** A matrix in which every pair of hosts has a time of its own, so that a time tells where its nodes are. */
function numbered(hosts: number, first = 1_000): LatencyMatrix {
  const rows = Array.from({ length: hosts }, (_, from) =>
    Array.from({ length: hosts }, (_, to) => first + from * hosts + to).join(' ')
  )
  return LatencyMatrix.parse(rows.join('\n'), `from-${first}.txt`)
}

function timesOf(roundTrips: RoundTrips, nodes: number): number[] {
  return Array.from({ length: nodes ** 2 }, (_, i) => roundTrips.roundTrip(Math.floor(i / nodes), i % nodes))
}

describe('round-trip times of a matrix', () => {
  it('are those between the hosts of the nodes, each way its own', () => {
    const roundTrips = createRoundTrips(LatencyMatrix.parse('0 10\n40 0'), 2, new Random(1))
    assert.deepEqual(new Set([roundTrips.roundTrip(0, 1), roundTrips.roundTrip(1, 0)]), new Set([10, 40]))
    assert.equal(roundTrips.mean, 25)
  })

  it('are the shortest of all between nodes at the same host', () => {
    const roundTrips = createRoundTrips(LatencyMatrix.parse('0 10\n40 0'), 4, new Random(1))
    const neighbour = [1, 2, 3].find(node => roundTrips.roundTrip(0, node) === roundTrips.roundTrip(node, 0))
    assert.ok(neighbour != null)
    assert.equal(roundTrips.roundTrip(0, neighbour), 10)
  })

  for (const nodes of [9, 10, 11, 25, 200]) {
    it(`come from hosts that ${nodes} nodes share as evenly as ten can be shared`, () => {
      const roundTrips = createRoundTrips(numbered(10), nodes, new Random(nodes))
      const counts = new Array<number>(10).fill(0)

      for (let node = 0; node < nodes; node++) {
        // the host of a node is the row that all its times are from
        const rows = new Set<number>()

        for (let other = 0; other < nodes; other++) {
          const at = roundTrips.roundTrip(node, other) - 1_000

          // the shortest time, of host 0 to host 1, is also that between neighbours
          if (at !== 1) {
            rows.add(Math.floor(at / 10))
          }
        }

        assert.equal(rows.size, 1)
        counts[[...rows][0]]++
      }

      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, String(counts))
    })
  }

  it('shuffle the hosts once for as many nodes as there are hosts', () => {
    const matrix = numbered(5)
    const random = new Random(3)
    const order = Int32Array.of(0, 1, 2, 3, 4)
    const hosts = [1, 2, 3].flatMap(() => {
      random.shuffle(order)
      return [...order]
    })
    const expected = hosts.slice(0, 13).flatMap(from => hosts.slice(0, 13).map(to => matrix.roundTrip(from, to)))
    assert.deepEqual(timesOf(createRoundTrips(matrix, 13, new Random(3)), 13), expected)
  })

  it('put nodes at other hosts for another seed, at the same for the same', () => {
    const from = (seed: number) => timesOf(createRoundTrips(numbered(10), 10, new Random(seed)), 10)
    assert.deepEqual(from(1), from(1))
    assert.notDeepEqual(from(1), from(2))
  })

  it('have the mean they say, where every host has a node', () => {
    const roundTrips = createRoundTrips(numbered(10), 10, new Random(2))
    const sum = timesOf(roundTrips, 10).reduce((total, time, i) => total + (i % 11 === 0 ? 0 : time), 0)
    assert.ok(Math.abs(sum / 90 - roundTrips.mean) < 1e-9)
  })
})

describe('replayed round-trip times', () => {
  const first = numbered(6)
  const second = numbered(6, 2_000)
  const third = numbered(6, 3_000)

  /** Which matrix the times are of: 1, 2 or 3. */
  const era = (roundTrips: RoundTrips) => Math.floor(roundTrips.roundTrip(0, 1) / 1_000)

  it('are those of the first matrix as long as there is no other, with the nodes at the same hosts', () => {
    const replayed = new ReplayedRoundTrips(first, [{ matrix: second, round: 5 }], 9, new Random(7))
    const alone = createRoundTrips(first, 9, new Random(7))
    assert.deepEqual(timesOf(replayed, 9), timesOf(alone, 9))
    assert.equal(replayed.mean, alone.mean)
    assert.equal(replayed.stateBytes, 18)
  })

  it('are those of each other matrix once its round is over, in whatever order they are named', () => {
    for (const order of [1, -1]) {
      const replays = [
        { matrix: second, round: 2 },
        { matrix: third, round: 4 }
      ].toSorted((a, b) => order * (a.round - b.round))
      const replayed = new ReplayedRoundTrips(first, replays, 9, new Random(7))
      const eras = [1, 2, 3, 4, 5].map(round => {
        replayed.advance(round)
        return era(replayed)
      })
      assert.deepEqual(eras, [1, 2, 2, 3, 3])
    }
  })

  it('leave the nodes at their hosts', () => {
    const replayed = new ReplayedRoundTrips(first, [{ matrix: second, round: 1 }], 9, new Random(7))
    const before = timesOf(replayed, 9)
    replayed.advance(1)
    assert.deepEqual(
      timesOf(replayed, 9),
      before.map(time => time + 1_000)
    )
    assert.equal(replayed.mean, first.mean + 1_000)
  })

  it('are those of a matrix that comes after round 0 from the start', () => {
    assert.equal(era(new ReplayedRoundTrips(first, [{ matrix: second, round: 0 }], 9, new Random(7))), 2)
  })

  it('need not be asked for in every round', () => {
    const replayed = new ReplayedRoundTrips(first, [{ matrix: second, round: 3 }], 9, new Random(7))
    replayed.advance(50)
    assert.equal(era(replayed), 2)
  })

  const wrong: Array<[replays: Replay[], message: string]> = [
    [[{ matrix: second, round: 10 }], 'replay: round 10 is not one from 0 to 9: some of the 10 rounds must follow'],
    [[{ matrix: second, round: -1 }], 'replay: round -1 is not one from 0 to 9: some of the 10 rounds must follow'],
    [[{ matrix: second, round: 1.5 }], 'replay: round 1.5 is not one from 0 to 9: some of the 10 rounds must follow'],
    [
      [
        { matrix: second, round: 4 },
        { matrix: third, round: 4 }
      ],
      'replay: two matrices after round 4: only one can hold'
    ],
    [
      [{ matrix: numbered(7, 5), round: 4 }],
      'replay: from-5.txt has 7 hosts and from-1000.txt 6: they must be the same ones'
    ]
  ]

  for (const [replays, message] of wrong) {
    it(`cannot be: ${message}`, () => {
      assert.throws(() => checkReplays(first, replays, 10), { name: 'ParameterError', message })
    })
  }

  it('are checked for their hosts where they are made, too', () => {
    const other = [{ matrix: numbered(5), round: 1 }]
    assert.throws(() => new ReplayedRoundTrips(first, other, 9, new Random(1)), ParameterError)
  })

  it('may come after any round but the last', () => {
    checkReplays(first, [], 10)
    checkReplays(
      first,
      [0, 4, 9].map(round => ({ matrix: second, round })),
      10
    )
  })
})

describe('a replay in words', () => {
  const files: string[] = []
  const read = (file: string) => {
    files.push(file)
    return numbered(2)
  }

  for (const [text, file, round] of [
    ['later.txt@20', 'later.txt', 20],
    ['a folder/b.gz@0', 'a folder/b.gz', 0],
    ['me@home.txt@7', 'me@home.txt', 7]
  ] as const) {
    it(`is read from ${text}`, () => {
      assert.equal(parseReplay(text, read).round, round)
      assert.equal(files.at(-1), file)
    })
  }

  for (const text of ['', 'later.txt', '@20', 'later.txt@', 'later.txt@-1', 'later.txt@1.5', 'a@b', 'a@1e3', '20']) {
    it(`is not read from "${text}", and no file is`, () => {
      const before = files.length
      assert.throws(() => parseReplay(text, read), {
        message: `"${text}" is not a file of round-trip times and a round (example: later.txt@20)`
      })
      assert.equal(files.length, before)
    })
  }
})
