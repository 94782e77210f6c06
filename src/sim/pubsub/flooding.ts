import type { PeerSource } from '../../gossip/peer-source.ts'
import type { Random } from '../../gossip/random.ts'
import type { World } from '../world.ts'

/** What an event comes to without any interest: everybody hands it to all members of its view, and who does not ask for it drops it. */
export interface FloodingMeasures {
  messagesPerEvent: number
  /** As that of the subscriptions, of all that live. */
  hitRatio: number
}

/** An event as far as flooding is concerned. */
export interface FloodedEvent {
  readonly publisher: number
  readonly matching: Int32Array
}

/** Floods over the random layer, without leaving anything behind. */
export function measureFlooding(
  events: readonly FloodedEvent[],
  source: PeerSource,
  view: number,
  world: World,
  random: Random
): FloodingMeasures {
  const peers = new Int32Array(view)
  const flooded = new Int32Array(world.slots)
  const reached = new Uint8Array(world.slots)
  let messages = 0
  let matches = 0
  let hits = 0

  for (const { publisher, matching } of events) {
    reached.fill(0)
    reached[publisher] = 1
    flooded[0] = publisher
    let count = 1

    for (let i = 0; i < count; i++) {
      const known = source.members(flooded[i], peers)
      messages += known

      for (const peer of peers.subarray(0, known)) {
        if (reached[peer] === 0 && world.reaches(flooded[i], peer) && !world.loses(random)) {
          reached[peer] = 1
          flooded[count++] = peer
        }
      }
    }

    matches += matching.length
    hits += matching.reduce((sum, member) => sum + reached[member], 0)
  }

  return { messagesPerEvent: messages / events.length, hitRatio: hits / matches }
}
