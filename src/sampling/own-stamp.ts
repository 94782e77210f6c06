import type { Logger, PeerId } from '@libp2p/interface'
import { type Datastore, Key } from 'interface-datastore'
import type { Random } from '../gossip/random.ts'
import { type Stamp, stampOf } from '../live/stamp.ts'
import { searchStamp } from '../live/stamp-search.ts'
import { STAMP_NEWS_AFTER, STAMP_NEWS_EVERY } from './constants.ts'
import { OwnWork } from './messages.ts'

const KEY = new Key('/gossip-peer/sampling/stamp')

export interface OwnStampInit {
  peerId: PeerId
  datastore: Datastore
  random: Random
  log: Logger
  /** A search takes its time: about so many milliseconds. */
  onSearch(bits: number, expected: number): void
}

/** This peer's own stamp: searched for once, and kept in the datastore. */
export class OwnStamp {
  private readonly init: OwnStampInit

  constructor(init: OwnStampInit) {
    this.init = init
  }

  /** The stamp that is kept, whatever it is worth. A store that fails costs another search, nothing else. */
  async load(): Promise<Stamp | undefined> {
    const { peerId, datastore, log } = this.init

    try {
      if (await datastore.has(KEY)) {
        // of an identity that has changed since, it is worth nothing
        return stampOf(peerId, OwnWork.decode(await datastore.get(KEY)).stamp)
      }
    } catch (err) {
      log.error('could not load the stamp - %e', err)
    }

    return undefined
  }

  /**
   * Searches for a stamp of so many bits, and keeps it.
   *
   * @throws the reason of the signal when it is aborted
   */
  async search(bits: number, signal: AbortSignal): Promise<Stamp> {
    const { peerId, datastore, random, log, onSearch } = this.init
    let news = STAMP_NEWS_AFTER
    log('searching for a stamp of %d bits', bits)

    const stamp = await searchStamp(peerId, bits, {
      random,
      signal,
      onSlice: (hashes, milliseconds) => {
        if (milliseconds < news) {
          return
        }

        if (news === STAMP_NEWS_AFTER) {
          onSearch(bits, 2 ** bits * (milliseconds / hashes))
        }

        log('%d hashes in %d ms, and no stamp of %d bits yet', hashes, Math.round(milliseconds), bits)
        news = milliseconds + STAMP_NEWS_EVERY
      }
    })

    log('found a stamp of %d bits', stamp.bits)

    try {
      await datastore.put(KEY, OwnWork.encode({ stamp: stamp.nonce }))
    } catch (err) {
      log.error('could not save the stamp - %e', err)
    }

    return stamp
  }
}
