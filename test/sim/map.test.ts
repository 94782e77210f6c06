import assert from 'node:assert/strict'
import fc from 'fast-check'
import { drawFigure } from '../../src/sim/plot/draw.ts'
import type { Panel, Series } from '../../src/sim/plot/figure.ts'
import { equalRanges } from '../../src/sim/plot/range.ts'
import { type Element, everyElement, parseXml } from '../support/xml.ts'

type Segment = [number, number, number, number]

const SIDE = 366

function segmentsOf(segments: Segment[], label = 'links'): Series {
  return { label, kind: 'segments', points: [], segments }
}

function mapOf(series: Series[], more: Partial<Panel> = {}): Panel {
  return { x: { label: 'east' }, y: { label: 'north' }, aspect: 'equal', axes: false, series, ...more }
}

const CURVE: Panel = {
  x: { label: 'round' },
  y: { label: 'share (%)' },
  series: [{ label: 'cyclon', points: Array.from({ length: 20 }, (_, x) => [x, 100 - x * x]) }]
}

async function draw(...panels: Panel[]): Promise<Element> {
  return parseXml(await drawFigure({ title: 'a crowd', caption: 'seed 1', panels }))
}

function classed(svg: Element, prefix: string): Element[] {
  return everyElement(svg).filter(({ attributes }) => attributes.get('class')?.startsWith(prefix))
}

/** The paths of all series of lines, strokes among them, in the order in which they are drawn. */
function pathsOf(svg: Element): Element[] {
  return classed(svg, 'mark-line ').flatMap(({ children }) => children)
}

/** The strokes of a path, from end to end. */
function strokesOf(path: Element): Segment[] {
  const strokes = (path.attributes.get('d') ?? '').split('M').slice(1)
  return strokes.map(stroke => stroke.split(/[L,]/).map(Number) as Segment)
}

/** Width and height of each plot, in the order of the panels. */
function plotSizes(svg: Element): Array<[width: number, height: number]> {
  const sizes = everyElement(svg).map(({ attributes }) =>
    /^M0,0h([\d.]+)v([\d.]+)h-/.exec(attributes.get('class') === 'background' ? (attributes.get('d') ?? '') : '')
  )
  return sizes.flatMap(size => (size !== null && Number(size[1]) === SIDE ? [[SIDE, Number(size[2])]] : []))
}

/** Each element without its children, and how far below the top of the picture its origin is. */
function placed(element: Element, above = 0): Array<[element: Element, top: number]> {
  const shift = /translate\([-\d.]+,([-\d.]+)\)/.exec(element.attributes.get('transform') ?? '')
  const top = above + Number(shift?.[1] ?? 0)
  return [[{ ...element, children: [] }, top], ...element.children.flatMap(child => placed(child, top))]
}

function textsOf(svg: Element): string[] {
  return everyElement(svg)
    .filter(({ name }) => name === 'text')
    .map(({ text }) => text)
}

/** The torus of so many rows, each node linked to the next in its row and in its column. */
function torus(rows: number): { nodes: Array<[number, number]>; links: Segment[] } {
  const nodes = Array.from({ length: rows * rows }, (_, i): [number, number] => [i % rows, Math.floor(i / rows)])
  const links = nodes.flatMap(([x, y]): Segment[] => [
    [x, y, (x + 1) % rows, y],
    [x, y, x, (y + 1) % rows]
  ])
  return { nodes, links }
}

