import type { Axis as AxisSpec, Scale } from 'vega'
import type { Axis } from './figure.ts'
import { logTicks } from './log-ticks.ts'
import { INK } from './look.ts'
import type { Range } from './range.ts'
import { FONT, FONT_SIZE } from './sizes.ts'

/** About how many ticks a linear axis has. */
const TICKS = 6

/**
 * @param range - the pixels where the domain begins and ends
 * @param nice - whether the domain may become larger, to begin and end at a tick
 */
export function scaleSpec(name: 'x' | 'y', axis: Axis, domain: Range, range: Range, nice: boolean): Scale {
  return axis.scale === 'log'
    ? { name, type: 'log', domain, range, clamp: true }
    : { name, type: 'linear', domain, range, zero: false, nice: nice ? TICKS : false }
}

/**
 * An axis.
 *
 * @param whole - whether it shows nothing but whole numbers, between which there is nothing to label
 * @param grid - whether lines run across the plot at its labels
 */
export function axisSpecs(name: 'x' | 'y', axis: Axis, [low, high]: Range, whole: boolean, grid: boolean): AxisSpec[] {
  const common: AxisSpec = {
    scale: name,
    orient: name === 'x' ? 'bottom' : 'left',
    aria: false,
    domainColor: INK,
    tickColor: INK,
    tickSize: 4
  }
  const labelled: AxisSpec = {
    ...common,
    grid,
    gridScale: 'x',
    gridColor: '#e4e4e4',
    labelFont: FONT,
    labelFontSize: FONT_SIZE.tick,
    labelColor: INK,
    // nothing that would need the width of a text
    labelOverlap: false,
    labelLimit: 0,
    labelPadding: 3
  }

  if (axis.scale !== 'log') {
    const numbers = numberLabels(Math.max(Math.abs(low), Math.abs(high)))
    return [{ ...labelled, tickCount: TICKS, tickMinStep: whole ? 1 : 0, ...numbers }]
  }

  const { labels, between } = logTicks(low, high)
  const texts = JSON.stringify(Object.fromEntries(labels))

  return [
    { ...labelled, values: [...labels.keys()], ...labelText(`(${texts})[datum.value]`) },
    { ...common, values: between, labels: false, tickSize: 2.5, domain: false }
  ]
}

/** Short numbers are written out, great ones with k and M, others as a power of ten. */
function numberLabels(greatest: number): Partial<AxisSpec> {
  if (greatest >= 1e-3 && greatest < 1e5) {
    return { format: '~f' }
  }

  const format = greatest >= 1e5 && greatest < 1e9 ? '.9~s' : '.9~e'
  return labelText(`datum.value === 0 ? '0' : format(datum.value, '${format}')`)
}

/** @param expression - gives a label's text, in Vega's language */
function labelText(expression: string): Partial<AxisSpec> {
  return { encode: { labels: { update: { text: { signal: expression } } } } }
}
