import { sampling } from '../src/sim/experiments/index.ts'
import { table } from './markdown.ts'
import { CYCLON } from './published.ts'
import { runAll, type Study } from './study.ts'

/** Cyclon's graph next to that of the paper that compared it with HyParView. */
export const cyclon: Study = {
  name: 'cyclon',
  async run(show) {
    const options = {
      nodes: 10_000,
      view: CYCLON.view,
      rounds: 150,
      preset: 'cyclon' as const,
      start: 'lattice' as const
    }
    const results = await runAll(
      sampling,
      [{ label: 'cyclon, from a lattice', options }],
      { seed: 1, times: 3, measureEvery: 5 },
      show
    )
    const { clusteringCoefficient, averagePathLength, components } = results[0].result.final

    return {
      results,
      figure: { ...sampling.figure(results), title: 'Cyclon: from a ring lattice to a random graph' },
      text: `## Cyclon

A view of ${CYCLON.view}, 10,000 nodes, which know only their neighbours on a ring at the start, after 150 rounds (mean of three
seeds; half a view is swapped, which is 17 descriptors here and 14 in the paper):

${table(
  ['', 'HyParView, table 1', 'here'],
  [
    ['clustering coefficient', String(CYCLON.clusteringCoefficient), clusteringCoefficient.toFixed(4)],
    ['average path length', CYCLON.averagePathLength.toFixed(2), averagePathLength.toFixed(2)],
    ['components', '1', String(components)]
  ]
)}`
    }
  }
}
