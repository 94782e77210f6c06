import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { LatencyMatrix } from '../../src/sim/latency/latency-matrix.ts'

/** All round-trip times, row after row. */
function rows(matrix: LatencyMatrix): number[][] {
  return Array.from({ length: matrix.hosts }, (_, from) =>
    Array.from({ length: matrix.hosts }, (_, to) => matrix.roundTrip(from, to))
  )
}

describe('a latency matrix', () => {
  it('is read from text, with comments, blank lines and any white space', () => {
    const matrix = LatencyMatrix.parse(
      '\uFEFF# three hosts\r\n\r\n 0 10.5\t20\r\n  # more\n10.5   0 3e1\n20 30 0',
      'three'
    )
    assert.deepEqual(rows(matrix), [
      [10.5, 10.5, 20],
      [10.5, 10.5, 30],
      [20, 30, 10.5]
    ])
    assert.equal(matrix.name, 'three')
    assert.equal(matrix.hosts, 3)
    assert.equal(matrix.missing, 0)
    assert.equal(matrix.mean, (10.5 + 20 + 30) / 3)
  })

  it('need not be symmetric', () => {
    const matrix = LatencyMatrix.parse('0 10\n40 0')
    assert.equal(matrix.roundTrip(0, 1), 10)
    assert.equal(matrix.roundTrip(1, 0), 40)
    assert.equal(matrix.mean, 25)
  })

  it('is symmetric where the measurements are', () => {
    const random = new Random(5)
    const times = Array.from({ length: 30 }, () => Array.from({ length: 30 }, () => 0))

    for (let from = 0; from < 30; from++) {
      for (let to = 0; to < from; to++) {
        times[from][to] = times[to][from] = random.below(10_000) / 100
      }
    }

    const matrix = LatencyMatrix.parse(times.map(row => row.join(' ')).join('\n'))

    for (let from = 0; from < 30; from++) {
      for (let to = 0; to < 30; to++) {
        assert.equal(matrix.roundTrip(from, to), matrix.roundTrip(to, from))
        assert.ok(matrix.roundTrip(from, to) > 0)
      }
    }
  })

  it('fills what is missing with the median', () => {
    const odd = LatencyMatrix.parse('0 10 -1\n20 0 0\n90 -3 0')
    assert.deepEqual(rows(odd), [
      [10, 10, 20],
      [20, 10, 20],
      [90, 20, 10]
    ])
    assert.equal(odd.missing, 3)
    assert.equal(odd.mean, (10 + 20 + 20 + 20 + 90 + 20) / 6)

    const even = LatencyMatrix.parse('0 10 20\n40 0 90\n0 0 0')
    assert.equal(even.missing, 2)
    assert.equal(even.roundTrip(2, 0), 30)
  })

  it('pays no heed to its diagonal: at one host, it is the shortest time between two', () => {
    for (const diagonal of ['0', '-1', '5', '500']) {
      const matrix = LatencyMatrix.parse(`${diagonal} 40\n30 ${diagonal}`)
      assert.equal(matrix.roundTrip(0, 0), 30)
      assert.equal(matrix.roundTrip(1, 1), 30)
      assert.equal(matrix.missing, 0)
    }
  })

  const row = (count: number) => Array<number>(count).fill(1).join(' ')
  const wrong: Array<[why: string, text: string, message: string]> = [
    ['nothing', '', 'no numbers'],
    ['nothing but comments', '# 1 2\n\n', 'no numbers'],
    ['a single number', '# one host\n7', 'line 2: 1 number, but a matrix has 2 to 5000'],
    ['too many hosts', row(5_001), 'line 1: 5001 numbers, but a matrix has 2 to 5000'],
    ['a short line', '# c\n0 1 2\n\n1 0\n2 1 0', 'line 4: 2 numbers, but the first line has 3'],
    ['a long line', '0 1\n1 0 4', 'line 2: 3 numbers, but the first line has 2'],
    ['too few rows', '0 1 2\n1 0 2', '2 rows of 3 numbers, but a matrix has as many rows as columns'],
    ['a single row', '0 1 2', '1 row of 3 numbers, but a matrix has as many rows as columns'],
    ['too many rows', '0 1\n1 0\n1 1', '3 rows of 2 numbers, but a matrix has as many rows as columns'],
    ['a word', '0 1 2\n1 0 2\n2 abc 0', 'line 3: "abc" is not a number'],
    ['infinity', '0 Infinity\n1 0', 'line 1: "Infinity" is not a number'],
    ['not a number', '0 1\nNaN 0', 'line 2: "NaN" is not a number'],
    ['another file', `0 ${'\u0001'.repeat(200)}\n1 0`, `line 1: "${'\\u0001'.repeat(20)}..." is not a number`],
    ['no measurement', '7 0\n-1 7', 'no round-trip time between two different hosts is greater than zero']
  ]

  for (const [why, text, message] of wrong) {
    it(`refuses ${why}`, () => {
      assert.throws(() => LatencyMatrix.parse(text), { message })
    })
  }
})
