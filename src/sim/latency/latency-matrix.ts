/** Hosts of a matrix. */
const MIN_HOSTS = 2
const MAX_HOSTS = 5_000

/** How much of a word that is no number an error shows. */
const SHOWN = 20

/**
 * Measured round-trip times between hosts, in milliseconds. Entry [a][b] is the time that a measured to b; it need not be
 * that of b to a.
 */
export class LatencyMatrix {
  /** Where it comes from, for people to read: the name of a file. */
  readonly name: string
  readonly hosts: number
  /** Pairs of hosts without a measurement. They get the median of all that have one. */
  readonly missing: number
  /** Mean round-trip time between two different hosts. */
  readonly mean: number
  /** Row after row. On the diagonal the shortest of all. */
  private readonly times: Float64Array

  private constructor(name: string, hosts: number, times: Float64Array) {
    const measured = times.filter((time, i) => time > 0 && i % (hosts + 1) !== 0)

    if (measured.length === 0) {
      throw new Error('no round-trip time between two different hosts is greater than zero')
    }

    const pairs = hosts * (hosts - 1)
    this.name = name
    this.hosts = hosts
    this.missing = pairs - measured.length
    const typical = this.missing > 0 ? median(measured) : 0
    const shortest = measured.reduce((least, time) => Math.min(least, time))
    this.times = times.map((time, i) => (i % (hosts + 1) === 0 ? shortest : time > 0 ? time : typical))
    const sum = measured.reduce((total, time) => total + time, 0)
    this.mean = (sum + this.missing * typical) / pairs
  }

  /**
   * Reads a matrix: one row a line, milliseconds with white space between them. Blank lines and those that begin with `#`
   * are passed over. What stands on the diagonal has no meaning; elsewhere zero or less says that there is no measurement.
   *
   * @param text - a square of 2 to 5,000 rows
   * @param name - see {@link LatencyMatrix.name}
   * @throws Error that says what is wrong, and in which line
   */
  static parse(text: string, name = ''): LatencyMatrix {
    const rows = text
      .split('\n')
      .map((content, i) => ({ line: i + 1, content: content.trim() }))
      .filter(({ content }) => content !== '' && !content.startsWith('#'))

    if (rows.length === 0) {
      throw new Error('no numbers')
    }

    const hosts = split(rows[0].content).length

    if (hosts < MIN_HOSTS || hosts > MAX_HOSTS) {
      throw new Error(`line ${rows[0].line}: ${count(hosts, 'number')}, but a matrix has ${MIN_HOSTS} to ${MAX_HOSTS}`)
    }

    const times = new Float64Array(hosts * hosts)

    for (const [i, { line, content }] of rows.slice(0, hosts).entries()) {
      times.set(readRow(line, split(content), hosts), i * hosts)
    }

    if (rows.length !== hosts) {
      throw new Error(`${count(rows.length, 'row')} of ${hosts} numbers, but a matrix has as many rows as columns`)
    }

    return new LatencyMatrix(name, hosts, times)
  }

  /** Round-trip time from one host to another. At one and the same host it is the shortest of the matrix. */
  roundTrip(from: number, to: number): number {
    return this.times[from * this.hosts + to]
  }
}

function split(content: string): string[] {
  return content.split(/\s+/)
}

function readRow(line: number, words: string[], hosts: number): number[] {
  if (words.length !== hosts) {
    throw new Error(`line ${line}: ${count(words.length, 'number')}, but the first line has ${hosts}`)
  }

  const row = words.map(Number)
  const odd = row.findIndex(time => !Number.isFinite(time))

  if (odd !== -1) {
    const word = words[odd]
    const shown = word.length > SHOWN ? `${word.slice(0, SHOWN)}...` : word
    throw new Error(`line ${line}: ${JSON.stringify(shown)} is not a number`)
  }

  return row
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function median(times: Float64Array): number {
  const sorted = times.toSorted()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
