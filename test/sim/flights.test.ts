import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Random } from '../../src/gossip/random.ts'
import { Flights } from '../../src/sim/flights.ts'

/** What is known of an exchange under way: written down apart from it. */
interface Known {
  initiator: number
  partner: number
  member: number
}

describe('the numbers of exchanges under way', () => {
  it('are each one exchange until its initiator has ended it and no message of it is in flight', () => {
    fc.assert(
      fc.property(fc.nat(), seed => {
        const random = new Random(seed)
        const flights = new Flights(() => ({ byteLength: 0 }))
        const known = new Map<number, Known>()
        const messages = new Set<object>()

        for (let step = 0; step < 500; step++) {
          const [flight] = [...known.keys()].slice(random.below(known.size + 1))

          if (flight == null) {
            const one = { initiator: random.below(1_000), partner: random.below(1_000), member: random.below(2) - 1 }
            const begun = flights.begin(one.initiator, one.partner, one.member)
            assert.ok(!known.has(begun), `${begun} is given away twice`)
            assert.deepEqual([flights.open[begun], flights.inFlight[begun], flights.busy[begun]], [1, 0, 0])
            known.set(begun, one)
            continue
          }

          const { initiator, partner, member } = known.get(flight) as Known
          assert.deepEqual(
            [flights.initiator[flight], flights.partner[flight], flights.member[flight]],
            [initiator, partner, member]
          )

          switch (random.below(3)) {
            case 0:
              flights.open[flight] = 0
              break
            case 1:
              flights.inFlight[flight] = 1
              flights.busy[flight] = 1
              break
            case 2:
              flights.inFlight[flight] = 0
              break
          }

          if (flights.open[flight] === 0 && flights.inFlight[flight] === 0) {
            known.delete(flight)
          }

          flights.release(flight)
        }

        for (const flight of known.keys()) {
          messages.add(flights.requests[flight])
          messages.add(flights.replies[flight])
        }

        assert.equal(messages.size, known.size * 2, 'each has two messages of its own')
      })
    )
  })

  it('are used again, so that there are no more than exchanges at a time', () => {
    const flights = new Flights(() => ({ byteLength: 0 }))

    for (let i = 0; i < 10_000; i++) {
      const flight = flights.begin(i, i + 1, i + 1)
      assert.equal(flight, 0)
      flights.open[flight] = 0
      flights.release(flight)
    }
  })

  it('keep what is known of them as there come to be more of them than there was room for', () => {
    const flights = new Flights(() => ({ byteLength: 0 }))

    for (let i = 0; i < 5_000; i++) {
      const flight = flights.begin(i, i + 1, i + 2)
      flights.inFlight[flight] = i % 2
      flights.busy[flight] = i % 3 === 0 ? 1 : 0
    }

    for (let i = 0; i < 5_000; i++) {
      assert.deepEqual([flights.initiator[i], flights.partner[i], flights.member[i]], [i, i + 1, i + 2])
      assert.deepEqual([flights.open[i], flights.inFlight[i], flights.busy[i]], [1, i % 2, i % 3 === 0 ? 1 : 0])
    }
  })
})
