import assert from 'node:assert/strict'
import fc from 'fast-check'
import { NOBODY } from '../../src/gossip/exchange.ts'
import { Random } from '../../src/gossip/random.ts'
import { OverlayMessage } from '../../src/overlay/message.ts'
import { CoordinateExchange } from '../../src/sim/coordinates/exchange.ts'
import { landmarkErrors } from '../../src/sim/coordinates/landmark-errors.ts'
import { CoordinateLiars } from '../../src/sim/coordinates/liars.ts'
import { CoordinateMeter } from '../../src/sim/coordinates/meter.ts'
import { NearestMeter } from '../../src/sim/coordinates/nearest-meter.ts'
import { NearestOverlay } from '../../src/sim/coordinates/nearest-overlay.ts'
import { FixedNeighbours } from '../../src/sim/coordinates/neighbours.ts'
import { forEachPair, pairsOf } from '../../src/sim/coordinates/node-pairs.ts'
import { flatten } from '../../src/sim/coordinates/principal-axes.ts'
import { quantileOf, ranked } from '../../src/sim/coordinates/ranks.ts'
import { NO_FAULTS } from '../../src/sim/faults.ts'
import { createRoundTrips } from '../../src/sim/latency/round-trips.ts'
import { World } from '../../src/sim/world.ts'
import { predict } from '../../src/vivaldi/coordinate.ts'
import { vivaldiParameters } from '../../src/vivaldi/parameters.ts'
import { Vivaldi } from '../../src/vivaldi/vivaldi.ts'

const DIMENSIONS = 3

/** Nodes anywhere, of which some have died, and some lie. */
function scattered(nodes: number, { dead = 0, liars = 0, seed = 1 } = {}) {
  const random = new Random(seed)
  const parameters = vivaldiParameters({ dimensions: DIMENSIONS, filter: 'none' })
  const world = new World(nodes, NO_FAULTS, 10, random.fork())
  const truth = createRoundTrips('internet', nodes, random.fork())
  const vivaldi = new Vivaldi({ nodes, parameters, random: random.fork() })
  const played = new CoordinateLiars(nodes, nodes, liars, parameters, random.fork())
  const exchange = new CoordinateExchange({ vivaldi, truth, source: { sample: () => NOBODY }, random: random.fork() })
  const scatter = () => {
    for (let node = 0; node < nodes; node++) {
      for (let i = 0; i < vivaldi.width; i++) {
        vivaldi.rows[node * vivaldi.stride + i] = random.fraction() * 100
      }
    }
  }

  for (let i = 0; i < dead; i++) {
    world.kill(world.living[random.below(world.count)])
  }

  scatter()
  return { world, truth, vivaldi, liars: played, exchange, scatter, random }
}

function livingOf({ living, count }: World): number[] {
  return Array.from(living.subarray(0, count))
}

/** Those that a share of all does not exceed, the slow way. */
function slowQuantile(values: number[], share: number): number | undefined {
  return values
    .toSorted((a, b) => a - b)
    .find((value, _, all) => all.filter(other => other <= value).length >= share * all.length)
}

describe('ranks', () => {
  it('are those of sorted numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }), fc.nat(), (numbers, at) => {
        const rank = at % numbers.length
        assert.equal(ranked(Float64Array.from(numbers), rank), numbers.toSorted((a, b) => a - b)[rank])
      })
    )
  })

  it('make the quantiles of the slow way', () => {
    const shares = fc.constantFrom(0.001, 0.25, 0.5, 0.9, 1)
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 40 }), shares, (numbers, share) => {
        assert.equal(quantileOf(Float64Array.from(numbers), share), slowQuantile(numbers, share))
      })
    )
  })

  it('are of no numbers none', () => {
    assert.ok(Number.isNaN(quantileOf(new Float64Array(0), 0.5)))
  })
})

