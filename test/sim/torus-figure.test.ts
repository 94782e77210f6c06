import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { LabelledResult } from '../../src/sim/experiment.ts'
import { torus } from '../../src/sim/experiments/index.ts'
import { drawFigure } from '../../src/sim/plot/draw.ts'
import type { Figure } from '../../src/sim/plot/figure.ts'
import { repeat } from '../../src/sim/repeat.ts'
import type { ShapeMeasures } from '../../src/sim/shape/meter.ts'
import type { TorusOptions } from '../../src/sim/shape/parameters.ts'
import { linkSegments, mapPanel } from '../../src/sim/shape/torus-map.ts'
import { simulate } from '../../src/sim/simulate.ts'

const SMALL: TorusOptions = { side: 10, rounds: 8, view: 10, randomView: 10 }

async function labelled(label: string, options: TorusOptions = {}): Promise<LabelledResult<ShapeMeasures>> {
  return { label, result: await simulate(torus, { ...SMALL, ...options }) }
}

function titlesOf({ panels }: Figure): Array<string | undefined> {
  return panels.map(({ title }) => title)
}

const OVER_TIME = ['Missing links', 'Neighbours', 'Routes', 'Length of routes']

describe('the figure of a torus', () => {
  it('shows measures over time, and of a single result the torus', async () => {
    const one = await labelled('')
    const figure = torus.figure([one])
    assert.deepEqual(titlesOf(figure), [...OVER_TIME, 'At the start', 'After round 5', 'After round 8'])
    assert.deepEqual(
      figure.panels[0].series[0].points,
      one.result.rounds.map(({ round, missingLinks }) => [round, missingLinks * 100])
    )
    assert.equal(figure.panels[0].y.scale, 'log')
    assert.match(figure.caption, /^torus 10x10, nodes 100, rounds 8, view 10, message 10, psi 5, random-view 10/)
    assert.match(await drawFigure(figure), /^<svg[\s\S]*<\/svg>$/)
  })

  it('has a series of each of several results and no torus, and links to the dead where there are any', async () => {
    const figure = torus.figure([await labelled('one'), await labelled('other', { crash: [{ share: 0.2, round: 4 }] })])
    assert.deepEqual(titlesOf(figure), [...OVER_TIME, 'Links to the dead'])
    assert.deepEqual(
      figure.panels.map(({ series }) => series.map(({ label }) => label)),
      Array.from({ length: 5 }, () => ['one', 'other'])
    )
  })

  it('shows the torus of the first of several runs, and says so', async () => {
    const result = await repeat(torus, SMALL, 2, { seed: 3 })
    const titles = titlesOf(torus.figure([{ label: '', result }]))
    assert.deepEqual(titles.slice(4), ['At the start, seed 3', 'After round 5, seed 3', 'After round 8, seed 3'])
  })
})

describe('a map of a torus', () => {
  it('has a dot for each node, and a line for each link', () => {
    const map = { width: 4, height: 3, round: 1, nodes: Int32Array.of(0, 5, 11), links: Int32Array.of(0, 5) }
    const { series, aspect, axes } = mapPanel('map', map)
    assert.deepEqual([aspect, axes], ['equal', false])
    assert.deepEqual(series[0].segments, [[0, 0, 1, 1]])
    assert.deepEqual(series[1].points, [
      [0, 0],
      [1, 1],
      [3, 2]
    ])
  })

  it('draws a link that goes round as a stub at either edge', () => {
    assert.deepEqual(linkSegments([9, 4], [0, 4], 10, 10), [
      [9, 4, 9.5, 4],
      [0, 4, -0.5, 4]
    ])
    assert.deepEqual(linkSegments([3, 0], [4, 9], 10, 10), [
      [3, 0, 3.5, -0.5],
      [4, 9, 3.5, 9.5]
    ])
  })

  it('draws no line that is longer than the short way or leaves the map', () => {
    const size = fc.integer({ min: 2, max: 20 })
    const links = fc
      .tuple(size, size)
      .chain(([width, height]) =>
        fc.tuple(
          fc.constant(width),
          fc.constant(height),
          fc.tuple(fc.nat(width - 1), fc.nat(height - 1)),
          fc.tuple(fc.nat(width - 1), fc.nat(height - 1))
        )
      )

    fc.assert(
      fc.property(links, ([width, height, a, b]) => {
        const segments = linkSegments(a, b, width, height)

        for (const [x1, y1, x2, y2] of segments) {
          assert.ok(Math.abs(x2 - x1) <= width / 2 && Math.abs(y2 - y1) <= height / 2)
          assert.ok(x2 >= -0.5 && x2 <= width - 0.5 && y2 >= -0.5 && y2 <= height - 0.5)
        }

        assert.deepEqual(segments[0].slice(0, 2), a)
        assert.deepEqual(segments.length === 1 ? segments[0].slice(2) : segments[1].slice(0, 2), b)
      })
    )
  })
})
