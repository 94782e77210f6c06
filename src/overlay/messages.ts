import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Exchange {
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

        if (obj.descriptors != null && obj.descriptors.length > 0) {
          for (const value of obj.descriptors) {
            w.uint32(10)
            Descriptor.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          descriptors: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
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

  export function encode (obj: Partial<Exchange>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Exchange.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exchange>): Exchange {
    return decodeMessage(buf, Exchange.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exchange>): Generator<ExchangeDescriptorsRecordFieldEvent | ExchangeDescriptorsAgeFieldEvent> {
    return streamMessage(buf, Exchange.codec(), opts)
  }
}

export interface Descriptor {
  record?: Uint8Array<ArrayBuffer>
  age: number
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

  export function encode (obj: Partial<Descriptor>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Descriptor.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Descriptor>): Descriptor {
    return decodeMessage(buf, Descriptor.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Descriptor>): Generator<DescriptorRecordFieldEvent | DescriptorAgeFieldEvent> {
    return streamMessage(buf, Descriptor.codec(), opts)
  }
}

export interface RouteRequest {
  point: Uint8Array<ArrayBuffer>
}

export namespace RouteRequest {
  let _codec: Codec<RouteRequest>

  export const codec = (): Codec<RouteRequest> => {
    if (_codec == null) {
      _codec = message<RouteRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.point != null && obj.point.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.point)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          point: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.point = reader.bytes()
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
                field: `${prefix}.point`,
                value: reader.bytes()
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

  export interface RouteRequestPointFieldEvent {
    field: '$.point'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<RouteRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RouteRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RouteRequest>): RouteRequest {
    return decodeMessage(buf, RouteRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RouteRequest>): Generator<RouteRequestPointFieldEvent> {
    return streamMessage(buf, RouteRequest.codec(), opts)
  }
}

export interface RouteReply {
  busy: boolean
  records: Uint8Array<ArrayBuffer>[]
}

export namespace RouteReply {
  let _codec: Codec<RouteReply>

  export const codec = (): Codec<RouteReply> => {
    if (_codec == null) {
      _codec = message<RouteReply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.busy != null && obj.busy !== false)) {
          w.uint32(8)
          w.bool(obj.busy)
        }

        if (obj.records != null && obj.records.length > 0) {
          for (const value of obj.records) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          busy: false,
          records: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.busy = reader.bool()
              break
            }
            case 2: {
              if (opts.limits?.records != null && obj.records.length === opts.limits.records) {
                throw new MaxLengthError('Decode error - repeated field "records" had too many elements')
              }

              obj.records.push(reader.bytes())
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
          records: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.busy`,
                value: reader.bool()
              }
              break
            }
            case 2: {
              if (opts.limits?.records != null && obj.records === opts.limits.records) {
                throw new MaxLengthError('Streaming decode error - repeated field "records" had too many elements')
              }

              yield {
                field: `${prefix}.records[]`,
                index: obj.records,
                value: reader.bytes()
              }

              obj.records++

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

  export interface RouteReplyBusyFieldEvent {
    field: '$.busy'
    value: boolean
  }

  export interface RouteReplyRecordsFieldEvent {
    field: '$.records[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<RouteReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, RouteReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RouteReply>): RouteReply {
    return decodeMessage(buf, RouteReply.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<RouteReply>): Generator<RouteReplyBusyFieldEvent | RouteReplyRecordsFieldEvent> {
    return streamMessage(buf, RouteReply.codec(), opts)
  }
}
