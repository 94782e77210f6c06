import { PRESET_NAMES } from '../src/sampling/parameters.ts'
import { uniformity as experiment } from '../src/sim/experiments/index.ts'
import { percent, table } from './markdown.ts'
import { runAll, type Study } from './study.ts'

const LAG = 20

/** Whether samples are uniform draws. */
export const uniformity: Study = {
  name: 'uniformity',
  async run(show) {
    const cases = PRESET_NAMES.map(preset => ({ label: preset, options: { nodes: 200, view: 30, lag: LAG, preset } }))
    const results = await runAll(experiment, cases, { seed: 1 }, show)
    const rows = results.map(({ label, result: { final } }) => [
      label,
      final.chiSquare.toFixed(0),
      final.pValue.toFixed(3),
      final.meanPValue.toFixed(3),
      percent(final.rejected)
    ])

    return {
      results,
      figure: experiment.figure(results),
      text: `## Uniformity

One sample of \`getPeer()\` every ${LAG} rounds at each of 200 nodes, ${results[0].result.final.draws} draws at each, tested against
uniform draws from the 199 others: chi-square (198 degrees of freedom) and p-value at one node, the mean p-value of all nodes
(0.5 for uniform draws), and the share of nodes whose test rejects uniformity at 5 %.

${table(['variant', 'chi-square', 'p-value', 'mean p-value', 'nodes that reject'], rows)}`
    }
  }
}
