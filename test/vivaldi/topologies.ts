import type { Random } from '../../src/gossip/random.ts'

/** Round trips between any two of so many nodes, in milliseconds. */
export interface Topology {
  nodes: number
  roundTrip(node: number, peer: number): number
}

/** The same, each asked for once and kept. */
export function kept(nodes: number, roundTrip: (node: number, peer: number) => number): Topology {
  const all = new Float64Array(nodes * nodes)

  for (let node = 0; node < nodes; node++) {
    for (let peer = 0; peer < node; peer++) {
      const time = roundTrip(node, peer)
      all[node * nodes + peer] = time
      all[peer * nodes + node] = time
    }
  }

  return { nodes, roundTrip: (node, peer) => all[node * nodes + peer] }
}

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction())
}

/** Nodes in a row. */
export function line(nodes: number, step: number): Topology {
  return kept(nodes, (a, b) => step * Math.abs(a - b))
}

/** Nodes on a square. */
export function grid(side: number, step: number): Topology {
  return kept(
    side * side,
    (a, b) => step * Math.hypot((a % side) - (b % side), Math.floor(a / side) - Math.floor(b / side))
  )
}

/** Two data centres. */
export function halves(nodes: number, inside: number, across: number): Topology {
  return kept(nodes, (a, b) => (a < nodes / 2 === b < nodes / 2 ? inside : across))
}

/** Nodes on a circle, and node 0 over its middle, as far from all as its ends are from each other. */
export function circle(nodes: number, radius: number): Topology {
  return kept(nodes, (a, b) =>
    a === 0 || b === 0 ? 2 * radius : 2 * radius * Math.abs(Math.sin((Math.PI * (a - b)) / nodes))
  )
}

/** Nowhere at all: round trips that no space has. */
export function disorder(nodes: number, mean: number, deviation: number, random: Random): Topology {
  return kept(nodes, () => Math.max(1, mean + deviation * normal(random)))
}

/** Something like the Internet: cities in three dimensions, access links, routes that are longer or shorter than they should be. */
export function internet(nodes: number, random: Random): Topology {
  const point = (spread: number) => [1, 2, 3].map(() => spread * normal(random))
  const cities = Array.from({ length: 6 }, () => point(40))
  const homes = Array.from({ length: nodes }, () => {
    const city = cities[random.below(cities.length)]
    return { at: point(10).map((x, i) => x + city[i]), access: 0.5 - 8 * Math.log(1 - random.fraction()) }
  })

  return kept(nodes, (a, b) => {
    const way = Math.hypot(...homes[a].at.map((x, i) => x - homes[b].at[i])) + homes[a].access + homes[b].access
    const detour = random.fraction() < 0.05 ? 1 + 2 * random.fraction() : 1
    return Math.max(0.3, way * Math.exp(0.12 * normal(random)) * detour)
  })
}
