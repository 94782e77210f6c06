import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Places, roundTrip } from '../../src/peer/coordinate-documents.ts'
import type { MeasureOptions } from '../../src/vivaldi/index.ts'

const FROM = peerIdFromString('12D3KooWGFfWTJUFF8hw6Yc3bHm8w3XCVYsCPu6Uq2HVCRDJyXqc')
const TO = peerIdFromString('12D3KooWK1nq4vnMDQEAY6Wpfrc6z1HGXyoGVXUDN4vR5CkyzkX6')
const ESTIMATE = { milliseconds: 3, confidence: 0.5 }

/** Whoever measures there waits until it is told to give up. */
const PLACES = {
  self: FROM,
  vivaldi: {
    estimate: () => ESTIMATE,
    measure: async (_: PeerId, { signal }: MeasureOptions) =>
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
} as unknown as Places

describe('a round trip that takes long to be measured', () => {
  it('is given up, and what is predicted is told', async () => {
    const { estimate, measured, unmeasured } = await roundTrip(PLACES, FROM, TO, new AbortController().signal, 5)
    assert.deepEqual([estimate, measured, unmeasured], [ESTIMATE, null, 'not within 0.005 s'])
  })

  it('is given up without an answer when whoever asked has gone', async () => {
    const gone = new AbortController()
    const asked = roundTrip(PLACES, FROM, TO, gone.signal)
    gone.abort(new Error('gone'))
    await assert.rejects(asked, /^Error: gone$/)
  })
})

describe('a round trip that cannot be predicted', () => {
  it('is that for what is not known of others, and not of the peer itself', async () => {
    const sampling = { underlay: { records: { newest: () => undefined } } }
    const vivaldi = {
      parameters: { dimensions: 2 },
      estimate: () => undefined,
      coordinateOf: () => undefined,
      measure: async () => 4
    }
    const places = { self: FROM, sampling, vivaldi } as unknown as Places
    const { estimate, unestimated, measured } = await roundTrip(places, FROM, TO, new AbortController().signal)
    assert.deepEqual([estimate, unestimated, measured], [null, `${TO} is not known here`, 4])
  })
})
