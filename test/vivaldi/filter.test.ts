import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { type Filter, RoundTripFilter } from '../../src/vivaldi/filter.ts'
import { vivaldiParameters } from '../../src/vivaldi/parameters.ts'
import { Vivaldi } from '../../src/vivaldi/vivaldi.ts'

/** Places of a node. */
const PLACES = 64

/** Keeps all round trips to the peer that holds a place, for as long as it does. */
class PlainFilter {
  private readonly places = new Map<string, { peer: number; times: number[] }>()
  private readonly take: (times: number[]) => number

  constructor(take: (times: number[]) => number) {
    this.take = take
  }

  filter(node: number, peer: number, roundTrip: number): number {
    const place = `${node} ${peer % PLACES}`
    const held = this.places.get(place)
    const times = held?.peer === peer ? [...held.times, roundTrip] : [roundTrip]
    this.places.set(place, { peer, times })
    return this.take(times)
  }

  clear(node: number): void {
    for (const place of this.places.keys()) {
      if (place.startsWith(`${node} `)) {
        this.places.delete(place)
      }
    }
  }
}

const TAKES: Record<Exclude<Filter, 'none'>, (times: number[]) => number> = {
  median: times => {
    const last = times.slice(-3).sort((a, b) => a - b)
    return last[Math.floor((last.length - 1) / 2)]
  },
  quartile: times => Math.min(...times.slice(-4))
}

describe('the filter of round trips', () => {
  const sample = fc.record({
    node: fc.nat(1),
    // of which some share a place
    peer: fc.constantFrom(0, 1, PLACES, PLACES + 1, 5 * PLACES),
    roundTrip: fc.double({ min: 0.01, max: 10_000, noNaN: true }),
    forget: fc.integer({ min: 0, max: 30 }).map(draw => draw === 0)
  })

  for (const kind of ['median', 'quartile'] as const) {
    it(`${kind}: takes what one that keeps everything takes`, () => {
      fc.assert(
        fc.property(fc.array(sample, { minLength: 20, maxLength: 200 }), samples => {
          const filter = new RoundTripFilter(2, kind)
          const plain = new PlainFilter(TAKES[kind])

          for (const { node, peer, roundTrip, forget } of samples) {
            if (forget) {
              filter.clear(node)
              plain.clear(node)
            }

            assert.equal(filter.filter(node, peer, roundTrip), plain.filter(node, peer, roundTrip))
          }
        })
      )
    })
  }

  it('median: the middle one of the last three', () => {
    const filter = new RoundTripFilter(1, 'median')
    assert.deepEqual(
      [20, 900, 30, 40, 10, 10].map(time => filter.filter(0, 1, time)),
      [20, 20, 30, 40, 30, 10]
    )
  })

  it('quartile: the lowest of the last four', () => {
    const filter = new RoundTripFilter(1, 'quartile')
    assert.deepEqual(
      [20, 900, 30, 40, 50, 60, 70].map(time => filter.filter(0, 1, time)),
      [20, 20, 20, 20, 30, 30, 40]
    )
  })

  it('forgets a peer when another takes its place', () => {
    const filter = new RoundTripFilter(1, 'quartile')
    filter.filter(0, 1, 20)
    assert.equal(filter.filter(0, 1 + PLACES, 50), 50)
    assert.equal(filter.filter(0, 1, 30), 30)
  })

  /** Where a node ends after samples of one peer, all of them 20 ms but now and then a late one. */
  function place(filter: Filter, late: number) {
    const vivaldi = new Vivaldi({ nodes: 2, parameters: vivaldiParameters({ filter }), random: new Random(1) })

    for (let i = 0; i < 40; i++) {
      vivaldi.observe(0, 1, i % 4 === 3 ? late : 20, vivaldi.shown, vivaldi.width)
    }

    return vivaldi.raw(0)
  }

  it('keeps late answers from a node, which move it without', () => {
    assert.deepEqual(place('quartile', 2_000), place('quartile', 20))
    assert.deepEqual(place('median', 2_000), place('median', 20))
    assert.notDeepEqual(place('none', 2_000), place('none', 20))
  })

  it('belongs to a node: whoever comes in its place remembers nothing', () => {
    const vivaldi = new Vivaldi({ nodes: 2, parameters: vivaldiParameters(), random: new Random(1) })
    vivaldi.observe(0, 1, 10, vivaldi.shown, vivaldi.width)
    vivaldi.newcomers(0, 1)
    vivaldi.observe(0, 1, 5_000, vivaldi.shown, vivaldi.width)
    const { position, height } = vivaldi.raw(0)
    assert.ok(Math.hypot(...position) + height > 1_000)
  })
})
