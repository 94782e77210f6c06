// What an exchange of the overlay costs on a torus of 128 x 128 in steady state, by the round driver over a real random layer,
// next to a plain loop over typed arrays, in turn in one process. Run with: npm run bench overlay

import { Random } from '../src/gossip/random.ts'
import { overlayParameters } from '../src/overlay/parameters.ts'
import { OverlayProtocol } from '../src/overlay/protocol.ts'
import { torus } from '../src/overlay/torus.ts'
import { samplingParameters } from '../src/sampling/parameters.ts'
import { createSamplingProtocol } from '../src/sampling/variants.ts'
import { NO_FAULTS } from '../src/sim/faults.ts'
import { RoundDriver } from '../src/sim/round-driver.ts'
import { fillViews } from '../src/sim/start.ts'
import { World } from '../src/sim/world.ts'
import { PlainOverlay } from './plain-overlay.ts'
import { median, print } from './report.ts'

const SIDE = 128
const NODES = SIDE * SIDE
/** Descriptors in a view of peer sampling. */
const RANDOM_VIEW = 20
/** Until all links are right, and the compiler is warm. */
const WARM_UP = 24
const ROUNDS = 40

const random = new Random(1)
const world = new World(NODES, NO_FAULTS, WARM_UP + ROUNDS, random.fork())
const sampling = createSamplingProtocol({
  nodes: NODES,
  parameters: samplingParameters({ view: RANDOM_VIEW }),
  random: random.fork()
})
fillViews('random', sampling.views, NODES, random.fork())
sampling.takeViews(NODES)
const below = new RoundDriver(sampling, world, random.fork())

const parameters = overlayParameters()
const places = torus(SIDE, SIDE).places(NODES)

for (let node = 0; node < NODES; node++) {
  places.set(node, [node % SIDE, Math.floor(node / SIDE)])
}

const overlay = new OverlayProtocol({ nodes: NODES, parameters, places, source: sampling, random: random.fork() })
const above = new RoundDriver(overlay, world, random.fork())
const { view, message, psi } = parameters
const plain = new PlainOverlay(SIDE, view, message, psi, sampling, random.fork())
const took = { ours: [] as number[], plain: [] as number[] }
let right = [0, 0]

for (let round = 1; round <= WARM_UP + ROUNDS; round++) {
  below.run(round)
  // each goes first in turn, so that what one leaves in the cache favours neither
  const times = round % 2 === 0 ? [timed(() => above.run(round)), timed(() => plain.run())] : []

  if (times.length === 0) {
    const second = timed(() => plain.run())
    times.push(
      timed(() => above.run(round)),
      second
    )
  }

  if (round > WARM_UP) {
    took.ours.push(times[0])
    took.plain.push(times[1])
  } else if (round === WARM_UP) {
    right = [
      complete((node, peer) => overlay.views.indexOf(node, peer) !== -1),
      complete((node, peer) => plain.views.subarray(node * view, (node + 1) * view).includes(peer))
    ]
  }
}

print(`overlay, ${SIDE} x ${SIDE}, steady`, {
  'nanoseconds per exchange': median(took.ours),
  'nanoseconds per exchange in a plain loop': median(took.plain),
  ratio: median(took.ours.map((value, i) => value / took.plain[i])),
  'right links, in percent': right[0],
  'right links of the plain loop, in percent': right[1]
})

function timed(round: () => void): number {
  const began = performance.now()
  round()
  return ((performance.now() - began) * 1e6) / NODES
}

function complete(holds: (node: number, peer: number) => boolean): number {
  let links = 0

  for (let node = 0; node < NODES; node++) {
    const x = node % SIDE
    const row = node - x
    const neighbours = [row + ((x + 1) % SIDE), row + ((x + SIDE - 1) % SIDE), node + SIDE, node - SIDE + NODES]
    links += neighbours.filter(peer => holds(node, peer % NODES)).length
  }

  return (100 * links) / (4 * NODES)
}
