import { captionOf } from '../caption.ts'
import type { LabelledResult } from '../experiment.ts'
import type { Figure, Series } from '../plot/figure.ts'
import { level, overTime } from './over-time.ts'
import type { UniformityMeasures } from './uniformity.ts'

/** The statistic of one node against what uniform draws would give, and how many nodes take theirs for not uniform. */
export function uniformityFigure(results: Array<LabelledResult<UniformityMeasures>>): Figure {
  const series = (value: (measures: UniformityMeasures) => number): Series[] =>
    results.map(({ label, result }) => overTime(label, result, value))
  const across = (y: number) => level(results, 'uniform draws', y)

  return {
    title: 'Samples of getPeer() against uniform draws',
    caption: captionOf(results),
    panels: [
      {
        title: 'Chi-square at one node',
        x: { label: 'round' },
        y: { label: 'chi-square per degree of freedom' },
        series: [...series(({ chiSquare, degreesOfFreedom }) => chiSquare / degreesOfFreedom), across(1)]
      },
      {
        title: 'Nodes that reject uniformity (at 5 %)',
        x: { label: 'round' },
        y: { label: 'nodes (%)' },
        series: [...series(({ rejected }) => rejected * 100), across(5)]
      }
    ]
  }
}
