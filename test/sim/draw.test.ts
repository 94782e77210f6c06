import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as vega from 'vega'
import { bars } from '../../src/sim/plot/bars.ts'
import { drawFigure } from '../../src/sim/plot/draw.ts'
import type { Figure, Panel, Series } from '../../src/sim/plot/figure.ts'
import { logTicks, roundLogRange } from '../../src/sim/plot/log-ticks.ts'
import { textWidth, wrap } from '../../src/sim/plot/text.ts'
import { type Element, everyElement, parseXml } from '../support/xml.ts'

const rounds = Array.from({ length: 101 }, (_, round) => round)

function decay(label: string, more: Partial<Series> = {}): Series {
  return { label, points: rounds.map(round => [round, 3 + 30 * Math.exp(-round / 9)]), ...more }
}

function panelOf(series: Series[], scale: 'linear' | 'log' = 'linear'): Panel {
  return { x: { label: 'round' }, y: { label: 'in-degree (links)', scale }, series }
}

function figureOf(...panels: Panel[]): Figure {
  return { title: 'a crowd', caption: 'seed 1', panels }
}

async function draw(...panels: Panel[]): Promise<Element> {
  return parseXml(await drawFigure(figureOf(...panels)))
}

/** The lines of text in the picture. */
function textsOf(svg: Element): string[] {
  return everyElement(svg)
    .filter(({ name }) => name === 'text' || name === 'tspan')
    .map(({ text }) => text)
    .filter(text => text !== '')
}

/** What stands between the axes: the items of each mark of this type, in the order of the series. */
function marksOf(svg: Element, type: 'line' | 'symbol' | 'rect' | 'area'): Element[][] {
  const hasClass = (element: Element, name: string) => element.attributes.get('class')?.startsWith(name) === true
  return everyElement(svg)
    .filter(({ children }) => children.some(child => hasClass(child, 'mark-group role-axis')))
    .flatMap(plot => plot.children.filter(child => hasClass(child, `mark-${type} `)))
    .map(({ children }) => children)
}

