import '../../src/peer/compat.ts'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type Aggregation, aggregation } from '../../src/aggregation/index.ts'
import { type PeerSampling, peerSampling } from '../../src/sampling/index.ts'
import { PATIENT, PATIENT_LOOPBACK } from '../support/nodes.ts'
import { type AverageCommand, type AveragingPeer, type FinishedEpoch, LOAD } from './average-crowd.ts'
import { obey } from './worker-process.ts'

/** Milliseconds: aggregation is what is to be quick. */
const SAMPLING_PERIOD = 1_000

interface Member {
  node: Libp2p<{ sampling: PeerSampling; aggregation: Aggregation }>
  finished: Map<number, FinishedEpoch>
}

const members: Member[] = []

async function start(value: number, { epoch, period, bootstrap }: AverageCommand & { do: 'start' }): Promise<void> {
  const node = await createLibp2p({
    ...PATIENT_LOOPBACK,
    start: false,
    services: {
      sampling: peerSampling({
        ...PATIENT,
        period: SAMPLING_PERIOD,
        bootstrap: bootstrap.map(address => multiaddr(address))
      }),
      aggregation: aggregation({ epoch, period })
    }
  })
  const finished = new Map<number, FinishedEpoch>()
  node.services.aggregation.register(LOAD.name, { ...LOAD, value })
  node.services.aggregation.addEventListener('epoch', ({ detail: { epoch, results, size } }) => {
    const result = results.get(LOAD.name)

    // a result is of the last epoch that it took part in
    if (result?.epoch === epoch && typeof result.value === 'number') {
      finished.set(epoch, { epoch, rounds: result.rounds, value: result.value, size: size?.value ?? Number.NaN })
    }
  })
  await node.start()
  members.push({ node, finished })
}

function report({ node, finished }: Member): AveragingPeer {
  const { protocol } = node.services.aggregation
  const { epoch, outcomes, refusals } = node.services.aggregation.statistics()
  return {
    addresses: node.getMultiaddrs().map(String),
    protocol,
    epoch,
    finished: [...finished.values()],
    outcomes,
    refusals
  }
}

obey(async (command: AverageCommand): Promise<AveragingPeer[]> => {
  if (command.do === 'start') {
    await Promise.all(command.values.map(value => start(value, command)))
  }

  return members.map(report)
})
