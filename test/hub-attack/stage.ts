import type { Libp2p } from '@libp2p/interface'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import type { PeerSamplingInit } from '../../src/sampling/index.ts'
import { type PeerSamplingComponents, PeerSamplingService } from '../../src/sampling/service.ts'
import { LOOPBACK } from '../support/nodes.ts'

/** A libp2p node without services of its own, and what a service needs of it. */
export interface Place {
  /** The node's id, as others name it. */
  key: string
  node: Libp2p
  components: PeerSamplingComponents
}

/**
 * Nodes that listen and stay connected while one crowd of services after the other runs on them: a connection takes 14
 * milliseconds of a processor, an exchange less than one.
 */
export class Stage {
  readonly places: Place[]

  private constructor(places: Place[]) {
    this.places = places
  }

  static async open(places: number): Promise<Stage> {
    return new Stage(await Promise.all(Array.from({ length: places }, openPlace)))
  }

  async close(): Promise<void> {
    await Promise.all(this.places.map(({ node }) => node.stop()))
  }
}

async function openPlace(): Promise<Place> {
  const services = { held: (components: PeerSamplingComponents) => ({ components }) }
  const node = await createLibp2p({ ...LOOPBACK, services })
  return { key: node.peerId.toString(), node, components: node.services.held.components }
}

/** Starts an honest peer that remembers nothing of those that were here before it. */
export async function startPeer({ components }: Place, init: PeerSamplingInit): Promise<PeerSamplingService> {
  const { peerId, privateKey, registrar, connectionManager, addressManager, events, logger } = components
  const service = new PeerSamplingService(
    {
      peerId,
      privateKey,
      registrar,
      connectionManager,
      addressManager,
      events,
      logger,
      datastore: new MemoryDatastore()
    },
    init
  )
  await service.start()
  service.afterStart()
  return service
}
