import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ParameterError } from '../../src/gossip/parameters.ts'
import {
  checkFaults,
  describeFaults,
  type Faults,
  NO_FAULTS,
  parseCrash,
  parseJoin,
  parsePartition,
  parseShare,
  parseSlow
} from '../../src/sim/faults.ts'

const SHARES = ['', '-0.1', '1.1', 'half', '50%', '.5', '1.', '0,5', ' 0.5', '0x1', '1e-', 'Infinity', 'NaN', '1e400']

function plain<T>(model: { [name in keyof T]: fc.Arbitrary<T[name]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>
}

describe('the words for faults', () => {
  const good: Array<[parse: (text: string) => unknown, text: string, value: unknown]> = [
    [parseShare, '0', 0],
    [parseShare, '1', 1],
    [parseShare, '0.05', 0.05],
    [parseShare, '5e-3', 0.005],
    [parseShare, '5E-3', 0.005],
    [parseCrash, '0.5@20', { share: 0.5, round: 20 }],
    [parseCrash, '1@0', { share: 1, round: 0 }],
    [parseCrash, '1e-3@7', { share: 0.001, round: 7 }],
    [parseJoin, '0.5@20', { share: 0.5, round: 20 }],
    [parseJoin, '3@20', { share: 3, round: 20 }],
    [parseJoin, '100@1', { share: 100, round: 1 }],
    [parsePartition, '10..40', { from: 10, to: 40, parts: 2 }],
    [parsePartition, '0..1', { from: 0, to: 1, parts: 2 }],
    [parsePartition, '10..40/3', { from: 10, to: 40, parts: 3 }],
    [parsePartition, '10..40/100', { from: 10, to: 40, parts: 100 }],
    [parseSlow, '0.1x5', { share: 0.1, factor: 5 }],
    [parseSlow, '1x1', { share: 1, factor: 1 }],
    [parseSlow, '0.5x1000', { share: 0.5, factor: 1_000 }]
  ]

  for (const [parse, text, value] of good) {
    it(`${parse.name} reads "${text}"`, () => {
      assert.deepEqual(parse(text), value)
    })
  }

  const bad: Array<[parse: (text: string) => unknown, texts: string[]]> = [
    [parseShare, SHARES],
    [parseCrash, ['', '0.5', '@20', '0.5@', '0@20', '1.1@20', '0.5@-1', '0.5@2.5', '0.5@20@30', '0.5 @ 20', '50%@20']],
    [parseCrash, SHARES.map(share => `${share}@20`)],
    [parseJoin, ['', '0@20', '100.5@20', '1@', '-1@20', '1@1e3']],
    [parsePartition, ['', '10', '10..', '..40', '40..10', '10..10', '10..40/', '10..40/1', '10..40/101', '10..40/2.5']],
    [parsePartition, ['10-40', '10...40', '-1..40', '1e1..40']],
    [parseSlow, ['', '0.1', 'x5', '0.1x', '0.1x0', '0.1x1001', '0.1x2.5', '1.1x5', '0.1x-5', '0.1*5', '5x0.1']]
  ]

  for (const [parse, texts] of bad) {
    it(`${parse.name} refuses ${JSON.stringify(texts)}, and says what is right`, () => {
      for (const text of texts) {
        assert.throws(
          () => parse(text),
          ({ message }: Error) => message.startsWith(`"${text}" is not `) && message.includes('(example'),
          text
        )
      }
    })
  }

  it('are those that a result shows', () => {
    const share = fc.double({ min: 0, minExcluded: true, max: 1, noNaN: true })
    const round = fc.nat(999_999)
    const atRound = (share: fc.Arbitrary<number>) => fc.array(plain({ share, round }))
    const cut = plain({ from: round, to: fc.integer({ min: 1e6, max: 2e6 }), parts: fc.integer({ min: 2, max: 100 }) })
    const anyFaults: fc.Arbitrary<Faults> = plain({
      loss: share,
      churn: share,
      crash: atRound(share),
      join: atRound(fc.double({ min: 0, minExcluded: true, max: 100, noNaN: true })),
      partition: fc.array(cut),
      slow: fc.option(plain({ share, factor: fc.integer({ min: 1, max: 1_000 }) }), { nil: undefined })
    })

    fc.assert(
      fc.property(anyFaults, faults => {
        const { loss, churn, crash, join, partition, slow } = describeFaults(faults)
        assert.deepEqual((crash as string[]).map(parseCrash), faults.crash)
        assert.deepEqual((join as string[]).map(parseJoin), faults.join)
        assert.deepEqual((partition as string[]).map(parsePartition), faults.partition)
        assert.deepEqual(slow && parseSlow(slow as string), faults.slow)
        assert.deepEqual([loss, churn], [faults.loss, faults.churn])
      })
    )
  })

  it('are read whole or not at all, whatever they are', () => {
    const word = fc.stringMatching(/^[\d.@x/e-]{0,12}$/)

    fc.assert(
      fc.property(word, text => {
        for (const [parse, name] of [
          [parseCrash, 'crash'],
          [parseJoin, 'join'],
          [parsePartition, 'partition'],
          [parseSlow, 'slow']
        ] as const) {
          let value: object

          try {
            value = parse(text)
          } catch {
            continue
          }

          const faults: Faults = { ...NO_FAULTS, [name]: name === 'slow' ? value : [value] }
          checkFaults(faults, 1e10)
        }
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('the check of faults', () => {
  const rounds = 50
  const good: Array<Partial<Faults>> = [
    {},
    { crash: [{ share: 1, round: 49 }] },
    { join: [{ share: 100, round: 0 }] },
    // one that outlasts the run, and one that begins as another one ends
    { partition: [{ from: 49, to: 60, parts: 2 }] },
    {
      partition: [
        { from: 20, to: 30, parts: 2 },
        { from: 10, to: 20, parts: 5 }
      ]
    },
    { slow: { share: 0, factor: 1 } }
  ]

  for (const faults of good) {
    it(`lets ${JSON.stringify(faults)} pass`, () => {
      checkFaults({ ...NO_FAULTS, ...faults }, rounds)
    })
  }

  const bad: Array<[parameter: string, faults: Partial<Faults>, message: RegExp]> = [
    ['crash', { crash: [{ share: 0.5, round: 50 }] }, /round 50 is not one from 0 to 49/],
    ['crash', { crash: [{ share: 0.5, round: -1 }] }, /"round":-1/],
    ['crash', { crash: [{ share: 0.5, round: 2.5 }] }, /"round":2.5/],
    ['crash', { crash: [{ share: 1.1, round: 2 }] }, /"share":1.1/],
    ['crash', { crash: [{ share: 0, round: 2 }] }, /"share":0/],
    ['crash', { crash: [{ share: Number.NaN, round: 2 }] }, /is not a share/],
    ['join', { join: [{ share: 1, round: 60 }] }, /round 60 is not one from/],
    ['join', { join: [{ share: 101, round: 2 }] }, /up to 100/],
    ['join', { join: [{ share: Number.NaN, round: 2 }] }, /is not a share/],
    ['partition', { partition: [{ from: 50, to: 60, parts: 2 }] }, /round 50 is not one from/],
    ['partition', { partition: [{ from: 20, to: 20, parts: 2 }] }, /to a later one/],
    ['partition', { partition: [{ from: -2, to: 20, parts: 2 }] }, /"from":-2/],
    ['partition', { partition: [{ from: 2, to: 20, parts: 1 }] }, /2 to 100 parts/],
    ['partition', { partition: [{ from: 2, to: 20, parts: 101 }] }, /2 to 100 parts/],
    ['partition', { partition: [{ from: 2, to: Number.POSITIVE_INFINITY, parts: 2 }] }, /to a later one/],
    [
      'partition',
      {
        partition: [
          { from: 20, to: 30, parts: 2 },
          { from: 10, to: 21, parts: 2 }
        ]
      },
      /10\.\.21 and 20\.\.30 overlap/
    ],
    ['slow', { slow: { share: 1.5, factor: 2 } }, /a share from 0 to 1/],
    ['slow', { slow: { share: 0.5, factor: 0 } }, /a whole factor from 1 to 1000/],
    ['slow', { slow: { share: 0.5, factor: 2.5 } }, /a whole factor/]
  ]

  for (const [parameter, faults, message] of bad) {
    it(`refuses ${JSON.stringify(faults)}, naming ${parameter}`, () => {
      assert.throws(
        () => checkFaults({ ...NO_FAULTS, ...faults }, rounds),
        (err: unknown) => err instanceof ParameterError && err.parameter === parameter && message.test(err.message)
      )
    })
  }
})
