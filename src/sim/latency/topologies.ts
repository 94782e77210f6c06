import type { Random } from '../../gossip/random.ts'
import { internet } from './internet.ts'
import { nextBits, normal, pairBits } from './pairs.ts'
import type { RoundTrips } from './round-trips.ts'

/**
 * Networks whose round-trip times are computed when they are asked for, so that any number of nodes is possible. The first
 * five are those with known answers that serf tests its coordinates with (hashicorp/serf, coordinate/phantom.go, with
 * the times of performance_test.go).
 *
 * - `line`: 10 ms from each node to the next.
 * - `grid`: in rows, each as long as the whole part of the square root of the nodes; 10 ms from each node to the next in
 *   its row and in its column, in a straight line to others.
 * - `halves`: two local networks, one of the first half of the nodes; 1 ms inside, 11 ms across.
 * - `circle`: on a circle with a radius of 100 ms, in a straight line to each other; node 0 is in its middle and has a
 *   long access link: 200 ms to all others.
 * - `random`: for each pair by itself, normal with mean 100 ms and deviation 10 ms, never below 40 ms. No space has room
 *   for it.
 * - `internet`: see {@link internet}.
 */
export const TOPOLOGIES = ['line', 'grid', 'halves', 'circle', 'random', 'internet'] as const

export type Topology = (typeof TOPOLOGIES)[number]

/** Milliseconds between neighbours on a line and on a grid. */
const SPACING = 10

/** Milliseconds within a local network, and from one to the other. */
const LOCAL = 1
const ACROSS = 11

/** Milliseconds. */
const RADIUS = 100

/** Of a pair's time, in milliseconds. */
const MEAN = 100
const DEVIATION = 10

/** What is generated, but for what follows from it. */
export type Generated = Omit<RoundTrips, 'mean'>

/** How each topology is generated for so many nodes. */
export const GENERATORS: Readonly<Record<Topology, (nodes: number, random: Random) => Generated>> = {
  line,
  grid,
  halves,
  circle,
  random: eachByItself,
  internet
}

function line(): Generated {
  return { roundTrip: (from, to) => SPACING * Math.abs(from - to) }
}

function grid(nodes: number): Generated {
  const side = Math.floor(Math.sqrt(nodes))

  return {
    roundTrip(from, to) {
      const across = (from % side) - (to % side)
      const down = Math.floor(from / side) - Math.floor(to / side)
      return SPACING * Math.sqrt(across * across + down * down)
    }
  }
}

function halves(nodes: number): Generated {
  const half = nodes / 2
  return { roundTrip: (from, to) => (from < half === to < half ? LOCAL : ACROSS) }
}

function circle(nodes: number): Generated {
  const halfAngle = Math.PI / nodes

  return {
    roundTrip: (from, to) => 2 * RADIUS * (from === 0 || to === 0 ? 1 : Math.sin(halfAngle * Math.abs(from - to)))
  }
}

function eachByItself(_nodes: number, random: Random): Generated {
  const seed = random.next() | 0

  return {
    roundTrip(from, to) {
      const bits = pairBits(from, to, seed)
      return MEAN + DEVIATION * normal(bits, nextBits(bits))
    }
  }
}
