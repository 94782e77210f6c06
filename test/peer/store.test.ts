import '../../src/peer/compat.ts'
import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { ForgivingDatastore } from '../../src/peer/forgiving-datastore.ts'
import { openStore, STORE_FOLDER, storeError } from '../../src/peer/store.ts'
import { withFolder } from '../support/folder.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const noWarning = (message: string) => assert.fail(message)

class FailingDatastore extends MemoryDatastore {
  writes = false
  reads = false

  override put(key: Key, value: Uint8Array): Key | Promise<Key> {
    if (this.writes) {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    }

    return super.put(key, value)
  }

  override delete(key: Key): void {
    if (this.writes) {
      throw Object.assign(new Error('input/output error'), { code: 'EIO' })
    }

    super.delete(key)
  }

  override get(key: Key): Uint8Array | Promise<Uint8Array> {
    if (this.reads) {
      throw Object.assign(new Error('input/output error'), { code: 'EIO' })
    }

    return super.get(key)
  }
}

describe('store', () => {
  it('keeps what it was given over restarts', async () => {
    await withFolder(async home => {
      const first = await openStore(home, noWarning)
      await first.datastore.put(new Key('/a'), bytes('kept'))
      await first.close()

      const second = await openStore(home, noWarning)
      assert.deepEqual(Buffer.from(await second.datastore.get(new Key('/a'))).toString(), 'kept')
      await second.close()
    })
  })

  it('belongs to one at a time', async () => {
    await withFolder(async home => {
      const first = await openStore(home, noWarning)
      await assert.rejects(openStore(home, noWarning), (err: Error & { code: string }) => {
        assert.equal(err.code, 'home-in-use')
        assert(err.message.includes(home))
        return true
      })
      await first.close()
      await (await openStore(home, noWarning)).close()
    })
  })

  it('says when it cannot be opened, in one line', async () => {
    await withFolder(async home => {
      await writeFile(join(home, STORE_FOLDER), 'not a folder')
      await assert.rejects(openStore(home, noWarning), (err: Error & { code: string }) => {
        assert.equal(err.code, 'home-unwritable')
        assert(!err.message.includes('\n'))
        return true
      })
    })
  })

  it('says when it is damaged', async () => {
    await withFolder(async home => {
      await (await openStore(home, noWarning)).close()
      await writeFile(join(home, STORE_FOLDER, 'CURRENT'), 'nonsense')
      await assert.rejects(openStore(home, noWarning), { code: 'store-damaged' })
    })
  })

  it('says so too when a file of the database is gone', async () => {
    await withFolder(async home => {
      await (await openStore(home, noWarning)).close()
      const [manifest] = (await readdir(join(home, STORE_FOLDER))).filter(name => name.startsWith('MANIFEST'))
      await rm(join(home, STORE_FOLDER, manifest))
      await assert.rejects(openStore(home, noWarning), { code: 'store-damaged' })
    })
  })

  it("is its owner's only, whatever the home is", async () => {
    await withFolder(async home => {
      await chmod(home, 0o755)
      await (await openStore(home, noWarning)).close()
      assert.equal((await stat(join(home, STORE_FOLDER))).mode & 0o777, 0o700)
    })
  })

  it('says when the disk is full, whoever finds it', () => {
    const inWords = new Error('Database failed to open', {
      cause: Object.assign(new Error('IO error: MANIFEST-000001: No space left on device'), { code: 'LEVEL_IO_ERROR' })
    })
    assert.equal(storeError('/home', inWords).code, 'no-space')
    assert.equal(storeError('/home', Object.assign(new Error('full'), { code: 'ENOSPC' })).code, 'no-space')
    assert.equal(storeError('/home', Object.assign(new Error('quota'), { code: 'EDQUOT' })).code, 'no-space')
  })

  it('goes on from memory when writing fails, and says so once', async () => {
    const disk = new FailingDatastore()
    const warnings: unknown[] = []
    const store = new ForgivingDatastore(disk, err => warnings.push(err))
    const [old, gone, fresh] = [new Key('/x/old'), new Key('/x/gone'), new Key('/x/fresh')]

    await store.put(old, bytes('1'))
    await store.put(gone, bytes('1'))
    disk.writes = true
    await store.put(old, bytes('2'))
    await store.put(fresh, bytes('2'))
    await store.delete(gone)
    const batch = store.batch()
    batch.put(new Key('/x/batch'), bytes('2'))
    await batch.commit()

    assert.equal(warnings.length, 1)
    assert.equal(Buffer.from(await store.get(old)).toString(), '2')
    assert.equal(Buffer.from(await store.get(fresh)).toString(), '2')
    assert.equal(await store.has(gone), false)
    await assert.rejects(store.get(gone), { name: 'NotFoundError' })

    const found: Record<string, string> = {}

    for await (const { key, value } of store.query({ prefix: '/x' })) {
      found[key.toString()] = Buffer.from(value).toString()
    }

    assert.deepEqual(found, { '/x/old': '2', '/x/fresh': '2', '/x/batch': '2' })

    disk.writes = false
    await store.put(old, bytes('3'))
    assert.equal(Buffer.from(await disk.get(old)).toString(), '3')
    assert.equal(Buffer.from(await store.get(old)).toString(), '3')
  })

  it('does not know what it cannot read', async () => {
    const disk = new FailingDatastore()
    const warnings: unknown[] = []
    const store = new ForgivingDatastore(disk, err => warnings.push(err))
    disk.put(new Key('/a'), bytes('1'))
    disk.reads = true

    await assert.rejects(async () => await store.get(new Key('/a')), { name: 'NotFoundError' })
    assert.equal(warnings.length, 1)
  })

  it('leaves other files of the home alone', async () => {
    await withFolder(async home => {
      await mkdir(join(home, 'mine'))
      await (await openStore(home, noWarning)).close()
    })
  })
})
