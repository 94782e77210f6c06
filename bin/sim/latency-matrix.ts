import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { LatencyMatrix } from '../../src/sim/latency/latency-matrix.ts'
import { readBytes } from '../files.ts'

/** First bytes of what gzip has packed (RFC 1952). */
const GZIP = [0x1f, 0x8b]

/** Those that were read: a sweep names the same one over and over. */
const read = new Map<string, LatencyMatrix>()

/** Reads the round-trip times in a file, packed by gzip or not. */
export function latencyMatrix(file: string): LatencyMatrix {
  const matrix = read.get(file) ?? parse(file)
  read.set(file, matrix)
  return matrix
}

function parse(file: string): LatencyMatrix {
  const bytes = readBytes(file)

  try {
    const isPacked = GZIP.every((byte, i) => bytes[i] === byte)
    return LatencyMatrix.parse((isPacked ? gunzipSync(bytes) : bytes).toString(), basename(file))
  } catch (err) {
    throw new Error(`${file}: ${(err as Error).message}`)
  }
}
