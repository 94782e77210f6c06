import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface CheckupRequest {
  addresses: Uint8Array<ArrayBuffer>[]
}

export namespace CheckupRequest {
  let _codec: Codec<CheckupRequest>

  export const codec = (): Codec<CheckupRequest> => {
    if (_codec == null) {
      _codec = message<CheckupRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.addresses != null && obj.addresses.length > 0) {
          for (const value of obj.addresses) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          addresses: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
                throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
              }

              obj.addresses.push(reader.bytes())
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
          addresses: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.addresses != null && obj.addresses === opts.limits.addresses) {
                throw new MaxLengthError('Streaming decode error - repeated field "addresses" had too many elements')
              }

              yield {
                field: `${prefix}.addresses[]`,
                index: obj.addresses,
                value: reader.bytes()
              }

              obj.addresses++

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

  export interface CheckupRequestAddressesFieldEvent {
    field: '$.addresses[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<CheckupRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CheckupRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CheckupRequest>): CheckupRequest {
    return decodeMessage(buf, CheckupRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CheckupRequest>): Generator<CheckupRequestAddressesFieldEvent> {
    return streamMessage(buf, CheckupRequest.codec(), opts)
  }
}

export interface CheckupReply {
  tried: boolean
  reachable: boolean
  address: Uint8Array<ArrayBuffer>
  now: number
}

export namespace CheckupReply {
  let _codec: Codec<CheckupReply>

  export const codec = (): Codec<CheckupReply> => {
    if (_codec == null) {
      _codec = message<CheckupReply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.tried != null && obj.tried !== false)) {
          w.uint32(8)
          w.bool(obj.tried)
        }

        if ((obj.reachable != null && obj.reachable !== false)) {
          w.uint32(16)
          w.bool(obj.reachable)
        }

        if ((obj.address != null && obj.address.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.address)
        }

        if ((obj.now != null && obj.now !== 0)) {
          w.uint32(33)
          w.double(obj.now)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          tried: false,
          reachable: false,
          address: uint8ArrayAlloc(0),
          now: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.tried = reader.bool()
              break
            }
            case 2: {
              obj.reachable = reader.bool()
              break
            }
            case 3: {
              obj.address = reader.bytes()
              break
            }
            case 4: {
              obj.now = reader.double()
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
                field: `${prefix}.tried`,
                value: reader.bool()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.reachable`,
                value: reader.bool()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.address`,
                value: reader.bytes()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.now`,
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

  export interface CheckupReplyTriedFieldEvent {
    field: '$.tried'
    value: boolean
  }

  export interface CheckupReplyReachableFieldEvent {
    field: '$.reachable'
    value: boolean
  }

  export interface CheckupReplyAddressFieldEvent {
    field: '$.address'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CheckupReplyNowFieldEvent {
    field: '$.now'
    value: number
  }

  export function encode (obj: Partial<CheckupReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CheckupReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CheckupReply>): CheckupReply {
    return decodeMessage(buf, CheckupReply.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<CheckupReply>): Generator<CheckupReplyTriedFieldEvent | CheckupReplyReachableFieldEvent | CheckupReplyAddressFieldEvent | CheckupReplyNowFieldEvent> {
    return streamMessage(buf, CheckupReply.codec(), opts)
  }
}
