import { CyclonSampling } from './cyclon.ts'
import { GenericSampling } from './generic.ts'
import { NewscastSampling } from './newscast.ts'
import type { PeerSamplingProtocol, SamplingPopulation } from './protocol.ts'
import { RankingSampling } from './ranking.ts'

/** The state machine of the variant that the parameters name. */
export function createSamplingProtocol(population: SamplingPopulation): PeerSamplingProtocol {
  switch (population.parameters.exchange) {
    case 'cyclon':
      return new CyclonSampling(population)
    case 'newscast':
      return new NewscastSampling(population)
    case 'ranking':
      return new RankingSampling(population)
    case 'generic':
      return new GenericSampling(population)
  }
}
