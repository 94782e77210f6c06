import assert from 'node:assert/strict'
import type { Damage } from '../../src/sim/attack/damage.ts'
import type { LabelledResult } from '../../src/sim/experiment.ts'
import {
  type AggregationMeasures,
  type AggregationRunOptions,
  aggregation,
  type HubAttackOptions,
  hubAttack,
  type SamplingMeasures,
  sampling,
  uniformity
} from '../../src/sim/experiments/index.ts'
import type { NetworkOptions } from '../../src/sim/parameters.ts'
import type { Figure, Panel } from '../../src/sim/plot/figure.ts'
import { repeat } from '../../src/sim/repeat.ts'
import { simulate } from '../../src/sim/simulate.ts'

const NETWORK: NetworkOptions = { nodes: 100, rounds: 10, view: 10 }

async function labelled(
  label: string,
  options: NetworkOptions = {},
  seed = 1
): Promise<LabelledResult<SamplingMeasures>> {
  return { label, result: await simulate(sampling, { ...NETWORK, ...options }, { seed, measureEvery: 2 }) }
}

function panelOf({ panels }: Figure, title: string): Panel {
  const panel = panels.find(one => one.title === title)
  assert.ok(panel != null, `there is ${panels.map(one => one.title)}, but no ${title}`)
  return panel
}

function labelsOf({ series }: Panel): string[] {
  return series.map(({ label }) => label)
}

function assertFinite({ panels }: Figure): void {
  const points = panels.flatMap(({ series }) => series).flatMap(({ points }) => points)
  assert.ok(points.length > 0)
  assert.deepEqual(
    points.filter(point => !point.every(Number.isFinite)),
    []
  )
}

describe('the figure of peer sampling', () => {
  it('has a series of each result, and the random graph as a yardstick', async () => {
    const figure = sampling.figure([await labelled('first'), await labelled('second', { preset: 'healer' })])
    assert.deepEqual(
      figure.panels.map(({ title }) => title),
      ['Spread of in-degrees', 'In-degrees at the end', 'Clustering', 'Distance']
    )

    for (const panel of figure.panels) {
      assert.deepEqual(labelsOf(panel), ['first', 'second', 'random graph'])
    }

    assertFinite(figure)
  })

  it('shows what was measured, at its rounds', async () => {
    const one = await labelled('one')
    const [series, yardstick] = panelOf(sampling.figure([one]), 'Clustering').series
    assert.deepEqual(
      series.points,
      one.result.rounds.map(({ round, clusteringCoefficient }) => [round, clusteringCoefficient])
    )
    assert.deepEqual(
      yardstick.points.map(([round]) => round),
      [2, 10]
    )
  })

  it('compares with a random graph of as many nodes and links', async () => {
    const yardstick = (panel: Panel) => panel.series.find(({ kind }) => kind === 'yardstick')?.points ?? []
    const figure = sampling.figure([await labelled('one', { nodes: 2_000, view: 20, rounds: 2 })])
    // in-degrees of 20 links to 2,000 nodes are as good as Poisson's
    const [[, spread]] = yardstick(panelOf(figure, 'Spread of in-degrees'))
    assert.ok(Math.abs(spread - Math.sqrt(20)) < 0.25, `${spread}`)
    const shares = yardstick(panelOf(figure, 'In-degrees at the end'))
    assert.ok(Math.abs(shares.reduce((sum, [, share]) => sum + share, 0) - 100) < 1e-9)
    // each has 40 neighbours of 2,000
    const [[, clustering]] = yardstick(panelOf(figure, 'Clustering'))
    assert.ok(Math.abs(clustering - 0.02) < 0.002, `${clustering}`)
  })

  it('has no yardstick where the results would need different ones', async () => {
    const figure = sampling.figure([await labelled('small'), await labelled('large', { nodes: 200 })])
    assert.deepEqual(labelsOf(panelOf(figure, 'Distance')), ['small', 'large'])
  })

  it('shows links to the dead and parts of the network where there are any', async () => {
    const options: NetworkOptions = { view: 4, crash: [{ share: 0.9, round: 5 }] }
    const figure = sampling.figure([await labelled('whole'), await labelled('crashed', options)])

    for (const title of ['Links to the dead', 'Parts of the network']) {
      assert.deepEqual(labelsOf(panelOf(figure, title)), ['whole', 'crashed'])
    }

    assertFinite(figure)
  })

  it('can be drawn where nobody is left', async () => {
    assertFinite(sampling.figure([await labelled('gone', { crash: [{ share: 1, round: 1 }] })]))
  })

  it('has the spread over several runs', async () => {
    const result = await repeat(sampling, NETWORK, 3)
    const [{ points, spread }] = panelOf(sampling.figure([{ label: 'three', result }]), 'Distance').series
    assert.equal(spread?.length, points.length)
    assert.ok(spread?.every(value => value >= 0))
    assert.equal(spread?.at(-1), result.repeated?.spread.final.averagePathLength)
  })

  it('says what it takes to repeat it: what the results share, and their seeds', async () => {
    const { caption } = sampling.figure([
      await labelled('one', { preset: 'healer', crash: [{ share: 0.5, round: 3 }] }, 7),
      await labelled('other', { preset: 'swapper', crash: [{ share: 0.5, round: 3 }] }, 8)
    ])
    assert.match(caption, /nodes 100, rounds 10/)
    assert.match(caption, /view 10/)
    assert.match(caption, /crash 0\.5@3/)
    assert.match(caption, /seed 7, 8$/)
    assert.doesNotMatch(caption, /preset|healer|swapper/)
  })

  it('says so where it shows means', async () => {
    const result = await repeat(sampling, NETWORK, 3, { seed: 5 })
    const { caption } = sampling.figure([{ label: 'three', result }])
    assert.match(caption, /seed 5 to 7, mean and standard deviation$/)
  })
})

