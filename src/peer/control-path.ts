import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { StartError } from './errors.ts'

/** Name of the control socket in the home. */
export const CONTROL_SOCKET = 'control.sock'

/** Bytes that fit into a socket's address: 107 on Linux, 103 on macOS and BSD. */
const MAX_PATH = 103

/**
 * Where the peer of a home listens to its owner: HOME/control.sock, or a short path made from the home when that one is
 * too long for a socket.
 *
 * @param make - make the folder of the short path when it is not there
 * @throws StartError `control-unavailable` when the folder of the short path belongs to somebody else
 */
export function controlPath(home: string, make = false): string {
  const real = realPath(home)

  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\gossip-peer-${hash(real)}`
  }

  const path = join(real, CONTROL_SOCKET)
  return Buffer.byteLength(path) <= MAX_PATH ? path : join(shortFolder(make), `${hash(real)}.sock`)
}

function shortFolder(make: boolean): string {
  // Not os.userInfo(), which throws for a user without a name, as in many a container.
  const uid = process.getuid?.() ?? 0
  const folder = join(tmpdir(), `gossip-peer-${uid}`)

  if (make) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  // Anybody can make folders there: ours is one that nobody else can enter.
  const stats = lstatSync(folder, { throwIfNoEntry: false })

  if (stats != null && (!stats.isDirectory() || stats.uid !== uid || (stats.mode & 0o077) !== 0)) {
    throw new StartError(
      'control-unavailable',
      `${folder}: expected a folder of your own with mode 0700 for the control socket; remove it, or choose a shorter --home`
    )
  }

  return folder
}

function realPath(home: string): string {
  try {
    return realpathSync(home)
  } catch {
    return resolve(home)
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