describe('pairs of nodes', () => {
  it('are all ordered pairs of a few', () => {
    const seen: string[] = []
    const count = forEachPair(Int32Array.of(7, 3, 5), new Random(1), (from, to, i) => {
      assert.equal(i, seen.length)
      seen.push(`${from} ${to}`)
    })
    assert.deepEqual(seen.sort(), ['3 5', '3 7', '5 3', '5 7', '7 3', '7 5'])
    assert.deepEqual([count, pairsOf(3), pairsOf(1_000)], [6, 6, 999_000])
  })

  it('are drawn evenly from many, the same ones by the same seed', () => {
    const nodes = Int32Array.from({ length: 1_001 }, (_, i) => i + 10)
    const draw = (seed: number) => {
      const seen: number[] = []
      forEachPair(nodes, new Random(seed), (from, to) => seen.push(from, to))
      return seen
    }
    const drawn = draw(1)
    const often = new Map<number, number>()

    for (let i = 0; i < drawn.length; i += 2) {
      assert.notEqual(drawn[i], drawn[i + 1])
      often.set(drawn[i + 1], (often.get(drawn[i + 1]) ?? 0) + 1)
    }

    assert.equal(drawn.length, 2 * pairsOf(1_001))
    assert.equal(often.size, nodes.length)
    // 200 each, give or take five deviations
    assert.ok(Math.min(...often.values()) > 125 && Math.max(...often.values()) < 275)
    assert.deepEqual(draw(1), drawn)
    assert.notDeepEqual(draw(2), drawn)
  })
})

describe('measures of coordinates', () => {
  it('are those of the slow way over honest nodes that live', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 25 }), fc.nat(1), fc.nat(1), fc.nat(99), (nodes, dead, lying, seed) => {
        const { world, vivaldi, truth, liars, exchange } = scattered(nodes, { dead, liars: lying, seed })
        const living = livingOf(world)
        const honest = living.filter(node => !liars.has(node))
        exchange.taken.set(Array.from({ length: nodes }, (_, node) => node * 10))
        const pairs = honest.flatMap(a => honest.filter(b => b !== a).map(b => [a, b]))
        const off = pairs.map(([a, b]) =>
          Math.abs(predict(vivaldi.coordinate(a), vivaldi.coordinate(b)) - truth.roundTrip(a, b))
        )
        const errors = pairs.map(([a, b], i) => off[i] / truth.roundTrip(a, b))
        const mean = (value: (node: number) => number) =>
          honest.reduce((sum, node) => sum + value(node), 0) / honest.length
        const meter = new CoordinateMeter(world, exchange, truth, liars, 1)
        const measures = meter.measure(1)

        near(measures.medianRelativeError, slowQuantile(errors, 0.5))
        near(measures.p90RelativeError, slowQuantile(errors, 0.9))
        near(measures.medianAbsoluteError, slowQuantile(off, 0.5))
        near(
          measures.meanError,
          mean(node => vivaldi.coordinate(node).error)
        )
        near(
          measures.samplesPerNode,
          mean(node => node * 10)
        )
        assert.equal(measures.drift, 0)
      }),
      { numRuns: 30 }
    )
  })

  it('have a drift of the centre of all that live since 100 rounds ago, or at that pace', () => {
    const { world, vivaldi, truth, liars, exchange, scatter } = scattered(20, { dead: 3, liars: 4 })
    const meter = new CoordinateMeter(world, exchange, truth, liars, 1)
    const centre = () =>
      Array.from({ length: DIMENSIONS }, (_, i) => {
        const all = livingOf(world).map(node => vivaldi.coordinate(node).position[i])
        return all.reduce((sum, x) => sum + x, 0) / all.length
      })
    const measured = [{ round: 0, at: centre() }]

    for (const round of [5, 6, 26, 99, 100, 101, 140, 400, 401]) {
      scatter()
      const at = centre()
      // the first one of the last hundred rounds, or the last one that there is
      const since = measured.find(then => then.round >= round - 100) ?? measured[measured.length - 1]
      const moved = Math.sqrt(at.reduce((sum, x, i) => sum + (x - since.at[i]) ** 2, 0))
      near(meter.measure(round).drift, (moved / (round - since.round)) * 100)
      measured.push({ round, at })
    }
  })

  it('count the moves since the last measurement, per sample', () => {
    const { world, vivaldi, truth, liars, exchange } = scattered(20)
    const meter = new CoordinateMeter(world, exchange, truth, liars, 1)
    Object.assign(vivaldi, { samples: 40, moves: 30 })
    assert.equal(meter.measure(1).movesPerSample, 30 / 40)
    Object.assign(vivaldi, { samples: 60, moves: 31 })
    assert.equal(meter.measure(2).movesPerSample, 1 / 20)
    assert.ok(Number.isNaN(meter.measure(3).movesPerSample))
  })
})

