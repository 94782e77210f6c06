import assert from 'node:assert/strict'
import type { LabelledResult } from '../../src/sim/experiment.ts'
import { type PubSubMeasures, type PubSubOptions, pubsub } from '../../src/sim/experiments/index.ts'
import { drawFigure } from '../../src/sim/plot/draw.ts'
import { simulate } from '../../src/sim/simulate.ts'

async function labelled(label: string, options: PubSubOptions = {}): Promise<LabelledResult<PubSubMeasures>> {
  return { label, result: await simulate(pubsub, { nodes: 50, rounds: 14, events: 10, selectivity: 0.1, ...options }) }
}

const labelsOf = ({ series }: { series: Array<{ label: string }> }) => series.map(({ label }) => label)

describe('the figure of publish/subscribe', () => {
  it('shows what arrives over rounds, messages and load next to flooding and a tree, and hops', async () => {
    const one = await labelled('')
    const figure = pubsub.figure([one])
    const [hits, messages, load, hops] = figure.panels
    const { rounds, final } = one.result
    assert.deepEqual(labelsOf(hits), ['members, at once', 'members, after repair', 'events that are complete at once'])
    assert.deepEqual(
      hits.series[0].points,
      rounds.map(({ round, hitRatio }) => [round, hitRatio * 100])
    )
    assert.deepEqual(
      hits.series[1].points.slice(12),
      rounds.slice(12).map(({ round, hitRatioAfterRepair }) => [round, hitRatioAfterRepair * 100])
    )
    assert.deepEqual(labelsOf(messages), ['messages', 'flooding', 'ideal tree'])
    assert.deepEqual(
      messages.series.map(({ kind }) => kind),
      [undefined, 'yardstick', 'yardstick']
    )
    assert.deepEqual(messages.series[2].points.at(-1), [14, final.tree.messagesPerEvent])
    assert.deepEqual(labelsOf(load), ['messages', 'flooding', 'ideal tree'])
    assert.deepEqual(labelsOf(hops), ['mean', 'most'])
    assert.match(
      figure.caption,
      /^nodes 50, rounds 14, .*attributes 2, selectivity 0\.1, placement uniform, events 10, seed 1$/
    )
    assert.match(await drawFigure(figure), /^<svg[\s\S]*<\/svg>$/)
  })

  it('has a distribution of load that ends at the most that anybody got, and goes with the mean', async () => {
    const { result } = await labelled('')
    const [{ points }, flooding] = pubsub.figure([{ label: '', result }]).panels[2].series
    const { load, living } = result.final
    assert.deepEqual(points.at(-1), [load.max, 100])
    assert.ok(points.every(([, share], i) => i === 0 || share >= points[i - 1][1]))
    const mean = points.reduce((sum, [x, share], i) => sum + (x * (share - (points[i - 1]?.[1] ?? 0))) / 100, 0)
    assert.ok(Math.abs(mean - load.mean) < 1e-9)
    assert.deepEqual(
      flooding.points.map(([x]) => x),
      [30, 30].map(view => (view * 50) / living)
    )
  })

  it('has a series of each of several results', async () => {
    const figure = pubsub.figure([await labelled('one'), await labelled('other', { placement: 'zipf' })])
    assert.deepEqual(labelsOf(figure.panels[3]), ['one, mean', 'other, mean', 'one, most', 'other, most'])
    assert.ok(figure.panels.every(({ series }) => series.length >= 4))
  })

  it('can be drawn where nobody is left', async () => {
    const figure = pubsub.figure([await labelled('', { crash: [{ share: 1, round: 3 }] })])
    assert.match(await drawFigure(figure), /^<svg[\s\S]*<\/svg>$/)
  })
})
