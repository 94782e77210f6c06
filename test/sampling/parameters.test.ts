import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ParameterError } from '../../src/gossip/parameters.ts'
import { MAX_VIEW_SIZE, MIN_VIEW_SIZE } from '../../src/sampling/constants.ts'
import { type PeerSamplingInit, peerSampling } from '../../src/sampling/index.ts'
import { PRESET_NAMES, type SamplingOptions, samplingParameters } from '../../src/sampling/parameters.ts'
import { PROFILES, timingOf } from '../../src/sampling/profiles.ts'
import { samplingSettings } from '../../src/sampling/settings.ts'

describe('sampling parameters', () => {
  it('are by default the near-even variant that still drains dead links', () => {
    assert.deepEqual(samplingParameters(), {
      view: 30,
      healer: 1,
      swapper: 14,
      selection: 'tail',
      propagation: 'pushpull',
      exchange: 'generic',
      defence: 'none',
      statisticsShare: 0
    })
  })

  it('are possible for every preset and view size, and for any H and S that are accepted', () => {
    const options = fc.record({
      preset: fc.constantFrom('default', 'swapper', 'healer', 'blind' as const),
      view: fc.integer({ min: MIN_VIEW_SIZE, max: MAX_VIEW_SIZE }),
      healer: fc.option(fc.nat(120), { nil: undefined }),
      swapper: fc.option(fc.nat(120), { nil: undefined })
    }) as fc.Arbitrary<SamplingOptions>

    fc.assert(
      fc.property(options, given => {
        try {
          const { view, healer, swapper } = samplingParameters(given)
          assert.ok(healer >= 0 && swapper >= 0 && healer + swapper <= view / 2)
          assert.equal(healer, given.healer ?? healer)
          assert.equal(swapper, given.swapper ?? swapper)
        } catch (err) {
          assert.ok(err instanceof ParameterError)
          assert.ok((given.healer ?? 0) + (given.swapper ?? 0) > Math.floor((given.view ?? 30) / 2))
        }
      })
    )

    for (const preset of PRESET_NAMES) {
      for (const view of [MIN_VIEW_SIZE, 3, 30, MAX_VIEW_SIZE]) {
        assert.equal(samplingParameters({ preset, view }).view, view)
      }
    }
  })

  const impossible: Array<[SamplingOptions, RegExp]> = [
    [{ view: 0 }, /^view: 0 is not a whole number from 2 to 200$/],
    [{ view: 30.5 }, /^view: 30.5 is not a whole number/],
    [{ healer: -1 }, /^healer: -1 is not a whole number from 0 to 15$/],
    [{ healer: 8, swapper: 8 }, /^healer \+ swapper: 8 \+ 8 is more than half of the view of 30, which is 15$/],
    [{ preset: 'cyclon', healer: 1 }, /^healer: the preset cyclon has its own exchange and takes none$/],
    [{ defence: 'statistics', propagation: 'push' }, /^propagation: with push there are no answers/],
    [{ defence: 'ranking', healer: 1 }, /^healer: the defence ranking has its own exchange and takes none$/],
    [{ defence: 'walls' as 'none' }, /^defence: "walls" is none of none, statistics, ranking$/],
    [{ statisticsShare: 0.5 }, /^statisticsShare: the defence is none, which gathers nothing/],
    [{ defence: 'statistics', statisticsShare: 1.5 }, /^statisticsShare: 1.5 is not a share from 0 to 1$/],
    [{ preset: 'nothing' as 'blind' }, /^preset: "nothing" is none of default, swapper/],
    [{ selection: 'head' as 'tail' }, /^selection: "head" is none of rand, tail$/]
  ]

  for (const [options, message] of impossible) {
    it(`refuse ${JSON.stringify(options)}`, () => {
      assert.throws(() => samplingParameters(options), { name: 'ParameterError', message })
    })
  }
})

describe('profiles', () => {
  it('set everything together, and each value can be set alone', () => {
    assert.deepEqual(timingOf({}), PROFILES.lan)
    assert.deepEqual(timingOf({ profile: 'wan', period: 5_000 }), { ...PROFILES.wan, period: 5_000 })
  })

  it('set the defence where nothing is said of it nor of the exchange', () => {
    const defenceOf = (init: PeerSamplingInit) => samplingSettings(init).parameters.defence
    assert.deepEqual(
      (['local', 'lan', 'wan'] as const).map(profile => defenceOf({ profile })),
      ['none', 'none', 'ranking']
    )
    assert.equal(samplingSettings({ profile: 'wan' }).parameters.view, 50)
    assert.equal(defenceOf({ profile: 'wan', view: 100, period: 5_000 }), 'ranking')
    assert.equal(defenceOf({ profile: 'wan', defence: 'statistics' }), 'statistics')
    assert.equal(defenceOf({ defence: 'ranking' }), 'ranking')

    const exchanges: SamplingOptions[] = [{ healer: 3 }, { swapper: 3 }, { selection: 'rand' }, { propagation: 'push' }]

    assert.equal(defenceOf({ profile: 'wan', preset: 'default' }), 'none')

    for (const exchange of exchanges) {
      assert.equal(defenceOf({ profile: 'wan', ...exchange }), 'none')

      // statistics learn from answers, and there are none to a push
      if (exchange.propagation == null) {
        assert.equal(defenceOf({ profile: 'wan', defence: 'statistics', ...exchange }), 'statistics')
      }

      assert.throws(() => samplingSettings({ profile: 'wan', defence: 'ranking', ...exchange }), {
        name: 'ParameterError'
      })
    }
  })

  it('refuse a period of nothing', () => {
    assert.throws(() => timingOf({ period: 0 }), /^ParameterError: period: 0 is not a whole number from 1 to 3600000$/)
  })

  it('permit any number of requests', () => {
    const requestsPerPeriod = Number.POSITIVE_INFINITY
    assert.equal(timingOf({ requestsPerPeriod }).requestsPerPeriod, requestsPerPeriod)
  })
})

describe('the sampling service', () => {
  const impossible: Array<[PeerSamplingInit, RegExp]> = [
    [{ requestsPerPeriod: Number.NaN }, /^requestsPerPeriod: NaN is not a whole number/],
    [{ streamTimeout: 0 }, /^streamTimeout: 0 is not a whole number/],
    [{ view: 0 }, /^view: 0 is not a whole number/],
    [{ maxPerBlock: -1 }, /^maxPerBlock: -1 is not a whole number/],
    [{ profile: 'moon' as 'wan' }, /^profile: "moon" is none of local, lan, wan$/]
  ]

  for (const [init, message] of impossible) {
    it(`says at once, before there is a node, that it cannot be set up with ${Object.entries(init)[0].join(': ')}`, () => {
      assert.throws(() => peerSampling(init), { name: 'ParameterError', message })
    })
  }
})