describe('a map', () => {
  it('is a square on which a unit is as long both ways', async () => {
    const svg = await draw(
      mapOf([
        segmentsOf([
          [0, 0, 4, 0],
          [0, 0, 0, 1],
          [1, 1, 2, 0]
        ])
      ])
    )
    const [path] = pathsOf(svg)
    assert.deepEqual(plotSizes(svg), [[SIDE, SIDE]])
    // north is up, and what is less high than wide lies in the middle
    const south = SIDE / 2 + SIDE / 8
    const unit = SIDE / 4
    const tenth = (length: number) => Math.round(10 * length) / 10
    const expected = [
      [0, south, SIDE, south],
      [0, south, 0, south - unit],
      [unit, south - unit, 2 * unit, south]
    ]
    assert.deepEqual(
      strokesOf(path),
      expected.map(stroke => stroke.map(tenth))
    )
  })

  it('shows each segment, and joins none to the next', async () => {
    const { links } = torus(7)
    const [path, ...others] = pathsOf(await draw(mapOf([segmentsOf(links)])))
    const at = (place: number) => Math.round(10 * ((place * SIDE) / 6)) / 10
    assert.deepEqual(others, [])
    assert.deepEqual(
      strokesOf(path),
      links.map(([x1, y1, x2, y2]) => [at(x1), at(6 - y1), at(x2), at(6 - y2)])
    )
  })

  it('shows dots as strokes of no length with round ends, above the segments', async () => {
    const { nodes, links } = torus(5)
    const dots: Series = { label: 'nodes', kind: 'dots', points: nodes }
    const [lower, upper] = pathsOf(await draw(mapOf([dots, segmentsOf(links)])))
    assert.equal(strokesOf(lower).length, links.length)
    assert.equal(strokesOf(upper).length, nodes.length)
    assert.ok(strokesOf(upper).every(([x1, y1, x2, y2]) => x1 === x2 && y1 === y2))
    assert.equal(upper.attributes.get('stroke-linecap'), 'round')
    assert.notEqual(upper.attributes.get('stroke'), lower.attributes.get('stroke'))
    assert.ok(Number(upper.attributes.get('stroke-width')) > 2 * Number(lower.attributes.get('stroke-width')))
  })

  it('leaves out a segment one of whose ends is nowhere', async () => {
    const good: Segment = [0, 0, 1, 1]
    const bad = [0, 1, 2, 3].map(at => good.map((value, i) => (i === at ? Number.NaN : 5 * value)) as Segment)
    const [path] = pathsOf(await draw(mapOf([segmentsOf([...bad, good, [0, 0, 9, Infinity]])])))
    assert.deepEqual(strokesOf(path), [[0, SIDE, SIDE, 0]])
  })

  it('does not take in zero, which is a place like any other', async () => {
    const [path] = pathsOf(await draw(mapOf([segmentsOf([[10, 20, 40, 50]])])))
    assert.deepEqual(strokesOf(path), [[0, SIDE, SIDE, 0]])
  })

  it('ends where its values end, at a tick or not', async () => {
    const [path] = pathsOf(await draw(mapOf([segmentsOf([[0.31, 0.31, 7.77, 7.77]])], { axes: true })))
    assert.deepEqual(strokesOf(path), [[0, SIDE, SIDE, 0]])
  })

  it('is linear whatever its axes say', async () => {
    const series = [
      segmentsOf([
        [-1, -1, 0, 0],
        [0, 0, 3, 3]
      ])
    ]
    const log = { label: '', scale: 'log' } as const
    const [path] = pathsOf(await draw(mapOf(series, { x: log, y: log })))
    assert.deepEqual(strokesOf(path), [
      [0, SIDE, 91.5, 274.5],
      [91.5, 274.5, SIDE, 0]
    ])
  })

  it('has axes with their labels unless it shall not, and never a grid', async () => {
    const series = [segmentsOf(torus(5).links)]
    const without = await draw(mapOf(series))
    const withAxes = await draw(mapOf(series, { axes: true }))
    const gridded = await draw({ ...mapOf(series, { axes: true }), aspect: undefined })
    const count = (svg: Element, what: string) => classed(svg, `mark-rule role-axis-${what}`).length

    assert.deepEqual(
      [without, withAxes, gridded].map(svg => count(svg, 'grid')),
      [0, 0, 1]
    )
    assert.deepEqual(
      [without, withAxes, gridded].map(svg => count(svg, 'domain')),
      [0, 2, 2]
    )
    assert.deepEqual(
      [without, withAxes].map(svg => textsOf(svg).includes('north')),
      [false, true]
    )
    assert.deepEqual(
      [without, withAxes].map(svg => textsOf(svg).includes('4')),
      [false, true]
    )
    assert.ok(Number(without.attributes.get('width')) < Number(withAxes.attributes.get('width')))
    assert.deepEqual(strokesOf(pathsOf(withAxes)[0]), strokesOf(pathsOf(without)[0]))
  })

  it('makes ordinary panels beside it as high, and leaves those of other rows as they are', async () => {
    const map = mapOf([segmentsOf(torus(5).links)])
    const heights = async (...panels: Panel[]) => plotSizes(await draw(...panels)).map(([, height]) => height)
    const [ordinary] = await heights(CURVE)
    assert.ok(ordinary < SIDE)
    assert.deepEqual(await heights(map, CURVE, CURVE, CURVE, CURVE, map), [
      ...[SIDE, SIDE],
      ...[ordinary, ordinary],
      ...[SIDE, SIDE]
    ])
  })

  it('covers nobody: rows of panels are below each other, one gap apart, and the caption below them all', async () => {
    const square: Panel = { ...CURVE, aspect: 'equal' }
    const layout = async (...panels: Panel[]) => {
      const svg = await draw(...panels)
      const places = placed(svg)
      const caption = places.find(([{ text }]) => text === 'seed 1')?.[1] ?? 0
      const tops = places.flatMap(([element, top]) => (plotSizes(element).length > 0 ? [top] : []))
      return { tops: [...new Set(tops)], caption, height: Number(svg.attributes.get('height')) }
    }
    const plain = await layout(CURVE, CURVE, CURVE, CURVE, CURVE)
    const mixed = await layout(square, CURVE, CURVE, CURVE, square)
    const taller = SIDE - plotSizes(await draw(CURVE))[0][1]
    assert.ok(taller > 0)
    assert.deepEqual(
      mixed.tops,
      plain.tops.map((top, row) => top + (row > 0 ? taller : 0))
    )
    assert.equal(mixed.tops.length, 3)
    // between a plot and the next is what is between the last one and the caption, and the space above a plot
    assert.ok(plain.tops[2] - plain.tops[1] > plain.caption - plain.tops[2])
    assert.equal(mixed.caption, plain.caption + 2 * taller)
    assert.equal(mixed.height, plain.height + 2 * taller)
  })

  it('tells in its legend what is drawn as what', async () => {
    const dots: Series = { label: 'nodes', kind: 'dots', points: [[0, 0]] }
    const svg = await draw(mapOf([segmentsOf([[0, 0, 1, 1]]), dots]))
    assert.deepEqual(
      ['links', 'nodes'].map(label => textsOf(svg).includes(label)),
      [true, true]
    )
    const [lower, upper] = pathsOf(svg)
    const keys = [...classed(svg, 'mark-rule '), ...classed(svg, 'mark-symbol ')].flatMap(({ children }) => children)
    const [rule, symbol] = keys
    assert.equal(keys.length, 2)
    assert.equal(rule.attributes.get('stroke'), lower.attributes.get('stroke'))
    assert.equal(symbol.attributes.get('fill'), upper.attributes.get('stroke'))
  })

  it('of 2,500 nodes and 10,000 links takes less than 30 bytes for each', async () => {
    const { nodes } = torus(50)
    const links = Array.from(
      { length: 10_000 },
      (_, i): Segment => [...nodes[(i * 7) % 2_500], ...nodes[(i * i * 13 + 5) % 2_500]]
    )
    const figure = (series: Series[]) => drawFigure({ title: '', caption: '', panels: [mapOf(series)] })
    const empty = await figure([segmentsOf([]), { label: 'nodes', kind: 'dots', points: [] }])
    const full = await figure([segmentsOf(links), { label: 'nodes', kind: 'dots', points: nodes }])
    assert.ok(full.length - empty.length < 12_500 * 30, `${full.length}`)
    // an empty path is not written
    assert.equal(everyElement(parseXml(full)).length, everyElement(parseXml(empty)).length + 2)
  })

  it('spans its values around their middle, both ways the same', () => {
    const end = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    const ends = fc.tuple(end, end).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)])

    fc.assert(
      fc.property(ends, ends, (x, y) => {
        const wide = Math.max(x[1] - x[0], y[1] - y[0])
        const close = (a: number, b: number) => Math.abs(a - b) < 1e-6
        const spans = equalRanges(x, y)

        for (const [given, [low, high]] of [x, y].map((given, i) => [given, spans[i]])) {
          assert.ok(close(high - low, wide))
          assert.ok(close(low + high, given[0] + given[1]))
        }
      })
    )
  })
})
