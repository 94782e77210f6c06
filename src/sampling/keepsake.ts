import type { Logger } from '@libp2p/interface'
import { type Datastore, Key } from 'interface-datastore'
import { checkStamp, type Records } from '../live/records.ts'
import type { Memory, Remembered } from './memory.ts'
import { Memory as StoredMemory } from './messages.ts'

const KEY = new Key('/gossip-peer/sampling/remembered')

/** Keeps the memory in the node's datastore. A store that fails costs the memory of a restart, nothing else. */
export class Keepsake {
  private readonly datastore: Datastore
  private readonly records: Records
  private readonly log: Logger

  constructor(datastore: Datastore, records: Records, log: Logger) {
    this.datastore = datastore
    this.records = records
    this.log = log
  }

  /** What was saved. Records that do not verify any more are left out. */
  async load(): Promise<Remembered[]> {
    try {
      if (!(await this.datastore.has(KEY))) {
        return []
      }

      const { peers } = StoredMemory.decode(await this.datastore.get(KEY))
      const opened = peers.map(async ({ record: envelope, seen, lost, stamp }) => {
        const record = await this.records.verify(envelope)

        if (stamp != null) {
          checkStamp(record, stamp)
        }

        return { record, seen: Number(seen), lost }
      })
      const results = await Promise.allSettled(opened)
      return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    } catch (err) {
      this.log.error('could not load the remembered peers - %e', err)
      return []
    }
  }

  /** Saves the memory if it has changed. */
  async save(memory: Memory): Promise<void> {
    if (!memory.changed) {
      return
    }

    const peers = memory.all().map(({ record, seen, lost }) => ({
      record: record.envelope,
      seen: BigInt(seen),
      lost,
      stamp: record.stamp?.nonce
    }))

    memory.changed = false

    try {
      await this.datastore.put(KEY, StoredMemory.encode({ peers }))
    } catch (err) {
      this.log.error('could not save the remembered peers - %e', err)
    }
  }
}
