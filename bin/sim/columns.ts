import type { AggregationMeasures } from '../../src/sim/aggregation/meter.ts'
import type { Damage } from '../../src/sim/attack/damage.ts'
import type { CoordinateMeasures } from '../../src/sim/experiments/coordinates.ts'
import type { SamplingMeasures } from '../../src/sim/experiments/sampling.ts'
import type { UniformityMeasures } from '../../src/sim/experiments/uniformity.ts'
import type { PubSubMeasures } from '../../src/sim/pubsub/meter.ts'
import type { ShapeMeasures } from '../../src/sim/shape/meter.ts'

/** A column of the table that people read. */
export interface Column<M = object> {
  title: string
  digits: number
  /** Shown as 1.2e-7: it spans many powers of ten. */
  isScientific?: true
  /** Proportional to one of the measures, or one of them: then it is also what a spread is of. */
  value(measures: M): number
}

const SAMPLING: Array<Column<SamplingMeasures>> = [
  { title: 'LIVING', digits: 0, value: ({ living }) => living },
  { title: 'IN-DEGREE SD', digits: 2, value: ({ inDegree }) => inDegree.standardDeviation },
  { title: 'MAX', digits: 0, value: ({ inDegree }) => inDegree.max },
  { title: 'CLUSTERING', digits: 4, value: ({ clusteringCoefficient }) => clusteringCoefficient },
  { title: 'PATH LENGTH', digits: 3, value: ({ averagePathLength }) => averagePathLength },
  { title: 'COMPONENTS', digits: 0, value: ({ components }) => components },
  { title: 'DEAD LINKS %', digits: 2, value: ({ deadLinks }) => deadLinks * 100 }
]

const UNIFORMITY: Array<Column<UniformityMeasures>> = [
  { title: 'DRAWS', digits: 0, value: ({ draws }) => draws },
  { title: 'PER PEER', digits: 2, value: ({ drawsPerPeer }) => drawsPerPeer },
  { title: 'CHI-SQUARE', digits: 1, value: ({ chiSquare }) => chiSquare },
  { title: 'FREEDOM', digits: 0, value: ({ degreesOfFreedom }) => degreesOfFreedom },
  { title: 'P-VALUE', digits: 4, value: ({ pValue }) => pValue },
  { title: 'MEAN P-VALUE', digits: 4, value: ({ meanPValue }) => meanPValue },
  { title: 'NODES REJECTING %', digits: 1, value: ({ rejected }) => rejected * 100 }
]

const HUB_ATTACK: Array<Column<Damage>> = [
  { title: 'POLLUTED LINKS %', digits: 3, value: ({ pollutedLinks }) => pollutedLinks * 100 },
  { title: 'SAMPLES %', digits: 3, value: ({ pollutedSamples }) => pollutedSamples * 100 },
  { title: 'VICTIM %', digits: 1, value: ({ victimPollutedLinks = Number.NaN }) => victimPollutedLinks * 100 },
  { title: 'ISOLATED', digits: 0, value: ({ isolatedNodes }) => isolatedNodes },
  { title: 'SUSPECTED: ATTACKERS %', digits: 2, value: ({ suspectedAttackers }) => suspectedAttackers * 100 },
  { title: 'HONEST %', digits: 5, value: ({ suspectedHonest }) => suspectedHonest * 100 },
  { title: 'MOST %', digits: 2, value: ({ suspectedMost }) => suspectedMost * 100 },
  { title: 'UNHEEDED %', digits: 2, value: ({ unheeded }) => unheeded * 100 }
]

const TORUS: Array<Column<ShapeMeasures>> = [
  { title: 'LIVING', digits: 0, value: ({ living }) => living },
  { title: 'MISSING LINKS %', digits: 3, value: ({ missingLinks }) => missingLinks * 100 },
  { title: 'MEAN DISTANCE', digits: 3, value: ({ meanDistance }) => meanDistance },
  { title: 'DEAD LINKS %', digits: 2, value: ({ deadLinks }) => deadLinks * 100 },
  { title: 'ROUTES ARRIVED %', digits: 1, value: ({ routeSuccess }) => routeSuccess * 100 },
  { title: 'HOPS', digits: 2, value: ({ routeHops }) => routeHops }
]

