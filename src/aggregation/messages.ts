import { decodeMessage, encodeMessage, enumeration, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Exchange {
  part: Part
  epoch: number
  round: number
  exchange: number
  aggregates: Cells[]
  tags: Uint8Array<ArrayBuffer>
  shares: Uint8Array<ArrayBuffer>
}

export namespace Exchange {
  let _codec: Codec<Exchange>

  export const codec = (): Codec<Exchange> => {
    if (_codec == null) {
      _codec = message<Exchange>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.part != null && __PartValues[obj.part] !== 0) {
          w.uint32(8)
          Part.codec().encode(obj.part, w)
        }

        if ((obj.epoch != null && obj.epoch !== 0)) {
          w.uint32(16)
          w.uint32(obj.epoch)
        }

        if ((obj.round != null && obj.round !== 0)) {
          w.uint32(24)
          w.uint32(obj.round)
        }

        if ((obj.exchange != null && obj.exchange !== 0)) {
          w.uint32(37)
          w.sfixed32(obj.exchange)
        }

        if (obj.aggregates != null && obj.aggregates.length > 0) {
          for (const value of obj.aggregates) {
            w.uint32(42)
            Cells.codec().encode(value, w)
          }
        }

        if ((obj.tags != null && obj.tags.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.tags)
        }

        if ((obj.shares != null && obj.shares.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.shares)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          part: Part.TAKES_PART,
          epoch: 0,
          round: 0,
          exchange: 0,
          aggregates: [],
          tags: uint8ArrayAlloc(0),
          shares: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.part = Part.codec().decode(reader)
              break
            }
            case 2: {
              obj.epoch = reader.uint32()
              break
            }
            case 3: {
              obj.round = reader.uint32()
              break
            }
            case 4: {
              obj.exchange = reader.sfixed32()
              break
            }
            case 5: {
              if (opts.limits?.aggregates != null && obj.aggregates.length === opts.limits.aggregates) {
                throw new MaxLengthError('Decode error - repeated field "aggregates" had too many elements')
              }

              obj.aggregates.push(Cells.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.aggregates$
              }))
              break
            }
            case 6: {
              obj.tags = reader.bytes()
              break
            }
            case 7: {
              obj.shares = reader.bytes()
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
          aggregates: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.part`,
                value: Part.codec().decode(reader)
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.epoch`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.round`,
                value: reader.uint32()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.exchange`,
                value: reader.sfixed32()
              }
              break
            }
            case 5: {
              if (opts.limits?.aggregates != null && obj.aggregates === opts.limits.aggregates) {
                throw new MaxLengthError('Streaming decode error - repeated field "aggregates" had too many elements')
              }

              for (const evt of Cells.codec().stream(reader, reader.uint32(), `${prefix}.aggregates[]`, {
                limits: opts.limits?.aggregates$
              })) {
                yield {
                  ...evt,
                  index: obj.aggregates
                }
              }

              obj.aggregates++

              break
            }
            case 6: {
              yield {
                field: `${prefix}.tags`,
                value: reader.bytes()
              }
              break
            }
            case 7: {
              yield {
                field: `${prefix}.shares`,
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

  export interface ExchangePartFieldEvent {
    field: '$.part'
    value: Part
  }

  export interface ExchangeEpochFieldEvent {
    field: '$.epoch'
    value: number
  }

  export interface ExchangeRoundFieldEvent {
    field: '$.round'
    value: number
  }

  export interface ExchangeExchangeFieldEvent {
    field: '$.exchange'
    value: number
  }

  export interface ExchangeAggregatesIdentityFieldEvent {
    field: '$.aggregates[].identity'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ExchangeAggregatesCellsFieldEvent {
    field: '$.aggregates[].cells'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface ExchangeTagsFieldEvent {
    field: '$.tags'
    value: Uint8Array<ArrayBuffer>
  }

  export interface ExchangeSharesFieldEvent {
    field: '$.shares'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Exchange>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Exchange.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exchange>): Exchange {
    return decodeMessage(buf, Exchange.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Exchange>): Generator<ExchangePartFieldEvent | ExchangeEpochFieldEvent | ExchangeRoundFieldEvent | ExchangeExchangeFieldEvent | ExchangeAggregatesIdentityFieldEvent | ExchangeAggregatesCellsFieldEvent | ExchangeTagsFieldEvent | ExchangeSharesFieldEvent> {
    return streamMessage(buf, Exchange.codec(), opts)
  }
}

export enum Part {
  TAKES_PART = 'TAKES_PART',
  APART = 'APART',
  WAITS = 'WAITS'
}

enum __PartValues {
  TAKES_PART = 0,
  APART = 1,
  WAITS = 2
}

export namespace Part {
  export const codec = (): Codec<Part> => {
    return enumeration<Part>(__PartValues)
  }
}

export interface Cells {
  identity: Uint8Array<ArrayBuffer>
  cells: Uint8Array<ArrayBuffer>
}

export namespace Cells {
  let _codec: Codec<Cells>

  export const codec = (): Codec<Cells> => {
    if (_codec == null) {
      _codec = message<Cells>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.identity != null && obj.identity.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.identity)
        }

        if ((obj.cells != null && obj.cells.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.cells)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          identity: uint8ArrayAlloc(0),
          cells: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.identity = reader.bytes()
              break
            }
            case 2: {
              obj.cells = reader.bytes()
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
                field: `${prefix}.identity`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.cells`,
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

  export interface CellsIdentityFieldEvent {
    field: '$.identity'
    value: Uint8Array<ArrayBuffer>
  }

  export interface CellsCellsFieldEvent {
    field: '$.cells'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Cells>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Cells.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Cells>): Cells {
    return decodeMessage(buf, Cells.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Cells>): Generator<CellsIdentityFieldEvent | CellsCellsFieldEvent> {
    return streamMessage(buf, Cells.codec(), opts)
  }
}
