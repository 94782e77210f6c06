import assert from 'node:assert/strict'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { type VivaldiOptions, vivaldiParameters } from '../../src/vivaldi/parameters.ts'

describe('parameters of coordinates', () => {
  it('are eight dimensions and a height, the lowest of four round trips and the default rule, unless set', () => {
    assert.deepEqual(vivaldiParameters(), { dimensions: 8, height: true, filter: 'quartile', rule: 'relative' })
    const all = { dimensions: 2, height: false, filter: 'median', rule: 'published' } as const
    assert.deepEqual(vivaldiParameters(all), all)
  })

  it('are refused by name when impossible', () => {
    const impossible: Array<[name: string, options: object]> = [
      ['dimensions', { dimensions: 0 }],
      ['dimensions', { dimensions: 17 }],
      ['dimensions', { dimensions: 2.5 }],
      ['filter', { filter: 'mean' }],
      ['rule', { rule: 'serf' }]
    ]

    for (const [name, options] of impossible) {
      assert.throws(
        () => vivaldiParameters(options as VivaldiOptions),
        error => error instanceof ParameterError && error.message.includes(name)
      )
    }
  })
})
