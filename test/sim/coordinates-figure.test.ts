import assert from 'node:assert/strict'
import type { CoordinateOptions } from '../../src/sim/coordinates/parameters.ts'
import type { LabelledResult } from '../../src/sim/experiment.ts'
import { type CoordinateMeasures, coordinates } from '../../src/sim/experiments/index.ts'
import { drawFigure } from '../../src/sim/plot/draw.ts'
import type { Figure } from '../../src/sim/plot/figure.ts'
import { repeat } from '../../src/sim/repeat.ts'
import { simulate } from '../../src/sim/simulate.ts'

const SMALL: CoordinateOptions = { nodes: 40, rounds: 20 }

async function labelled(label: string, options: CoordinateOptions = {}): Promise<LabelledResult<CoordinateMeasures>> {
  return { label, result: await simulate(coordinates, { ...SMALL, ...options }) }
}

function titlesOf({ panels }: Figure): Array<string | undefined> {
  return panels.map(({ title }) => title)
}

const ALWAYS = ['Errors of predictions', 'Distribution of errors in the end']

describe('the figure of coordinates', () => {
  it('shows errors over samples, their distribution, the drift, and of a single result the nodes', async () => {
    const one = await labelled('')
    const figure = coordinates.figure([one])
    assert.deepEqual(titlesOf(figure), [...ALWAYS, 'Drift of the centre', 'The nodes in the end'])
    assert.deepEqual(
      figure.panels[0].series.map(({ label }) => label),
      ['median', '90th percentile']
    )
    assert.deepEqual(
      figure.panels[0].series[1].points,
      one.result.rounds.map(({ samplesPerNode, p90RelativeError }) => [samplesPerNode, p90RelativeError * 100])
    )
    assert.match(
      figure.caption,
      /^nodes 40, rounds 20, .*topology internet, dimensions 8, seed 1\nThe map has .* heights/
    )
    assert.match(await drawFigure(figure), /^<svg[\s\S]*<\/svg>$/)
  })

  it('has a distribution that goes with the percentiles', async () => {
    const { result } = await labelled('')
    const [, { series }] = coordinates.figure([{ label: '', result }]).panels
    const [{ points }] = series
    assert.equal(points.length, 99)
    assert.ok(points.every(([error], i) => i === 0 || error >= points[i - 1][0]))
    assert.equal(points[49][1], 50)
    assert.ok(Math.abs(points[49][0] / 100 - result.final.medianRelativeError) < 0.01)
    assert.ok(Math.abs(points[89][0] / 100 - result.final.p90RelativeError) < 0.02)
  })

  it('shows the nearest and their links where they were looked for, and landmarks where there are any', async () => {
    const figure = coordinates.figure([await labelled('', { proximity: true, landmarks: 9 })])
    assert.deepEqual(titlesOf(figure), [...ALWAYS, 'The nearest five', 'The nodes in the end'])
    const [, distribution, , map] = figure.panels
    assert.deepEqual(
      distribution.series.map(({ label }) => label),
      ['coordinates', 'landmarks']
    )
    const [links, dots] = map.series
    assert.equal(map.aspect, 'equal')
    assert.equal(dots.points.length, 40)
    // five of each node, of which some have each other
    assert.ok((links.segments?.length ?? 0) >= 100 && (links.segments?.length ?? 0) <= 200)
    const ends = links.segments?.map(([x1, y1, x2, y2]) => [`${x1},${y1}`, `${x2},${y2}`].sort().join(' '))
    assert.equal(new Set(ends).size, links.segments?.length)
    const places = new Set(dots.points.map(String))
    assert.ok(links.segments?.every(([x1, y1, x2, y2]) => places.has(`${x1},${y1}`) && places.has(`${x2},${y2}`)))
  })

  it('has a series of each of several results, and no map', async () => {
    const figure = coordinates.figure([await labelled('one'), await labelled('other', { dimensions: 2 })])
    assert.deepEqual(titlesOf(figure), [...ALWAYS, 'Drift of the centre'])
    assert.deepEqual(
      figure.panels.map(({ series }) => series.map(({ label }) => label)),
      [
        ['one, median', 'other, median', 'one, 90th percentile', 'other, 90th percentile'],
        ['one, coordinates', 'other, coordinates'],
        ['one, drift', 'other, drift']
      ]
    )
  })

  it('shows the nodes of the first of several runs, and says so', async () => {
    const result = await repeat(coordinates, SMALL, 2, { seed: 3 })
    const { panels } = coordinates.figure([{ label: '', result }])
    assert.equal(panels[3].title, 'The nodes in the end, seed 3')
    assert.equal(panels[0].series[0].spread?.length, 20)
  })
})
