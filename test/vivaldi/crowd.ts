import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { type Coordinate, predict } from '../../src/vivaldi/coordinate.ts'
import { type VivaldiOptions, vivaldiParameters } from '../../src/vivaldi/parameters.ts'
import { Vivaldi } from '../../src/vivaldi/vivaldi.ts'
import type { Topology } from './topologies.ts'

/** What a node is told instead of its partner's coordinate, if anything. */
export type Lie = (peer: number) => Float64Array | undefined

/** Nodes that sample each other, one random partner each in a cycle. */
export class Crowd {
  readonly vivaldi: Vivaldi
  readonly random: Random
  topology: Topology
  lie: Lie = () => undefined

  constructor(topology: Topology, options: VivaldiOptions = {}, seed = 1) {
    this.random = new Random(seed)
    this.topology = topology
    this.vivaldi = new Vivaldi({
      nodes: topology.nodes,
      parameters: vivaldiParameters(options),
      random: this.random.fork()
    })
  }

  run(cycles: number): void {
    for (let cycle = 0; cycle < cycles; cycle++) {
      for (let node = 0; node < this.topology.nodes; node++) {
        this.sample(node)
      }
    }
  }

  private sample(node: number): void {
    const { vivaldi, topology, random } = this
    const other = random.below(topology.nodes - 1)
    const peer = other < node ? other : other + 1
    const roundTrip = topology.roundTrip(node, peer)
    const lie = this.lie(peer)
    const defect =
      lie == null
        ? vivaldi.observe(node, peer, roundTrip, vivaldi.shown, peer * vivaldi.width)
        : vivaldi.observe(node, peer, roundTrip, lie)
    assert.equal(defect, undefined)
  }

  raw(): Coordinate[] {
    return Array.from({ length: this.topology.nodes }, (_, node) => this.vivaldi.raw(node))
  }

  shown(): Coordinate[] {
    return Array.from({ length: this.topology.nodes }, (_, node) => this.vivaldi.coordinate(node))
  }

  /** Absolute errors of all predictions between the nodes that are asked about, in milliseconds. */
  errors(coordinates = this.raw(), isAsked: (node: number) => boolean = () => true): number[] {
    return this.compare(coordinates, isAsked, (predicted, actual) => Math.abs(predicted - actual))
  }

  /** The median of the relative errors. */
  medianError(coordinates = this.raw(), isAsked: (node: number) => boolean = () => true): number {
    const errors = this.compare(coordinates, isAsked, (predicted, actual) => Math.abs(predicted - actual) / actual)
    return errors.sort((a, b) => a - b)[errors.length >> 1]
  }

  private compare(
    coordinates: Coordinate[],
    isAsked: (node: number) => boolean,
    error: (predicted: number, actual: number) => number
  ): number[] {
    const asked = coordinates.map((_, node) => node).filter(isAsked)
    return asked.flatMap(a =>
      asked.filter(b => b < a).map(b => error(predict(coordinates[a], coordinates[b]), this.topology.roundTrip(a, b)))
    )
  }
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
