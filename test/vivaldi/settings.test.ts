import assert from 'node:assert/strict'
import { checkCoordinate } from '../../src/vivaldi/estimate.ts'
import { type Coordinate, type Filter, type VivaldiInit, vivaldi } from '../../src/vivaldi/index.ts'
import { vivaldiSettings } from '../../src/vivaldi/settings.ts'
import { pointAt } from './signed.ts'

describe('the settings of coordinates', () => {
  it('are checked before anything is started, and the first that is impossible is named', () => {
    const impossible: Array<[string, VivaldiInit]> = [
      ['dimensions', { dimensions: 0 }],
      ['dimensions', { dimensions: 17 }],
      ['dimensions', { dimensions: 2.5 }],
      ['dimensions', { dimensions: Number.NaN }],
      ['dimensions', { dimensions: '8' as unknown as number }],
      ['filter', { filter: 'mean' as Filter }],
      ['period', { period: 0 }],
      ['period', { period: 3_600_001 }],
      ['period', { period: 1.5 }],
      ['seed', { seed: -1 }],
      ['seed', { seed: 0.5 }],
      ['seed', { seed: 2 ** 53 }],
      ['dimensions', { dimensions: 0, filter: 'mean' as Filter, period: 0, seed: -1 }]
    ]

    for (const [parameter, init] of impossible) {
      assert.throws(() => vivaldi(init), { name: 'ParameterError', parameter }, JSON.stringify(init))
    }
  })

  it('have defaults, and take what is possible', () => {
    const { parameters, period, seed } = vivaldiSettings({})
    assert.deepEqual(parameters, { dimensions: 8, height: true, filter: 'quartile', rule: 'relative' })
    assert.equal(period, undefined)
    assert.ok(Number.isSafeInteger(seed) && seed >= 0)
    assert.notEqual(seed, vivaldiSettings({}).seed)

    for (const [dimensions, given] of [
      [1, 1],
      [16, 3_600_000]
    ]) {
      const init: VivaldiInit = { dimensions, height: false, filter: 'none', period: given, seed: 2 ** 53 - 1 }
      const { parameters, ...rest } = vivaldiSettings(init)
      assert.deepEqual(parameters, { dimensions, height: false, filter: 'none', rule: 'relative' })
      assert.deepEqual(rest, { period: given, seed: 2 ** 53 - 1 })
    }
  })
})

describe('a coordinate that an application brings', () => {
  it('is one when distances to it can be told', () => {
    const place = pointAt(5, 3, { height: 1 })
    assert.equal(checkCoordinate(place, 3), place)

    for (const wrong of [
      pointAt(5, 2),
      pointAt(5, 4),
      pointAt(Number.NaN, 3),
      pointAt(Infinity, 3),
      pointAt(5, 3, { height: Number.NaN }),
      pointAt(5, 3, { error: -Infinity }),
      { ...place, position: [1, 2, '3'] },
      { ...place, position: '123' },
      { ...place, height: undefined },
      {}
    ]) {
      const check = () => checkCoordinate(wrong as Coordinate, 3)
      assert.throws(check, { name: 'ParameterError', parameter: 'coordinate' }, JSON.stringify(wrong))
    }
  })
})
