import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { RULES } from '../../src/vivaldi/parameters.ts'
import { Crowd, mean } from './crowd.ts'
import { circle, disorder, grid, halves, line, type Topology } from './topologies.ts'

const SEEDS = [1, 2, 3, 4, 5]

interface Answer {
  name: string
  topology: Topology
  /** Average and maximum error in seconds that hashicorp/serf asks of itself. */
  serf: [average: number, maximum: number]
  /** What we ask of the default rule. */
  ours: [average: number, maximum: number]
}

/** The test of hashicorp/serf (coordinate/performance_test.go). */
const ANSWERS: Answer[] = [
  { name: 'a line', topology: line(10, 10), serf: [0.0031, 0.013], ours: [0.0006, 0.004] },
  { name: 'a grid', topology: grid(5, 10), serf: [0.0016, 0.023], ours: [0.0006, 0.005] },
  { name: 'two halves', topology: halves(25, 1, 11), serf: [0.00006, 0.00048], ours: [0.00006, 0.00048] },
  { name: 'a circle and one above it', topology: circle(25, 100), serf: [0.0028, 0.064], ours: [0.002, 0.016] },
  { name: 'disorder', topology: disorder(25, 100, 10, new Random(9)), serf: [0.075, 0.33], ours: [0.01, 0.06] }
]

function typicalRoundTrip({ nodes, roundTrip }: Topology): number {
  const all = Array.from({ length: nodes }, (_, a) => Array.from({ length: a }, (_, b) => roundTrip(a, b))).flat()
  return mean(all)
}

function centre(crowd: Crowd): number[] {
  const nodes = crowd.raw()
  return nodes[0].position.map((_, i) => mean(nodes.map(({ position }) => position[i])))
}

describe('coordinates of networks with known answers', () => {
  for (const { name, topology, serf, ours } of ANSWERS) {
    for (const rule of RULES) {
      const [average, maximum] = rule === 'relative' ? ours : serf

      it(`rule ${rule}, ${name}: err by ${average} s on average, ${maximum} s at most`, () => {
        for (const seed of SEEDS) {
          const crowd = new Crowd(topology, { rule }, seed)
          crowd.run(1_000)
          const errors = crowd.errors().map(milliseconds => milliseconds / 1_000)
          assert.ok(mean(errors) < average, `seed ${seed}: ${mean(errors)}`)
          assert.ok(Math.max(...errors) < maximum, `seed ${seed}: ${Math.max(...errors)}`)
        }
      })
    }

    it(`default rule, ${name}: stay where they are, by a tenth of a typical distance in 10,000 cycles`, () => {
      const crowd = new Crowd(topology)
      crowd.run(1_000)
      const before = centre(crowd)
      crowd.run(10_000)
      const drift = Math.hypot(...centre(crowd).map((x, i) => x - before[i]))
      assert.ok(drift < 0.1 * typicalRoundTrip(topology), `${drift}`)
    })
  }

  it('published rule: drift by less than 0.8 of a typical distance', () => {
    for (const { topology } of ANSWERS) {
      const crowd = new Crowd(topology, { rule: 'published' })
      crowd.run(1_000)
      const before = centre(crowd)
      crowd.run(10_000)
      const drift = Math.hypot(...centre(crowd).map((x, i) => x - before[i]))
      assert.ok(drift < 0.8 * typicalRoundTrip(topology), `${drift}`)
    }
  })
})
