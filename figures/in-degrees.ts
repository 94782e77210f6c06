import { Random } from '../src/gossip/random.ts'
import { sampling } from '../src/sim/experiments/index.ts'
import { randomGraphMeasures } from '../src/sim/graph/random-graph.ts'
import { digits, table } from './markdown.ts'
import { SPREADS } from './published.ts'
import { runAll, type Study } from './study.ts'

/** The spread of in-degrees of every variant, from a random start until it has settled. */
export const inDegrees: Study = {
  name: 'in-degrees',
  async run(show) {
    const network = { nodes: 10_000, view: 30, rounds: 150 }
    const cases = SPREADS.map(({ label, options }) => ({ label, options: { ...network, ...options } }))
    const results = await runAll(sampling, cases, { seed: 1, times: 3, measureEvery: 5 }, show)

    const yardstick = randomGraphMeasures(network.nodes, network.view, new Random(1))

    const rows = results.map(({ label, result }, i) => {
      const { standardDeviation } = result.final.inDegree
      const spread = result.repeated?.spread.final.inDegree.standardDeviation ?? 0
      const [low, high] = SPREADS[i].published
      const off = standardDeviation < low ? standardDeviation / low - 1 : Math.max(0, standardDeviation / high - 1)
      const published = low === high ? digits(low) : `${digits(low)} to ${digits(high)}`
      return [
        label,
        published,
        `${standardDeviation.toFixed(2)} ± ${spread.toFixed(2)}`,
        off === 0 ? 'within' : `${off > 0 ? '+' : ''}${(off * 100).toFixed(1)} %`,
        result.final.clusteringCoefficient.toFixed(4),
        result.final.averagePathLength.toFixed(3),
        digits(result.final.components)
      ]
    })

    return {
      results,
      figure: { ...sampling.figure(results), title: 'Peer sampling: in-degrees of every variant' },
      text: `## In-degrees

Standard deviation of in-degrees after ${network.rounds} rounds at ${network.nodes} nodes with views of ${network.view};
mean and standard deviation of three seeds. Clustering and path length are those of the undirected graph. "Off" is the
distance to the nearest end of what others found.

${table(
  ['variant', 'others', 'here', 'off', 'clustering', 'path length', 'components'],
  [
    ...rows,
    [
      'random graph',
      '-',
      yardstick.inDegree.standardDeviation.toFixed(2),
      '-',
      yardstick.clusteringCoefficient.toFixed(4),
      yardstick.averagePathLength.toFixed(3),
      String(yardstick.components)
    ]
  ]
)}`
    }
  }
}
