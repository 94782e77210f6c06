import assert from 'node:assert/strict'
import { Crowd, mean, variance } from './crowd.ts'

const AVERAGE = { aggregates: [{ name: 'value', function: 'average' as const }], size: false }

describe('push-pull averaging', () => {
  it('divides the variance by 2 sqrt(e) in each round (TOCS 2005, section 3)', () => {
    const crowd = new Crowd(40_000, AVERAGE, node => node)
    const before = variance(crowd.estimates())
    crowd.run(20)
    const factor = (variance(crowd.estimates()) / before) ** (1 / 20)
    assert.ok(Math.abs(factor / (1 / (2 * Math.sqrt(Math.E))) - 1) < 0.01, `${factor}`)
  })

  it('leaves a relative spread below 1e-7 after 30 rounds, and the sum as it was', () => {
    const crowd = new Crowd(10_000, AVERAGE, node => node)
    const before = mean(crowd.estimates())
    crowd.run(30)
    assert.ok(Math.sqrt(variance(crowd.estimates())) / before < 1e-7)
    assert.ok(Math.abs(mean(crowd.estimates()) / before - 1) < 1e-9)
  })

  it('says how far its partners were from it', () => {
    const crowd = new Crowd(1_000, { ...AVERAGE, epoch: 10 }, node => node)
    crowd.run(6)
    assert.equal(crowd.protocol.estimate(0, 0)?.spread, undefined)
    crowd.run(4)
    const spread = mean(crowd.members.map(node => crowd.protocol.estimate(node, 0)?.spread as number))
    const deviation = Math.sqrt(variance(crowd.estimates()))
    assert.ok(spread > deviation && spread < 20 * deviation, `${spread} of ${deviation}`)
  })

  it('says so of each aggregate in an exchange, of a sum as of a sum', () => {
    const crowd = new Crowd(
      500,
      {
        aggregates: [
          { name: 'average', function: 'average' },
          { name: 'sum', function: 'sum' }
        ]
      },
      node => node
    )
    crowd.run(30)
    const average = crowd.protocol.estimate(0, 0)?.spread as number
    const sum = crowd.protocol.estimate(0, 1)?.spread as number
    assert.ok(average > 0 && average < 1e-3)
    assert.ok(Math.abs(sum / average / 500 - 1) < 0.01)
  })

  /** [retries, bound of the median error of the average] */
  for (const [retries, bound] of [
    [0, 0.1],
    [3, 0.01],
    [5, 0.002],
    [8, 0.001]
  ]) {
    it(`with 10 % of messages lost and ${retries} repetitions errs by less than ${bound * 100} %`, () => {
      for (const peak of [false, true]) {
        const crowd = new Crowd(
          10_000,
          { ...AVERAGE, retries },
          node => (peak ? (node === 7 ? 10_000 : 0) : node / 5_000),
          { loss: 0.1 }
        )
        const truth = mean(crowd.estimates())
        crowd.run(30)
        const errors = crowd.estimates().map(value => Math.abs(value / truth - 1))
        errors.sort((a, b) => a - b)
        assert.ok(errors[5_000] < bound, `${errors[5_000]}`)
      }
    })
  }

  it('conserves the sum to rounding, whatever got lost, once nobody waits for an answer any more', () => {
    const troubles = { loss: 0.1 }
    const crowd = new Crowd(10_000, { ...AVERAGE, retries: 16, epoch: 40 }, node => (node === 7 ? 10_000 : 0), troubles)
    crowd.run(30)
    assert.ok(crowd.protocol.counts.repeated > 10_000)
    troubles.loss = 0
    crowd.run(8)
    assert.equal(crowd.protocol.counts.givenUp, 0)
    assert.ok(Math.abs(mean(crowd.estimates()) - 1) < 1e-9, `${mean(crowd.estimates())}`)
  })

  it('draws partners ahead without changing anything', () => {
    const runs = [false, true].map(ahead => {
      const crowd = new Crowd(50, { ...AVERAGE, size: true, retries: 2 }, node => node, { loss: 0.1 })
      const { protocol } = crowd
      const order = Int32Array.from(crowd.members)
      const request = protocol.createMessage()
      const reply = protocol.createMessage()

      for (let round = 0; round < 70; round++) {
        for (const node of order) {
          if (ahead && node % 16 === 0) {
            protocol.prefetch(order, node, Math.min(50, node + 16))
          }

          const partner = protocol.partner(node)
          protocol.request(node, partner, request)

          if ((node + round) % 7 === 0 || !protocol.respond(partner, node, request, reply)) {
            protocol.abandon(node, partner, 'timeout')
          } else {
            protocol.absorb(node, partner, request, reply)
          }
        }
      }

      return crowd.estimates()
    })
    assert.deepEqual(runs[0], runs[1])
  })
})
