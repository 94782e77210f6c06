import { decodeMessage, encodeMessage, enumeration, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface MeasureRequest {
  peer: Uint8Array<ArrayBuffer>
}

export namespace MeasureRequest {
  let _codec: Codec<MeasureRequest>

  export const codec = (): Codec<MeasureRequest> => {
    if (_codec == null) {
      _codec = message<MeasureRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.peer != null && obj.peer.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.peer)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          peer: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.peer = reader.bytes()
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
                field: `${prefix}.peer`,
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

  export interface MeasureRequestPeerFieldEvent {
    field: '$.peer'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<MeasureRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MeasureRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MeasureRequest>): MeasureRequest {
    return decodeMessage(buf, MeasureRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MeasureRequest>): Generator<MeasureRequestPeerFieldEvent> {
    return streamMessage(buf, MeasureRequest.codec(), opts)
  }
}

export interface MeasureReply {
  status: MeasureReply.Status
  milliseconds: number
}

export namespace MeasureReply {
  export enum Status {
    MEASURED = 'MEASURED',
    UNKNOWN = 'UNKNOWN',
    UNREACHABLE = 'UNREACHABLE',
    BUSY = 'BUSY'
  }

  enum __StatusValues {
    MEASURED = 0,
    UNKNOWN = 1,
    UNREACHABLE = 2,
    BUSY = 3
  }

  export namespace Status {
    export const codec = (): Codec<Status> => {
      return enumeration<Status>(__StatusValues)
    }
  }

  let _codec: Codec<MeasureReply>

  export const codec = (): Codec<MeasureReply> => {
    if (_codec == null) {
      _codec = message<MeasureReply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.status != null && __StatusValues[obj.status] !== 0) {
          w.uint32(8)
          MeasureReply.Status.codec().encode(obj.status, w)
        }

        if ((obj.milliseconds != null && obj.milliseconds !== 0)) {
          w.uint32(17)
          w.double(obj.milliseconds)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          status: Status.MEASURED,
          milliseconds: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.status = MeasureReply.Status.codec().decode(reader)
              break
            }
            case 2: {
              obj.milliseconds = reader.double()
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
                field: `${prefix}.status`,
                value: MeasureReply.Status.codec().decode(reader)
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.milliseconds`,
                value: reader.double()
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

  export interface MeasureReplyStatusFieldEvent {
    field: '$.status'
    value: MeasureReply.Status
  }

  export interface MeasureReplyMillisecondsFieldEvent {
    field: '$.milliseconds'
    value: number
  }

  export function encode (obj: Partial<MeasureReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, MeasureReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MeasureReply>): MeasureReply {
    return decodeMessage(buf, MeasureReply.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<MeasureReply>): Generator<MeasureReplyStatusFieldEvent | MeasureReplyMillisecondsFieldEvent> {
    return streamMessage(buf, MeasureReply.codec(), opts)
  }
}