describe('a figure', () => {
  it('says all that it was given to say', async () => {
    const series = [decay('cyclon'), decay('random graph', { kind: 'yardstick' })]
    const svg = parseXml(await drawFigure(figureOf({ ...panelOf(series), title: 'balance' })))
    const texts = textsOf(svg)

    for (const text of [
      'a crowd',
      'balance',
      'round',
      'in-degree (links)',
      'cyclon',
      'random graph',
      'seed 1',
      '100'
    ]) {
      assert.ok(texts.includes(text), text)
    }

    const spoken = svg.children.filter(({ name }) => name === 'title' || name === 'desc').map(({ text }) => text)
    assert.deepEqual(spoken, ['a crowd', 'balance (in-degree (links) over round): cyclon, random graph; seed 1'])
  })

  it('shows hostile text as text', async () => {
    const hostile = `</text><script>alert("1")</script>&amp;'$&]]>\u0000\u001b\ud800{{x}}`
    const shown = `</text><script>alert("1")</script>&amp;'$&]]>\ufffd{{x}}`
    const axis = { label: hostile }
    const panel = { title: hostile, x: axis, y: axis, series: [decay(hostile)] }
    const svg = parseXml(await drawFigure({ title: hostile, caption: hostile, panels: [panel] }))

    assert.ok(everyElement(svg).every(({ name }) => name !== 'script'))
    // title, caption, panel, axes, legend
    assert.equal(textsOf(svg).join('').replaceAll(' ', '').split(shown).length - 1, 6)
  })

  it('is the same every time, whatever the machine makes of its fonts', async () => {
    const logarithmic = panelOf([decay('cyclon', { spread: rounds.map(() => 1) }), decay('newscast')], 'log')
    const figure = figureOf(panelOf([decay('cyclon', { kind: 'bars' })]), logarithmic)
    const before = await drawFigure(figure)
    assert.equal(await drawFigure(figure), before)

    const { textMetrics } = vega as unknown as { textMetrics: { width: () => number; height: () => number } }
    const { width, height } = textMetrics

    try {
      Object.assign(textMetrics, { width: () => 1_000, height: () => 77 })
      assert.ok((await drawFigure(figure)) === before)
    } finally {
      Object.assign(textMetrics, { width, height })
    }
  })

  it('tells a dozen series apart without colours, the first six by the dashes alone and by the marks alone', async () => {
    const svg = await draw(panelOf(Array.from({ length: 13 }, (_, i) => decay(`series ${i}`))))
    const dashes = marksOf(svg, 'line').map(([line]) => line.attributes.get('stroke-dasharray'))
    const shapes = marksOf(svg, 'symbol').map(([symbol]) => symbol.attributes.get('d'))
    const hollow = marksOf(svg, 'symbol').map(([symbol]) => symbol.attributes.get('fill') === '#fff')
    const looks = dashes.map((dash, i) => `${dash} ${shapes[i]} ${hollow[i]}`)

    assert.equal(new Set(dashes.slice(0, 6)).size, 6)
    assert.equal(new Set(shapes.slice(0, 6)).size, 6)
    assert.equal(new Set(looks.slice(0, 12)).size, 12)
    assert.equal(looks[12], looks[0])
  })

  it('gives a series the same look in every panel, and two series of one label two looks', async () => {
    const svg = await draw(
      panelOf([decay('cyclon'), decay('newscast')]),
      panelOf([decay('newscast'), decay('cyclon'), decay('cyclon')])
    )
    const looks = marksOf(svg, 'line').map(([line]) => line.attributes.get('stroke'))
    assert.deepEqual([looks[2], looks[3]], [looks[1], looks[0]])
    assert.equal(new Set(looks).size, 3)
  })

  it('has one legend when one panel shows all series of the others, else one each', async () => {
    const both = panelOf([decay('cyclon'), decay('newscast')])
    const turned = panelOf([decay('newscast'), decay('cyclon', { kind: 'points' })])
    const count = (svg: Element) => textsOf(svg).filter(text => text === 'cyclon').length

    assert.equal(count(await draw(both, turned, panelOf([decay('cyclon')]))), 1)
    assert.equal(count(await draw(both, turned, panelOf([decay('cyclon'), decay('blind')]))), 3)
  })

  it('marks some ten points of a line, each of a series of points, none of a yardstick', async () => {
    const kinds = ['line', 'points', 'yardstick'] as const
    const svg = await draw(panelOf(kinds.map(kind => decay(kind, { kind }))))
    const [line, points, yardstick] = marksOf(svg, 'symbol')
    assert.ok(line.length >= 8 && line.length <= 12)
    assert.equal(points.length, rounds.length)
    assert.deepEqual(yardstick, [])
  })

  it('interrupts a line where a value is missing, and shows a point that stands alone', async () => {
    const nothing = Number.NaN
    const heights = [...Array(40).fill(5), nothing, 5, Infinity, ...Array(40).fill(5)]
    const svg = await draw(panelOf([{ label: '', points: heights.map((y, x) => [x, y]) }]))
    const [[line]] = marksOf(svg, 'line')
    const [symbols] = marksOf(svg, 'symbol')
    const alone = /Z?M([\d.,]+)Z/.exec(line.attributes.get('d') ?? '')?.[1]
    assert.equal(line.attributes.get('d')?.split('M').length, 4)
    assert.ok(symbols.some(({ attributes }) => attributes.get('transform') === `translate(${alone})`))
  })

  it('leaves out of a logarithmic axis what is not above zero', async () => {
    const points: Series['points'] = [-1, 0, 1, 10, 1_000].map((y, x) => [x, y])
    const svg = await draw(panelOf([{ label: '', kind: 'points', points }], 'log'))
    const places = marksOf(svg, 'symbol')[0].map(({ attributes }) => attributes.get('transform') ?? '')
    const heights = places.map(place => Number(/,([\d.]+)\)/.exec(place)?.[1]))
    assert.equal(heights.length, 3)
    assert.equal(heights[1], Math.round(100 * (heights[0] - (heights[0] - heights[2]) / 3)) / 100)
  })

  it('says what the band around a line is', async () => {
    const svg = await draw(panelOf([decay('cyclon', { spread: rounds.map(() => 2) })]))
    assert.equal(marksOf(svg, 'area').length, 1)
    assert.ok(textsOf(svg).includes('± 1 standard deviation'))
  })

  it('has a band that goes below zero only where values do', async () => {
    const hasNegative = async (...points: Array<[number, number]>) => {
      const svg = await draw(panelOf([{ label: 'count', points, spread: points.map(() => 3) }]))
      return textsOf(svg).some(text => text.startsWith('−'))
    }
    assert.equal(await hasNegative([0, 0], [1, 2], [2, 5]), false)
    assert.equal(await hasNegative([0, -1], [1, 2], [2, 5]), true)
  })

  it('can be drawn of any data', async () => {
    // some of the words that are in every object of JavaScript
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('toString', '__proto__', 'constructor'))
    const number = fc.oneof(
      fc.double(),
      fc.double({ min: -10, max: 10 }),
      fc.integer({ min: -3, max: 3 }),
      fc.constant(Number.MIN_VALUE)
    )
    const axis = fc.record({ label: text, scale: fc.constantFrom('linear', 'log', undefined) })
    const series = fc.record({
      label: text,
      points: fc.array(fc.tuple(number, number), { maxLength: 6 }),
      spread: fc.option(fc.array(number, { maxLength: 6 }), { nil: undefined }),
      segments: fc.option(fc.array(fc.tuple(number, number, number, number), { maxLength: 4 }), { nil: undefined }),
      kind: fc.constantFrom('line', 'bars', 'points', 'yardstick', 'segments', 'dots', undefined)
    })
    const panel = fc.record({
      x: axis,
      y: axis,
      series: fc.array(series, { maxLength: 4 }),
      aspect: fc.constantFrom('equal', undefined),
      axes: fc.constantFrom(true, false, undefined)
    })
    const figure = fc.record({ title: text, caption: text, panels: fc.array(panel, { maxLength: 3 }) })

    await fc.assert(
      fc.asyncProperty(figure as fc.Arbitrary<Figure>, async given => {
        const svg = parseXml(await drawFigure(given))
        const lengths = everyElement(svg).flatMap(({ attributes }) => [...attributes.values()])
        assert.ok(lengths.every(length => !/NaN|Infinity|undefined|null/.test(length)))
      }),
      { numRuns: 40 }
    )
  })
})