describe('measures of nearness', () => {
  it('are those of the slow way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 7, max: 30 }), fc.nat(1), fc.nat(99), (nodes, dead, seed) => {
        const { world, vivaldi, truth, random, scatter } = scattered(nodes, { dead, seed })
        const overlay = new NearestOverlay(
          vivaldi,
          world,
          { sample: () => NOBODY, members: () => 0 },
          undefined,
          random
        )
        const met = new OverlayMessage(20)

        for (let node = 0; node < nodes; node++) {
          met.clear()

          // of the last one only four
          for (let i = 1; i <= (node === nodes - 1 ? 4 : 6); i++) {
            met.add((node + i) % nodes, 0)
          }

          overlay.absorb(node, met.peers[0], met, met)
        }

        // views are in the order of where all were
        scatter()
        overlay.look()

        const living = livingOf(world)
        const time = (node: number) => (peer: number) => truth.roundTrip(node, peer)
        const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0)
        const views = living.map(node => {
          const known = Array.from({ length: overlay.views.size(node) }, (_, i) => overlay.views.peer(node, i))
          const byCoordinates = (peer: number) => predict(vivaldi.coordinate(node), vivaldi.coordinate(peer))
          return known
            .filter(peer => world.alive[peer] === 1)
            .sort((a, b) => byCoordinates(a) - byCoordinates(b))
            .slice(0, 5)
            .map(time(node))
        })
        const best = living.map(node =>
          living
            .filter(peer => peer !== node)
            .map(time(node))
            .sort((a, b) => a - b)
            .slice(0, 5)
        )
        const full = views.flatMap((view, i) => (view.length === 5 ? [sum(view) / sum(best[i])] : []))
        const found = views.map((view, i) => view.filter(one => one <= best[i][4]).length / 5)
        const meter = new NearestMeter(world, overlay, truth)
        const measures = meter.measure(Int32Array.from(living), new Random(3))

        near(measures.neighbourStretch, sum(full) / full.length)
        near(measures.nearestFound, sum(found) / living.length)
        assert.ok(measures.neighbourStretch >= 1 && measures.randomStretch >= 1)
      }),
      { numRuns: 30 }
    )
  })

  it('have of two nodes that live one to find, and of one nobody', () => {
    for (const [left, found] of [
      [2, 0],
      [1, Number.NaN]
    ]) {
      const { world, vivaldi, truth, random } = scattered(9, { dead: 9 - left })
      const overlay = new NearestOverlay(vivaldi, world, { sample: () => NOBODY, members: () => 0 }, undefined, random)
      const measures = new NearestMeter(world, overlay, truth).measure(Int32Array.from(livingOf(world)), new Random(3))
      assert.deepEqual(
        [measures.neighbourStretch, measures.nearestFound, measures.randomStretch],
        [Number.NaN, found, left === 2 ? 1 : Number.NaN]
      )
    }
  })
})

describe('errors of positions by landmarks', () => {
  const nodes = Int32Array.from({ length: 40 }, (_, node) => node)

  it('are small where a plane tells all', () => {
    const errors = landmarkErrors(nodes, createRoundTrips('grid', 40, new Random(1)), 8, 2, 1)
    assert.equal(errors.length, 40 * 39)
    assert.ok(quantileOf(errors, 0.9) < 0.01)
  })

  it('are none where there are too few round trips', () => {
    const far = { roundTrip: (a: number, b: number) => (a + b === 39 ? 20_000 : 10 * Math.abs(a - b)), mean: 100 }
    assert.equal(landmarkErrors(nodes, far, 3, 1, 1).length, 40 * 39)
    assert.equal(landmarkErrors(nodes.subarray(0, 5), far, 8, 2, 1).length, 0)
    // the only other one that is near is the landmark itself
    const alone = { roundTrip: (a: number, b: number) => (a + b === 1 ? 20_000 : 10), mean: 100 }
    assert.equal(landmarkErrors(nodes.subarray(0, 3), alone, 3, 1, 1).length, 0)
    const none = { roundTrip: () => 20_000, mean: 20_000 }
    assert.equal(landmarkErrors(nodes, none, 8, 2, 1).length, 0)
  })
})

