import { mkdir, realpath, stat } from 'node:fs/promises'
import { homeError, StartError } from './errors.ts'

/**
 * Makes the home folder, readable by its owner only, when it is not there.
 *
 * @returns its real path, so that one folder has one name
 * @throws StartError `home-unwritable`, `no-space`
 */
export async function openHome(home: string): Promise<string> {
  try {
    // A folder that is there already keeps its mode: it may be somebody's desktop, and our files guard themselves.
    await mkdir(home, { recursive: true, mode: 0o700 })

    if (!(await stat(home)).isDirectory()) {
      throw new StartError('home-unwritable', `home ${home}: is not a folder; choose one with --home`)
    }

    return await realpath(home)
  } catch (err) {
    throw homeError(home, 'making the folder', err)
  }
}
