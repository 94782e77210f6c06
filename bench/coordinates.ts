// What a sample of a node with a coordinate costs, at a hundred thousand nodes and at a thousand, next to a plain loop over typed
// arrays with the same arithmetic, in turn in one process. Run with: npm run bench coordinates

import { Random } from '../src/gossip/random.ts'
import { DEFAULT_DIMENSIONS } from '../src/vivaldi/constants.ts'
import { type Rule, vivaldiParameters } from '../src/vivaldi/parameters.ts'
import { Vivaldi } from '../src/vivaldi/vivaldi.ts'
import { type PlainLoop, plainPublished, plainRelative, type Samples } from './plain-vivaldi.ts'
import { median, print } from './report.ts'

/** Samples at a time. */
const SAMPLES = 100_000
/** Until the compiler is warm, and nodes have begun to settle. */
const WARM_UP = 12
const TURNS = 40

const PLAIN: Record<Rule, (nodes: number, dimensions: number) => PlainLoop> = {
  relative: plainRelative,
  published: plainPublished
}

for (const nodes of [SAMPLES, 1_000]) {
  for (const rule of ['relative', 'published'] as const) {
    compare(nodes, rule)
  }
}

/** Nodes are points in a square of 100 ms, with 5 ms between any two beside. */
function draw(nodes: number, points: Float64Array, random: Random, samples: Samples): void {
  for (let i = 0; i < SAMPLES; i++) {
    const node = i % nodes
    const other = random.below(nodes - 1)
    const peer = other < node ? other : other + 1
    const x = points[2 * node] - points[2 * peer]
    const y = points[2 * node + 1] - points[2 * peer + 1]
    samples.peers[i] = peer
    samples.roundTrips[i] = 5 + Math.sqrt(x * x + y * y)
  }
}

function ours(nodes: number, rule: Rule): PlainLoop {
  const vivaldi = new Vivaldi({ nodes, parameters: vivaldiParameters({ rule, filter: 'none' }), random: new Random(3) })

  return ({ peers, roundTrips }) => {
    for (let i = 0; i < SAMPLES; i++) {
      vivaldi.observe(i % nodes, peers[i], roundTrips[i], vivaldi.shown, peers[i] * vivaldi.width)
    }
  }
}

function timed(loop: PlainLoop, samples: Samples): number {
  const began = performance.now()
  loop(samples)
  return ((performance.now() - began) * 1e6) / SAMPLES
}

/** Each goes first in turn, so that what one leaves in the cache favours neither. */
function compare(nodes: number, rule: Rule): void {
  const random = new Random(1)
  const points = Float64Array.from({ length: 2 * nodes }, () => 100 * random.fraction())
  const samples = { peers: new Int32Array(SAMPLES), roundTrips: new Float64Array(SAMPLES) }
  const contenders = [PLAIN[rule](nodes, DEFAULT_DIMENSIONS), ours(nodes, rule)]
  const took = contenders.map((): number[] => [])

  for (let turn = 0; turn < WARM_UP + TURNS; turn++) {
    draw(nodes, points, random, samples)

    for (const which of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      const nanoseconds = timed(contenders[which], samples)

      if (turn >= WARM_UP) {
        took[which].push(nanoseconds)
      }
    }
  }

  print(`coordinates, ${nodes} nodes, rule ${rule}`, {
    'samples per second': Math.round(1e9 / median(took[1])),
    'nanoseconds per sample': median(took[1]),
    'nanoseconds per sample in a plain loop': median(took[0]),
    ratio: median(took[1].map((value, i) => value / took[0][i]))
  })
}
