import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs with a new empty folder, which is gone afterwards. */
export async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gossip-peer-test-'))

  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
