import { NOBODY } from '../../gossip/exchange.ts'
import { Random } from '../../gossip/random.ts'
import { latency } from '../../overlay/euclidean.ts'
import { overlayParameters } from '../../overlay/parameters.ts'
import { OverlayProtocol } from '../../overlay/protocol.ts'
import { Vivaldi } from '../../vivaldi/vivaldi.ts'
import type { CoordinateParameters } from './parameters.ts'

/** Of a node's own: how many samples it has taken, and whether it lies. */
const BESIDE = 5

/** Of a fixed neighbour. */
const NEIGHBOUR = 4

/** Bytes that coordinates keep for a node, without peer sampling: what they do for a population of one. */
export function bytesPerNode({
  vivaldi,
  neighbours,
  proximity
}: Pick<CoordinateParameters, 'vivaldi' | 'neighbours' | 'proximity'>): number {
  const random = new Random(1)
  const one = { nodes: 1, random }
  const source = { sample: () => NOBODY, members: () => 0 }
  const places = latency(vivaldi.dimensions).places(1)
  const overlay = proximity
    ? new OverlayProtocol({ ...one, parameters: overlayParameters(), places, source })
    : undefined
  const own = new Vivaldi({ ...one, parameters: vivaldi }).stateBytes
  return own + BESIDE + neighbours * NEIGHBOUR + (overlay?.stateBytes ?? 0)
}
