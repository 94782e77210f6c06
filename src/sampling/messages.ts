import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Exchange {
  joining: boolean
  descriptors: Descriptor[]
}

export namespace Exchange {
  let _codec: Codec<Exchange>

  export const codec = (): Codec<Exchange> => {
    if (_codec == null) {
      _codec = message<Exchange>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.joining != null && obj.joining !== false)) {
          w.uint32(8)
          w.bool(obj.joining)
        }

        if (obj.descriptors != null && obj.descriptors.length > 0) {
          for (const value of obj.descriptors) {
            w.uint32(18)
            Descriptor.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          joining: false,
          descriptors: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.joining = reader.bool()
              break
            }
            case 2: {
              if (opts.limits?.descriptors != null && obj.descriptors.length === opts.limits.descriptors) {
                throw new MaxLengthError('Decode error - repeated field "descriptors" had too many elements')
              }

              obj.descriptors.push(Descriptor.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.descriptors$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          descriptors: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.joining`,
                value: reader.bool()
              }
              break
            }
            case 2: {
              if (opts.limits?.descriptors != null && obj.descriptors === opts.limits.descriptors) {
                throw new MaxLengthError('Streaming decode error - repeated field "descriptors" had too many elements')
              }

              for (const evt of Descriptor.codec().stream(reader, reader.uint32(), `${prefix}.descriptors[]`, {
                limits: opts.limits?.descriptors$
              })) {
                yield {
                  ...evt,
                  index: obj.descriptors
                }
              }

              obj.descriptors++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface ExchangeJoiningFieldEvent {
    field: '$.joining'
    value: boolean
  }

  export interface ExchangeDescriptorsRecordFieldEvent {
    field: '$.descriptors[].record'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ExchangeDescriptorsAgeFieldEvent {
    field: '$.descriptors[].age'
    value: number
    index: number
  }

  export interface ExchangeDescriptorsStampFieldEvent {
    field: '$.descriptors[].stamp'
    value: bigint
    index: number
  }

  export function encode (obj: Partial<Exchange>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Exchange.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exchange>): Exchange {
    return decodeMessage(buf, Exchange.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exchange>): Generator<ExchangeJoiningFieldEvent | ExchangeDescriptorsRecordFieldEvent | ExchangeDescriptorsAgeFieldEvent | ExchangeDescriptorsStampFieldEvent> {
    return streamMessage(buf, Exchange.codec(), opts)
  }
}

export interface Descriptor {
  record?: Uint8Array<ArrayBuffer>
  age: number
  stamp?: bigint
}

export namespace Descriptor {
  let _codec: Codec<Descriptor>

  export const codec = (): Codec<Descriptor> => {
    if (_codec == null) {
      _codec = message<Descriptor>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.record != null) {
          w.uint32(10)
          w.bytes(obj.record)
        }

        if ((obj.age != null && obj.age !== 0)) {
          w.uint32(16)
          w.uint32(obj.age)
        }

        if (obj.stamp != null) {
          w.uint32(24)
          w.uint64(obj.stamp)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          age: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.record = reader.bytes()
              break
            }
            case 2: {
              obj.age = reader.uint32()
              break
            }
            case 3: {
              obj.stamp = reader.uint64()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.record`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.age`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.stamp`,
                value: reader.uint64()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface DescriptorRecordFieldEvent {
    field: '$.record'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DescriptorAgeFieldEvent {
    field: '$.age'
    value: number
  }

  export interface DescriptorStampFieldEvent {
    field: '$.stamp'
    value: bigint
  }

  export function encode (obj: Partial<Descriptor>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Descriptor.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Descriptor>): Descriptor {
    return decodeMessage(buf, Descriptor.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Descriptor>): Generator<DescriptorRecordFieldEvent | DescriptorAgeFieldEvent | DescriptorStampFieldEvent> {
    return streamMessage(buf, Descriptor.codec(), opts)
  }
}

export interface Memory {
  peers: RememberedPeer[]
}

export namespace Memory {
  let _codec: Codec<Memory>

  export const codec = (): Codec<Memory> => {
    if (_codec == null) {
      _codec = message<Memory>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.peers != null && obj.peers.length > 0) {
          for (const value of obj.peers) {
            w.uint32(10)
            RememberedPeer.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peers: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.peers != null && obj.peers.length === opts.limits.peers) {
                throw new MaxLengthError('Decode error - repeated field "peers" had too many elements')
              }

              obj.peers.push(RememberedPeer.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.peers$
              }))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          peers: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.peers != null && obj.peers === opts.limits.peers) {
                throw new MaxLengthError('Streaming decode error - repeated field "peers" had too many elements')
              }

              for (const evt of RememberedPeer.codec().stream(reader, reader.uint32(), `${prefix}.peers[]`, {
                limits: opts.limits?.peers$
              })) {
                yield {
                  ...evt,
                  index: obj.peers
                }
              }

              obj.peers++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface MemoryPeersRecordFieldEvent {
    field: '$.peers[].record'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface MemoryPeersSeenFieldEvent {
    field: '$.peers[].seen'
    value: bigint
    index: number
  }

  export interface MemoryPeersLostFieldEvent {
    field: '$.peers[].lost'
    value: boolean
    index: number
  }

  export interface MemoryPeersStampFieldEvent {
    field: '$.peers[].stamp'
    value: bigint
    index: number
  }

  export function encode (obj: Partial<Memory>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Memory.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Memory>): Memory {
    return decodeMessage(buf, Memory.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Memory>): Generator<MemoryPeersRecordFieldEvent | MemoryPeersSeenFieldEvent | MemoryPeersLostFieldEvent | MemoryPeersStampFieldEvent> {
    return streamMessage(buf, Memory.codec(), opts)
  }
}

export interface RememberedPeer {
  record: Uint8Array<ArrayBuffer>
  seen: bigint
  lost: boolean
  stamp?: bigint
}

export namespace RememberedPeer {
  let _codec: Codec<RememberedPeer>

  export const codec = (): Codec<RememberedPeer> => {
    if (_codec == null) {
      _codec = message<RememberedPeer>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.record != null && obj.record.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.record)
        }

        if ((obj.seen != null && obj.seen !== 0n)) {
          w.uint32(16)
          w.uint64(obj.seen)
        }

        if ((obj.lost != null && obj.lost !== false)) {
          w.uint32(24)
          w.bool(obj.lost)
        }

        if (obj.stamp != null) {
          w.uint32(32)
          w.uint64(obj.stamp)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          record: uint8ArrayAlloc(0),
          seen: 0n,
          lost: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.record = reader.bytes()
              break
            }
            case 2: {
              obj.seen = reader.uint64()
              break
            }
            case 3: {
              obj.lost = reader.bool()
              break
            }
            case 4: {
              obj.stamp = reader.uint64()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.record`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.seen`,
                value: reader.uint64()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.lost`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.stamp`,
                value: reader.uint64()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface RememberedPeerRecordFieldEvent {
    field: '$.record'
    value: Uint8Array<ArrayBuffer>
  }

  export interface RememberedPeerSeenFieldEvent {
    field: '$.seen'
    value: bigint
  }

  export interface RememberedPeerLostFieldEvent {
    field: '$.lost'
    value: boolean
  }

  export interface RememberedPeerStampFieldEvent {
    field: '$.stamp'
    value: bigint
  }

  export function encode (obj: Partial<RememberedPeer>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RememberedPeer.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RememberedPeer>): RememberedPeer {
    return decodeMessage(buf, RememberedPeer.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RememberedPeer>): Generator<RememberedPeerRecordFieldEvent | RememberedPeerSeenFieldEvent | RememberedPeerLostFieldEvent | RememberedPeerStampFieldEvent> {
    return streamMessage(buf, RememberedPeer.codec(), opts)
  }
}

export interface OwnWork {
  stamp: bigint
}

export namespace OwnWork {
  let _codec: Codec<OwnWork>

  export const codec = (): Codec<OwnWork> => {
    if (_codec == null) {
      _codec = message<OwnWork>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.stamp != null && obj.stamp !== 0n)) {
          w.uint32(8)
          w.uint64(obj.stamp)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          stamp: 0n
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.stamp = reader.uint64()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.stamp`,
                value: reader.uint64()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface OwnWorkStampFieldEvent {
    field: '$.stamp'
    value: bigint
  }

  export function encode (obj: Partial<OwnWork>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, OwnWork.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OwnWork>): OwnWork {
    return decodeMessage(buf, OwnWork.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<OwnWork>): Generator<OwnWorkStampFieldEvent> {
    return streamMessage(buf, OwnWork.codec(), opts)
  }
}
