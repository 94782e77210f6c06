import type { AbortOptions } from '@libp2p/interface'
import { BaseDatastore } from 'datastore-core'
import type { Datastore, Key, KeyQuery, Pair, Query } from 'interface-datastore'
import { Key as DatastoreKey } from 'interface-datastore'
import { NotFoundError } from 'interface-store'

/** Values kept in memory while the disk fails; beyond, the oldest are forgotten. A peer store's value has some 500 bytes. */
const MAX_KEPT = 10_000

/**
 * A datastore that never fails: what the one below does not take (full disk, input/output error) is kept in memory, what
 * it cannot give is not known. A peer lives from what it remembers, but it does not die from forgetting.
 */
export class ForgivingDatastore extends BaseDatastore {
  private readonly inner: Datastore
  private readonly onFailure: (err: unknown) => void
  /** Newer than what is below. Undefined: deleted. */
  private readonly kept = new Map<string, Uint8Array | undefined>()
  private failed = false

  /** @param onFailure - told of the first failure, and of no other */
  constructor(inner: Datastore, onFailure: (err: unknown) => void) {
    super()
    this.inner = inner
    this.onFailure = onFailure
  }

  override async put(key: Key, value: Uint8Array, options?: AbortOptions): Promise<Key> {
    await this.write(key, value, options, async () => {
      await this.inner.put(key, value, options)
    })
    return key
  }

  override async delete(key: Key, options?: AbortOptions): Promise<void> {
    await this.write(key, undefined, options, async () => await this.inner.delete(key, options))
  }

  override async get(key: Key, options?: AbortOptions): Promise<Uint8Array> {
    const name = key.toString()

    if (this.kept.has(name)) {
      return this.kept.get(name) ?? notFound()
    }

    try {
      return await this.inner.get(key, options)
    } catch (err) {
      options?.signal?.throwIfAborted()

      if (!(err instanceof Error && err.name === 'NotFoundError')) {
        this.note(err)
      }

      return notFound()
    }
  }

  override async has(key: Key, options?: AbortOptions): Promise<boolean> {
    const name = key.toString()

    if (this.kept.has(name)) {
      return this.kept.get(name) != null
    }

    try {
      return await this.inner.has(key, options)
    } catch (err) {
      options?.signal?.throwIfAborted()
      this.note(err)
      return false
    }
  }

  override async *_all({ prefix }: Query, options?: AbortOptions): AsyncGenerator<Pair> {
    const seen = new Set<string>()

    try {
      for await (const pair of this.inner.query(prefix == null ? {} : { prefix }, options)) {
        if (!this.kept.has(pair.key.toString())) {
          seen.add(pair.key.toString())
          yield pair
        }
      }
    } catch (err) {
      options?.signal?.throwIfAborted()
      this.note(err)
    }

    for (const [name, value] of this.kept) {
      if (value != null && !seen.has(name)) {
        yield { key: new DatastoreKey(name, false), value }
      }
    }
  }

  override async *_allKeys(query: KeyQuery, options?: AbortOptions): AsyncGenerator<Key> {
    for await (const { key } of this._all(query.prefix == null ? {} : { prefix: query.prefix }, options)) {
      yield key
    }
  }

  private async write(
    key: Key,
    value: Uint8Array | undefined,
    options: AbortOptions | undefined,
    write: () => Promise<void>
  ): Promise<void> {
    const name = key.toString()

    try {
      await write()
      this.kept.delete(name)
    } catch (err) {
      options?.signal?.throwIfAborted()
      this.keep(name, value)
      this.note(err)
    }
  }

  private keep(name: string, value: Uint8Array | undefined): void {
    // Deleted first, so that the order of the map is that of the last writes.
    this.kept.delete(name)
    this.kept.set(name, value)

    if (this.kept.size > MAX_KEPT) {
      const [oldest] = this.kept.keys()
      this.kept.delete(oldest)
    }
  }

  private note(err: unknown): void {
    if (!this.failed) {
      this.failed = true
      this.onFailure(err)
    }
  }
}

function notFound(): never {
  throw new NotFoundError()
}
