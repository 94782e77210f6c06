import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import * as fc from 'fast-check'
import { MAX_PROFILE_VALUE } from '../../src/live/profiles.ts'
import { MAX_DIMENSIONS, MAX_ERROR, MAX_POSITION, MAX_ROUND_TRIP } from '../../src/vivaldi/constants.ts'
import { decodeCoordinate, encodeCoordinate, KnownCoordinates } from '../../src/vivaldi/known-coordinates.ts'
import { floats, lies, pointAt, signed } from './signed.ts'

const DIMENSIONS = 3

/** What can be shown, its edges among it. */
const coordinates = fc.record({
  position: fc.array(fc.double({ min: -MAX_POSITION, max: MAX_POSITION, noNaN: true }), {
    minLength: DIMENSIONS,
    maxLength: DIMENSIONS
  }),
  height: fc.double({ min: 0, max: MAX_ROUND_TRIP, noNaN: true }),
  error: fc.double({ min: 0, max: MAX_ERROR, noNaN: true })
})

describe('coordinates in records', () => {
  let key: PrivateKey

  before(async () => {
    key = await generateKeyPair('Ed25519')
  })

  it('are read as they were written, to 32 bits a number, wherever the bytes lie', () => {
    fc.assert(
      fc.property(coordinates, coordinate => {
        const { position, height, error } = coordinate
        const written = encodeCoordinate(coordinate)
        const read = decodeCoordinate(Uint8Array.of(9, ...written, 9).subarray(1, -1))
        assert.deepEqual([...read], [...position, height, error].map(Math.fround))
        assert.deepEqual(written, floats(...position, height, error))
      })
    )
  })

  it('are taken whenever a peer can be there', async () => {
    const known = new KnownCoordinates(DIMENSIONS)
    const edge = (x: number) => ({ position: [x, -x, x], height: MAX_ROUND_TRIP, error: MAX_ERROR })

    for (const coordinate of [
      pointAt(0, DIMENSIONS, { error: 0 }),
      edge(MAX_POSITION),
      edge(-MAX_POSITION),
      edge(MAX_POSITION - 1e-12),
      pointAt(1.25, DIMENSIONS, { height: 0.5, error: 0.25 })
    ]) {
      const record = await signed(key, encodeCoordinate(coordinate).slice() as Uint8Array<ArrayBuffer>)
      const { position, height, error } = coordinate
      assert.deepEqual(known.find(record), Float64Array.from([...position, height, error].map(Math.fround)))
      assert.equal(known.claimOf(record), known.find(record))
    }
  })

  it('are refused for a reason when they are none', async () => {
    for (const dimensions of [1, DIMENSIONS, MAX_DIMENSIONS]) {
      for (const [reason, what, value] of lies(dimensions)) {
        const known = new KnownCoordinates(dimensions)
        const record = await signed(key, value)
        assert.equal(known.claimOf(record), reason, what)
        assert.equal(known.find(record), undefined, what)
      }
    }
  })

  it('of other dimensions are none', async () => {
    const known = new KnownCoordinates(DIMENSIONS)

    for (let dimensions = 1; dimensions <= MAX_DIMENSIONS; dimensions++) {
      const value = floats(...Array(dimensions + 2).fill(0.5))
      const claim = known.claimOf(await signed(key, value))
      assert.equal(typeof claim, dimensions === DIMENSIONS ? 'object' : 'string')
      assert.ok(dimensions === DIMENSIONS || claim === 'bad-profile')
    }
  })

  it('are nothing where a record says nothing of them', async () => {
    const known = new KnownCoordinates(DIMENSIONS)
    const record = await signed(key, undefined)
    assert.deepEqual([known.claimOf(record), known.find(record)], [undefined, undefined])
  })

  it('are read once of each record', async () => {
    const known = new KnownCoordinates(DIMENSIONS)
    let looked = 0

    for (const value of [floats(1, 2, 3, 4, 0.5), floats(1), undefined]) {
      const record = await signed(key, value)
      const { profiles } = record
      const counting = {
        ...record,
        get profiles() {
          looked++
          return profiles
        }
      }
      looked = 0
      assert.equal(known.claimOf(counting), known.claimOf(counting))
      known.find(counting)
      assert.equal(looked, 1)
    }
  })

  it('of the most dimensions fit in a record', () => {
    assert.ok(encodeCoordinate(pointAt(1, MAX_DIMENSIONS)).byteLength <= MAX_PROFILE_VALUE)
  })
})
