import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { MAX_PROFILE_NAME } from '../../src/live/profiles.ts'
import { identityOf } from '../../src/overlay/identity.ts'
import { euclidean, overlay, ring, type TorusOverlayInit, torusOverlay } from '../../src/overlay/index.ts'

describe('the settings of an overlay', () => {
  it('are checked before anything is started, and the first that is impossible is named', () => {
    const impossible: Array<[string, TorusOverlayInit]> = [
      ['side', {}],
      ['side', { width: 3 }],
      ['side', { side: 3, width: 3 }],
      ['side', { side: 3, height: 3 }],
      ['side', { side: 1 }],
      ['width', { width: 1, height: 5 }],
      ['height', { width: 5, height: 0.5 }],
      ['position', { side: 5, position: [5, 0] }],
      ['position', { side: 5, position: [Number.NaN, 0] }],
      ['name', { side: 5, name: '' }],
      ['name', { side: 5, name: 'red/blue' }],
      ['name', { side: 5, name: 'x'.repeat(50) }],
      ['name', { side: 5, name: '\ud800' }],
      ['view', { side: 5, view: 4 }],
      ['message', { side: 5, message: 1 }],
      ['psi', { side: 5, psi: 0 }],
      ['period', { side: 5, period: 0 }],
      ['period', { side: 5, period: 3_600_001 }]
    ]

    for (const [parameter, init] of impossible) {
      assert.throws(() => torusOverlay(init), { name: 'ParameterError', parameter }, JSON.stringify(init))
    }

    torusOverlay({ width: 3, height: 4, position: [2, 3], name: 'red', view: 5, message: 2, psi: 1, period: 1 })
    overlay({ space: ring(1) })

    for (const length of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '360' as unknown as number]) {
      assert.throws(() => ring(length), { name: 'ParameterError', parameter: 'length' }, String(length))
    }

    assert.throws(() => overlay({ space: euclidean(3) }), { name: 'ParameterError', parameter: 'position' })
    assert.throws(() => overlay({ space: { ...ring(1), name: 'a/b' } }), { name: 'ParameterError', parameter: 'space' })
  })

  it('tell overlays apart by name and space, in the ids of protocols and in records', () => {
    const names = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter(name => !name.includes('/'))
    fc.assert(
      fc.property(names, names, names, names, (space, name, otherSpace, otherName) => {
        const [one, other] = [identityOf(space, name), identityOf(otherSpace, otherName)]
        const same = space === otherSpace && name === otherName
        const keys = (['exchange', 'route', 'profile'] as const).map(key => one[key] === other[key])
        assert.deepEqual(keys, [same, same, same])
        assert.ok(one.profile.length <= MAX_PROFILE_NAME)
        assert.match(one.exchange, /^[!-~]+$/)
      }),
      {
        examples: [
          ['a', 'b', 'b', 'a'],
          ['a', 'a', 'a', 'b'],
          ['a', 'b', 'a', 'b']
        ]
      }
    )
    assert.equal(identityOf('torus 5x5', 'torus 5x5').exchange, '/gossip-peer/overlay/1.0.0/torus%205x5')
    assert.equal(identityOf('torus 5x5', 'red').exchange, '/gossip-peer/overlay/1.0.0/torus%205x5/red')
  })
})