describe('the figure of uniform samples', () => {
  it('shows the statistic against that of uniform draws, and who rejects', async () => {
    const options = { nodes: 20, view: 6, warmUp: 10, lag: 5, rounds: 200 }
    const result = await simulate(uniformity, options, { measureEvery: 50 })
    const figure = uniformity.figure([{ label: 'one', result }])
    const [statistic, rejecting] = figure.panels

    assert.deepEqual(
      statistic.series.map(({ points }) => points),
      [
        result.rounds.map(({ round, chiSquare }) => [round, chiSquare / 18]),
        [
          [50, 1],
          [200, 1]
        ]
      ]
    )
    assert.deepEqual(
      rejecting.series[0].points,
      result.rounds.map(({ round, rejected }) => [round, rejected * 100])
    )
    assert.match(figure.caption, /lag 5, warm-up 10, seed 1$/)
    assertFinite(figure)
  })
})

describe('the figure of the hub attack', () => {
  const ATTACKED: HubAttackOptions = { nodes: 200, attackers: 20, view: 10, rounds: 20, preset: 'newscast' }

  async function attacked(label: string, options: HubAttackOptions = {}): Promise<LabelledResult<Damage>> {
    return { label, result: await simulate(hubAttack, { ...ATTACKED, ...options }) }
  }

  it('shows who is isolated, and what is polluted next to what cannot be less', async () => {
    const one = await attacked('')
    const figure = hubAttack.figure([one])
    const over = (value: (damage: Damage) => number) =>
      one.result.rounds.map(measures => [measures.round, value(measures)])
    assert.deepEqual(
      panelOf(figure, 'Isolated nodes').series.map(({ points }) => points),
      [over(({ isolatedNodes }) => isolatedNodes)]
    )
    assert.deepEqual(
      panelOf(figure, 'Polluted links').series.map(({ points }) => points),
      [
        over(({ pollutedLinks }) => pollutedLinks * 100),
        [
          [0, 10],
          [20, 10]
        ]
      ]
    )
    assert.deepEqual(labelsOf(panelOf(figure, 'Polluted samples')), ['defence none', 'attackers among the nodes: 10 %'])
    assert.match(figure.caption, /attack hub, attackers 20, flood 1, seed 1$/)
  })

  it('shows in-degrees as they were last before the attack, and when half of the links were polluted', async () => {
    const { result } = await attacked('', { attackFrom: 8 })
    const [before, during] = panelOf(
      hubAttack.figure([{ label: '', result }]),
      'In-degrees before and during the attack'
    ).series
    const half = result.rounds.find(({ round, pollutedLinks }) => round > 8 && pollutedLinks >= 0.5)
    assert.equal(before.label, 'before (round 8)')
    assert.equal(during.label, `during (round ${half?.round})`)

    for (const { points } of [before, during]) {
      assert.ok(Math.abs(points.reduce((sum, [, share]) => sum + share, 0) - 100) < 1e-9)
    }

    // a view of 10 at each of 200, and at 180 of them in the views of the honest
    const degrees = before.points.reduce((sum, [degree, share]) => sum + (degree * share) / 100, 0)
    assert.ok(Math.abs(degrees - 9) < 0.3, `${degrees}`)
    assert.ok(Math.max(...during.points.map(([degree]) => degree)) > 35)
  })

  it('tells several runs apart, has an optimum for each share of attackers, and a victim where there is one', async () => {
    const figure = hubAttack.figure([
      await attacked('few', { attackers: 2, attack: 'eclipse' }),
      await attacked('many', { attack: 'late', attackFrom: 5 })
    ])
    assert.deepEqual(labelsOf(panelOf(figure, 'Polluted links')), [
      'few',
      'many',
      'attackers among the nodes: 1 %',
      'attackers among the nodes: 10 %'
    ])
    assert.equal(panelOf(figure, 'In-degrees before and during the attack').series.length, 4)
    assert.deepEqual(labelsOf(panelOf(figure, 'The victim of the eclipse')).slice(0, 2), ['few', 'many'])
  })
})