describe('the parts of a figure', () => {
  const positive = fc.double({ min: 1e-90, max: 1e90, noNaN: true })

  it('has lines of text within the width that say every word in its order', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'B', '-', '節', '🐢') }), { maxLength: 30 })

    fc.assert(
      fc.property(words, fc.integer({ min: 11, max: 300 }), (given, width) => {
        const lines = wrap(given.join(' '), 10, width)
        assert.equal(lines.join('').replaceAll(' ', ''), given.join(''))
        assert.ok(lines.every(line => line !== '' && textWidth(line, 10) <= width))
      })
    )
  })

  it('has logarithmic axes that hold their values closely and label at least two numbers', () => {
    fc.assert(
      fc.property(positive, fc.double({ min: 1.1, max: 1e9, noNaN: true }), (from, factor) => {
        const to = from * factor
        const [low, high] = roundLogRange(from, to)
        assert.ok(low <= from && low > from / 2.51)
        assert.ok(high >= to && high < to * 2.51)

        const { labels, between } = logTicks(low, high)
        const values = [...labels.keys()]
        assert.ok(values.length >= 2 && values.length <= 8)
        assert.equal(new Set(labels.values()).size, values.length)
        assert.ok([...values, ...between].every(value => value >= low && value <= high))
        assert.ok(between.every(value => !labels.has(value)))
      })
    )
  })

  it('has bars that do not cover their neighbours', () => {
    const row = (x: number) => ({ x, y: 1, low: 1, high: 1, drawn: true, marked: true })

    fc.assert(
      fc.property(fc.uniqueArray(positive, { minLength: 2 }), fc.integer({ min: 1, max: 6 }), (xs, count) => {
        const linear = bars(Array(count).fill(xs.map(row)), { label: '' })
        const [low, high] = linear.edges
        const nearest = Math.min(...xs.flatMap(x => xs.filter(other => other > x).map(other => other - x)))
        assert.ok(count * linear.width(low, high) * (high - low) < nearest)
      })
    )
  })
})