const AGGREGATION: Array<Column<AggregationMeasures>> = [
  { title: 'EPOCH', digits: 0, value: ({ epoch }) => epoch },
  { title: 'PARTICIPANTS', digits: 0, value: ({ participants }) => participants },
  { title: 'LIVING', digits: 0, value: ({ living }) => living },
  { title: 'MEAN', digits: 6, value: ({ mean }) => mean },
  { title: 'VARIANCE', digits: 2, isScientific: true, value: ({ variance }) => variance },
  { title: 'FACTOR', digits: 4, value: ({ varianceFactor }) => varianceFactor },
  { title: 'RELATIVE SPREAD', digits: 1, isScientific: true, value: ({ relativeSpread }) => relativeSpread },
  { title: 'ERROR: ESTIMATE', digits: 1, isScientific: true, value: ({ estimateError }) => estimateError },
  { title: 'RESULT', digits: 1, isScientific: true, value: ({ resultError }) => resultError },
  { title: 'MASS', digits: 1, isScientific: true, value: ({ massError }) => massError }
]

const COORDINATES: Array<Column<CoordinateMeasures>> = [
  { title: 'SAMPLES', digits: 1, value: ({ samplesPerNode }) => samplesPerNode },
  { title: 'ERROR: MEDIAN %', digits: 2, value: ({ medianRelativeError }) => medianRelativeError * 100 },
  { title: 'P90 %', digits: 1, value: ({ p90RelativeError }) => p90RelativeError * 100 },
  { title: 'MEDIAN MS', digits: 2, value: ({ medianAbsoluteError }) => medianAbsoluteError },
  { title: 'CLAIMED %', digits: 1, value: ({ meanError }) => meanError * 100 },
  { title: 'DRIFT MS/100 ROUNDS', digits: 2, value: ({ drift }) => drift },
  { title: 'MOVES/SAMPLE', digits: 3, value: ({ movesPerSample }) => movesPerSample },
  { title: 'LANDMARKS: MEDIAN %', digits: 2, value: measures => measures.landmarkMedianRelativeError * 100 },
  { title: 'P90 %', digits: 1, value: ({ landmarkP90RelativeError }) => landmarkP90RelativeError * 100 },
  { title: 'NEAREST FIVE: STRETCH', digits: 3, value: ({ neighbourStretch }) => neighbourStretch },
  { title: 'FOUND %', digits: 1, value: ({ nearestFound }) => nearestFound * 100 },
  { title: 'RANDOM STRETCH', digits: 2, value: ({ randomStretch }) => randomStretch }
]

const PUBSUB: Array<Column<PubSubMeasures>> = [
  { title: 'LIVING', digits: 0, value: ({ living }) => living },
  { title: 'HITS %', digits: 3, value: ({ hitRatio }) => hitRatio * 100 },
  { title: 'COMPLETE %', digits: 1, value: ({ completeEvents }) => completeEvents * 100 },
  { title: 'REPAIRED: HITS %', digits: 3, value: ({ hitRatioAfterRepair }) => hitRatioAfterRepair * 100 },
  { title: 'COMPLETE %', digits: 1, value: ({ completeEventsAfterRepair }) => completeEventsAfterRepair * 100 },
  { title: 'SPAM', digits: 2, value: ({ spam }) => spam },
  { title: 'DUPLICATES', digits: 2, value: ({ duplicatesPerDelivery }) => duplicatesPerDelivery },
  { title: 'HOPS', digits: 1, value: ({ hops }) => hops.mean },
  { title: 'ASKED', digits: 1, value: ({ asked }) => asked.mean },
  { title: 'MESSAGES', digits: 1, value: ({ messagesPerEvent }) => messagesPerEvent },
  { title: 'TREE', digits: 1, value: ({ tree }) => tree.messagesPerEvent },
  { title: 'FLOODING', digits: 0, value: ({ flooding }) => flooding.messagesPerEvent },
  { title: 'LINKS', digits: 1, value: ({ links }) => links.mean }
]

/** What is shown of each experiment. */
export const COLUMNS: Readonly<Record<string, Column[]>> = {
  sampling: SAMPLING as Column[],
  uniformity: UNIFORMITY as Column[],
  'hub-attack': HUB_ATTACK as Column[],
  torus: TORUS as Column[],
  aggregation: AGGREGATION as Column[],
  coordinates: COORDINATES as Column[],
  pubsub: PUBSUB as Column[]
}