describe('the figure of aggregation', () => {
  async function aggregated(
    label: string,
    options: AggregationRunOptions = {}
  ): Promise<LabelledResult<AggregationMeasures>> {
    return { label, result: await simulate(aggregation, { nodes: 200, view: 10, epoch: 10, ...options }) }
  }

  const titles = ({ panels }: Figure) => panels.map(({ title }) => title)
  const BASIC = ['Variance of the estimates', 'What a round leaves of the variance', 'Error of the estimates']

  it('shows how the variance falls, next to theory', async () => {
    const one = await aggregated('')
    const figure = aggregation.figure([one])
    assert.deepEqual(titles(figure), BASIC)
    const [variance, theory] = panelOf(figure, BASIC[0]).series
    const [{ variance: first }] = one.result.rounds
    assert.deepEqual(
      variance.points,
      one.result.rounds.map(measured => [measured.round, measured.variance / first])
    )
    assert.deepEqual([theory.label, theory.kind], ['theory: 0.3033^t', 'yardstick'])
    const expected = Array.from({ length: 11 }, (_, t) => 0.30326532985631671 ** t)
    theory.points.forEach(([round, value], i) => {
      assert.ok(round === i && Math.abs(value / expected[i] - 1) < 1e-12, `${round}: ${value}`)
    })
    const [factors, level] = panelOf(figure, BASIC[1]).series
    assert.deepEqual(
      factors.points,
      one.result.rounds.map(({ round, varianceFactor }) => [round, varianceFactor])
    )
    assert.ok(level.points.every(([, value]) => Math.abs(value - 0.30326532985631671) < 1e-12))
    assert.deepEqual(
      panelOf(figure, BASIC[2]).series.map(({ points }) => points),
      [one.result.rounds.map(({ round, estimateError }) => [round, estimateError])]
    )
    assert.match(figure.caption, /function average, distribution uniform, range 0\.\.1, epoch 10, seed 1$/)
  })

  it('begins anew with each epoch, and then shows results too', async () => {
    const figure = aggregation.figure([
      await aggregated('one', { rounds: 25 }),
      await aggregated('two', { rounds: 12 })
    ])
    const theory =
      panelOf(figure, BASIC[0])
        .series.at(-1)
        ?.points.map(([, value]) => value) ?? []
    assert.equal(theory.length, 26)
    assert.deepEqual([theory[11], theory[21], theory[20]], [theory[1], theory[1], theory[10]])
    assert.deepEqual(labelsOf(panelOf(figure, BASIC[2])), [
      'one',
      'two',
      'one, of the last result',
      'two, of the last result'
    ])
  })

  it('shows the error of the sum where something got lost', async () => {
    const figure = aggregation.figure([await aggregated('', { loss: 0.1 })])
    assert.deepEqual(titles(figure), [...BASIC, 'Error of the sum of all values'])
  })

  it('holds nothing against theory that it is not about', async () => {
    for (const options of [{ function: 'count' as const }, { function: 'maximum' as const }]) {
      const figure = aggregation.figure([await aggregated('', options)])
      assert.ok(figure.panels.flatMap(labelsOf).every(label => !label.startsWith('theory')))
      assert.deepEqual(titles(figure), [BASIC[0], BASIC[2]], 'what a round leaves of it is no number to look at')
    }

    const figure = aggregation.figure([await aggregated('mean'), await aggregated('size', { function: 'count' })])
    assert.deepEqual(labelsOf(panelOf(figure, BASIC[0])), ['mean', 'size', 'theory: 0.3033^t'])
    assert.deepEqual(labelsOf(panelOf(figure, BASIC[1])), ['mean', 'theory: 0.3033^t'])

    const mixed = aggregation.figure([await aggregated('short'), await aggregated('long', { epoch: 20 })])
    assert.deepEqual(labelsOf(panelOf(mixed, BASIC[0])), ['short', 'long'])
  })
})
