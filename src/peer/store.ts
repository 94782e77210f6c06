import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { LevelDatastore } from 'datastore-level'
import { type Datastore, Key } from 'interface-datastore'
import { homeError, messageOf, StartError, systemCode } from './errors.ts'
import { ForgivingDatastore } from './forgiving-datastore.ts'

/** Folder of the embedded database in the home. */
export const STORE_FOLDER = 'datastore'

const STARTED_KEY = new Key('/gossip-peer/started')

/** A datastore that has to be closed. */
export interface Store {
  datastore: Datastore
  close(): Promise<void>
}

/**
 * Opens what the peer remembers. The lock of the database is what makes a home belong to one running peer.
 *
 * @param home - default: nothing is kept
 * @param onWarning - told once when the disk fails while the peer runs; the peer goes on from memory
 * @throws StartError `home-in-use`, `store-damaged`, `home-unwritable`, `no-space`
 */
export async function openStore(home: string | undefined, onWarning: (message: string) => void): Promise<Store> {
  if (home == null) {
    return { datastore: new MemoryDatastore(), close: async () => {} }
  }

  const level = new LevelDatastore(join(home, STORE_FOLDER))

  try {
    // LevelDB would make it readable for all, should the home not be the peer's own.
    await mkdir(join(home, STORE_FOLDER), { recursive: true, mode: 0o700 })
    // Not level.open(): it makes the error's code into text.
    await level.db.open()
  } catch (err) {
    throw storeError(home, err)
  }

  try {
    // A full disk shows only when something is written.
    await level.put(STARTED_KEY, new TextEncoder().encode(new Date().toISOString()))
  } catch (err) {
    await level.close().catch(() => {})
    throw storeError(home, err)
  }

  let open = true
  const datastore = new ForgivingDatastore(level, err => {
    // libp2p writes a last word or two after it has stopped; that those come too late is nobody's trouble.
    if (open) {
      onWarning(
        `home ${home}: cannot be written (${messageOf(err)}); what the peer learns from now on is lost when it stops`
      )
    }
  })
  const close = async () => {
    open = false
    await level.close()
  }

  return { datastore, close }
}

/** What to say of a database that could not be opened. */
export function storeError(home: string, err: unknown): StartError {
  const cause = err instanceof Error && err.cause != null ? err.cause : err
  const code = systemCode(cause)

  if (code === 'LEVEL_LOCKED') {
    return new StartError(
      'home-in-use',
      `home ${home}: a running peer uses it; stop that one (gossip-peer stop --home ${home}), or choose another --home`,
      { cause: err }
    )
  }

  const folder = join(home, STORE_FOLDER)
  // a database that misses a file of its own is damaged, too
  const lacksFile = /No such file or directory/.test(messageOf(cause)) && existsSync(folder)

  if (code === 'LEVEL_CORRUPTION' || lacksFile) {
    return new StartError(
      'store-damaged',
      `${folder}: is damaged (${messageOf(cause)}); move it away: it holds remembered peers only, the identity is apart`,
      { cause: err }
    )
  }

  return homeError(home, `opening ${STORE_FOLDER}`, cause)
}