describe('principal axes', () => {
  /** Points of a flat disc that is turned in space. */
  function disc(count: number): number[][] {
    const random = new Random(1)
    const [long, short] = [[2, 2, 1].map(x => x / 3), [-2, 1, 2].map(x => x / 3)]
    return Array.from({ length: count }, () => {
      const [a, b] = [random.fraction() * 100, random.fraction() * 20]
      return long.map((x, i) => x * a + short[i] * b + 1_000)
    })
  }

  it('keep all distances of points in a plane', () => {
    const points = disc(60)
    const { x, y } = flatten(60, 3, (point, i) => points[point][i])

    for (let a = 0; a < 60; a++) {
      const distance = Math.hypot(...points[a].map((one, i) => one - points[0][i]))
      near(Math.hypot(x[a] - x[0], y[a] - y[0]), distance, 1e-6)
    }
  })

  it('are the longest first, at a right angle, around the centre', () => {
    const points = disc(500)
    const { x, y } = flatten(500, 3, (point, i) => points[point][i])
    const sum = (value: (i: number) => number) => points.reduce((total, _, i) => total + value(i), 0)
    near(
      sum(i => x[i]),
      0,
      1e-6
    )
    near(
      sum(i => y[i]),
      0,
      1e-6
    )
    near(
      sum(i => x[i] * y[i]),
      0,
      1e-3
    )
    assert.ok(sum(i => x[i] ** 2) > sum(i => y[i] ** 2))
  })

  it('are there for a line, a point, and no points', () => {
    assert.deepEqual(
      flatten(3, 1, point => point),
      { x: Float64Array.of(-1, 0, 1), y: new Float64Array(3) }
    )
    assert.deepEqual(
      flatten(1, 2, () => 7),
      { x: new Float64Array(1), y: new Float64Array(1) }
    )
    assert.equal(flatten(0, 2, () => 7).x.length, 0)
  })
})

describe('fixed neighbours', () => {
  it('are different others, the same all along', () => {
    const world = new World(20, NO_FAULTS, 10, new Random(1))
    const neighbours = new FixedNeighbours(world, 6, new Random(2))

    for (let node = 0; node < 20; node++) {
      const drawn = new Set(Array.from({ length: 200 }, () => neighbours.sample(node)))
      assert.equal(drawn.size, 6)
      assert.ok(!drawn.has(node) && !drawn.has(NOBODY))
    }
  })

  it('are replaced by others that live, one at a time', () => {
    const world = new World(20, NO_FAULTS, 10, new Random(1))
    const neighbours = new FixedNeighbours(world, 6, new Random(2))
    const of = (node: number) => new Set(Array.from({ length: 200 }, () => neighbours.sample(node)))
    const before = of(3)
    const [gone] = before
    world.kill(gone)
    neighbours.replace(3, gone)
    // nobody's
    neighbours.replace(3, 3)
    const after = of(3)
    assert.equal(after.size, 6)
    assert.ok(!after.has(gone))
    assert.equal([...after].filter(peer => before.has(peer)).length, 5)
  })

  it('are all others where there are no more, and nobody where nobody else lives', () => {
    const world = new World(3, NO_FAULTS, 10, new Random(1))
    const neighbours = new FixedNeighbours(world, 64, new Random(2))
    assert.deepEqual(new Set(Array.from({ length: 50 }, () => neighbours.sample(0))), new Set([1, 2]))
    world.kill(1)
    neighbours.replace(0, 1)
    assert.deepEqual(new Set(Array.from({ length: 50 }, () => neighbours.sample(0))), new Set([2, NOBODY]))
  })
})

describe('liars about coordinates', () => {
  it('are as many as asked for, and say something else each time within bounds', () => {
    const parameters = vivaldiParameters({ dimensions: 2 })
    const liars = new CoordinateLiars(30, 20, 7, parameters, new Random(1))
    const claims = Array.from({ length: 500 }, () => {
      const claim = [0, 0, 0, 0]
      liars.claim(claim)
      return claim
    })
    assert.equal(Array.from({ length: 30 }, (_, node) => liars.has(node)).filter(Boolean).length, 7)
    const others = new CoordinateLiars(30, 20, 7, parameters, new Random(2))
    assert.ok(Array.from({ length: 20 }, (_, node) => liars.has(node) !== others.has(node)).some(Boolean))
    assert.ok(!Array.from({ length: 10 }, (_, i) => liars.has(20 + i)).some(Boolean))
    assert.equal(new Set(claims.map(String)).size, 500)

    for (const [at, least, most] of [
      [0, -500, 500],
      [1, -500, 500],
      [2, 0, 50]
    ]) {
      const values = claims.map(claim => claim[at])
      const tenth = (most - least) / 10
      assert.ok(Math.min(...values) >= least && Math.min(...values) < least + tenth)
      assert.ok(Math.max(...values) <= most && Math.max(...values) > most - tenth)
    }

    assert.ok(claims.every(claim => claim[3] === 0.02))
  })

  it('claim no height where there is none', () => {
    const claim = [1, 1, 1]
    new CoordinateLiars(3, 3, 1, vivaldiParameters({ dimensions: 1, height: false }), new Random(1)).claim(claim)
    assert.equal(claim[1], 0)
  })
})

function near(value: number, wanted: number | undefined, within = 1e-9): void {
  assert.ok(
    wanted !== undefined && Math.abs(value - wanted) <= within * Math.max(1, Math.abs(wanted)),
    `${value} is not ${wanted}`
  )
}
