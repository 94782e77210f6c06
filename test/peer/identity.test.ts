import { execFileSync } from 'node:child_process'
import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { openHome } from '../../src/peer/home.ts'
import { KEY_FILE, loadOrCreateKey } from '../../src/peer/identity.ts'
import { withFolder } from '../support/folder.ts'

describe('identity', () => {
  it('is made once, readable by its owner only, and the same ever after', async () => {
    await withFolder(async folder => {
      const home = await openHome(join(folder, 'new', 'home'))
      const first = await loadOrCreateKey(home)
      const again = await loadOrCreateKey(home)

      assert(first.equals(again))
      assert.equal((await stat(home)).mode & 0o777, 0o700)
      assert.equal((await stat(join(home, KEY_FILE))).mode & 0o777, 0o600)
      assert.deepEqual(await readdir(home), [KEY_FILE], 'no temporary file stays')
    })
  })

  it('is one, when several make it at once', async () => {
    await withFolder(async home => {
      const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateKey(home)))

      assert(keys.every(key => key.equals(keys[0])))
      assert(keys[0].equals(await loadOrCreateKey(home)))
      assert.deepEqual(await readdir(home), [KEY_FILE])
    })
  })

  const rsa = generateKeyPair('RSA', 2048).then(key => Buffer.from(privateKeyToProtobuf(key)).toString('base64'))
  const damages: Record<string, (text: string) => string | Promise<string>> = {
    empty: () => '',
    'cut off': text => text.slice(0, 40),
    'not base64': () => 'my holiday pictures',
    'with a flipped bit in the private half': text => flip(text, 10),
    'with a flipped bit in the public half': text => flip(text, 60),
    'much too long': text => text.repeat(100),
    'of another type': async () => (await rsa).slice(0, 5_000)
  }

  for (const [what, damage] of Object.entries(damages)) {
    it(`refuses a key file that is ${what}, and leaves it as it is`, async () => {
      await withFolder(async home => {
        await loadOrCreateKey(home)
        const path = join(home, KEY_FILE)
        await writeFile(path, await damage(await readFile(path, 'utf8')))
        const before = await readFile(path)

        await assert.rejects(loadOrCreateKey(home), (err: Error & { code: string }) => {
          assert.equal(err.code, 'key-damaged')
          assert(err.message.includes(path))
          assert(!err.message.includes('\n'))
          return true
        })
        assert.deepEqual(await readFile(path), before)
      })
    })
  }

  it('refuses a key file that others can read, and names the remedy', async () => {
    await withFolder(async home => {
      await loadOrCreateKey(home)
      await chmod(join(home, KEY_FILE), 0o644)
      await assert.rejects(loadOrCreateKey(home), { code: 'key-exposed', message: /chmod 600/ })
    })
  })

  it('refuses a pipe in its place, and does not wait for it', async function () {
    if (process.platform === 'win32') {
      return this.skip()
    }

    await withFolder(async home => {
      execFileSync('mkfifo', ['-m', '600', join(home, KEY_FILE)])
      await assert.rejects(loadOrCreateKey(home), { code: 'key-unreadable' })
    })
  })

  it('refuses a key file that cannot be read', async () => {
    await withFolder(async home => {
      // A folder in its place: file modes do not keep root out.
      await mkdir(join(home, KEY_FILE), { mode: 0o700 })
      await assert.rejects(loadOrCreateKey(home), { code: 'key-unreadable' })
    })
  })

  it('refuses a home that is a file, or below one', async () => {
    await withFolder(async folder => {
      const file = join(folder, 'file')
      await writeFile(file, 'mine')
      await assert.rejects(openHome(file), { code: 'home-unwritable' })
      await assert.rejects(openHome(join(file, 'home')), { code: 'home-unwritable' })
      assert.equal(await readFile(file, 'utf8'), 'mine')
    })
  })
})

function flip(text: string, index: number): string {
  const bytes = Buffer.from(text, 'base64')
  bytes[index] ^= 1
  return bytes.toString('base64')
}
