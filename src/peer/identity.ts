import { constants, copyFile, link, lstat, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { fromString } from 'uint8arrays/from-string'
import { toString as encode } from 'uint8arrays/to-string'
import { homeError, messageOf, StartError, systemCode } from './errors.ts'

/** The file of the private key: libp2p's protobuf of it in base64, on one line, as other libp2p programs keep theirs. */
export const KEY_FILE = 'identity.key'

/** More than a key can have, in bytes: a file that is longer is something else. */
const MAX_KEY_FILE = 1024

/**
 * The peer's private key: that of the home, or a new one that is kept there. A file that is there is never changed.
 *
 * @throws StartError `key-unreadable`, `key-exposed`, `key-damaged`, `home-unwritable`, `no-space`
 */
export async function loadOrCreateKey(home: string): Promise<Ed25519PrivateKey> {
  const path = join(home, KEY_FILE)
  const existing = await readKey(path)

  if (existing != null) {
    return existing
  }

  const key = await generateKeyPair('Ed25519')

  try {
    if (await createOnce(path, `${encode(privateKeyToProtobuf(key), 'base64pad')}\n`)) {
      return key
    }
  } catch (err) {
    throw homeError(home, `writing ${KEY_FILE}`, err)
  }

  // Somebody else was quicker: theirs is the identity.
  const theirs = await readKey(path)

  if (theirs == null) {
    throw new StartError('key-unreadable', `${path}: appeared and vanished while the peer started; start it again`)
  }

  return theirs
}

async function readKey(path: string): Promise<Ed25519PrivateKey | undefined> {
  let bytes: Uint8Array

  try {
    // A link that leads nowhere is there, too: a new key must not be written through it.
    await lstat(path)
  } catch (err) {
    if (systemCode(err) === 'ENOENT') {
      return undefined
    }

    throw unreadable(path, err)
  }

  // not to wait for a writer, should it be a pipe
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(err => {
    throw unreadable(path, err)
  })

  try {
    const stats = await file.stat()
    const { mode, size } = stats

    if (!stats.isFile()) {
      throw unreadable(path, 'it is not a file')
    }

    // As ssh does: a key that others can read is not a secret, and changing its mode would hide that it was not.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new StartError(
        'key-exposed',
        `${path}: others than its owner can read this private key (mode ${(mode & 0o777).toString(8).padStart(4, '0')}, expected 0600): chmod 600 ${path}, if nobody has read it`
      )
    }

    if (size > MAX_KEY_FILE) {
      throw damaged(path, `${size} bytes are too many for a key`)
    }

    bytes = await readFile(file)
  } catch (err) {
    throw err instanceof StartError ? err : unreadable(path, err)
  } finally {
    await file.close()
  }

  return await decodeKey(path, bytes)
}

async function decodeKey(path: string, bytes: Uint8Array): Promise<Ed25519PrivateKey> {
  const text = new TextDecoder().decode(bytes).trim()

  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw damaged(path, text === '' ? 'it is empty' : 'it is not base64')
  }

  let key: ReturnType<typeof privateKeyFromProtobuf>

  try {
    key = privateKeyFromProtobuf(fromString(text, 'base64pad'))
  } catch (err) {
    throw damaged(path, messageOf(err))
  }

  if (key.type !== 'Ed25519') {
    throw damaged(path, `it is an ${key.type} key`)
  }

  // The file holds the private and the public half; a flipped bit in either would make a peer that nobody believes.
  const sample = new TextEncoder().encode(path)

  if (!(await key.publicKey.verify(sample, await key.sign(sample)))) {
    throw damaged(path, 'its halves do not belong together')
  }

  return key
}

/**
 * Writes a file that is either whole or not there, unless there is one of that name already.
 *
 * @returns false when there is one
 */
async function createOnce(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${process.pid}.${encode(crypto.getRandomValues(new Uint8Array(6)), 'base16')}`

  try {
    const file = await open(temporary, 'wx', 0o600)

    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }

    // link() fails when the name is taken, rename() would replace what is there.
    await link(temporary, path).catch(async err => {
      if (systemCode(err) === 'EEXIST') {
        throw err
      }

      // A file system without hard links.
      await copyFile(temporary, path, constants.COPYFILE_EXCL)
    })
  } catch (err) {
    if (systemCode(err) === 'EEXIST') {
      return false
    }

    throw err
  } finally {
    await unlink(temporary).catch(() => {})
  }

  await syncFolder(path)
  return true
}

/** The name of the new file is safe only when its folder is. Some systems cannot sync a folder, and need not. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(join(path, '..'), 'r')
    await folder.sync().finally(() => folder.close())
  } catch {}
}

function unreadable(path: string, err: unknown): StartError {
  return new StartError(
    'key-unreadable',
    `${path}: the private key cannot be read (${messageOf(err)}); make it readable for you, or move it away for a new identity`,
    { cause: err }
  )
}

function damaged(path: string, why: string): StartError {
  return new StartError(
    'key-damaged',
    `${path}: is not an Ed25519 private key (${why}); restore it from a copy, or move it away for a new identity`
  )
}
