import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Descriptor {
  record: Uint8Array<ArrayBuffer>
  subscription: Uint8Array<ArrayBuffer>
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

        if ((obj.record != null && obj.record.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.record)
        }

        if ((obj.subscription != null && obj.subscription.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.subscription)
        }

        if ((obj.age != null && obj.age !== 0)) {
          w.uint32(24)
          w.uint32(obj.age)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          record: uint8ArrayAlloc(0),
          subscription: uint8ArrayAlloc(0),
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
              obj.subscription = reader.bytes()
              break
            }
            case 3: {
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
                field: `${prefix}.subscription`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
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

  export interface DescriptorSubscriptionFieldEvent {
    field: '$.subscription'
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

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Descriptor>): Generator<DescriptorRecordFieldEvent | DescriptorSubscriptionFieldEvent | DescriptorAgeFieldEvent> {
    return streamMessage(buf, Descriptor.codec(), opts)
  }
}

export interface Subscription {
  number: number
  filter: string
}

export namespace Subscription {
  let _codec: Codec<Subscription>

  export const codec = (): Codec<Subscription> => {
    if (_codec == null) {
      _codec = message<Subscription>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.number != null && obj.number !== 0)) {
          w.uint32(8)
          w.uint32(obj.number)
        }

        if ((obj.filter != null && obj.filter !== '')) {
          w.uint32(18)
          w.string(obj.filter)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          number: 0,
          filter: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.number = reader.uint32()
              break
            }
            case 2: {
              obj.filter = reader.string()
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
                field: `${prefix}.number`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.filter`,
                value: reader.string()
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

  export interface SubscriptionNumberFieldEvent {
    field: '$.number'
    value: number
  }

  export interface SubscriptionFilterFieldEvent {
    field: '$.filter'
    value: string
  }

  export function encode (obj: Partial<Subscription>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Subscription.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Subscription>): Subscription {
    return decodeMessage(buf, Subscription.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Subscription>): Generator<SubscriptionNumberFieldEvent | SubscriptionFilterFieldEvent> {
    return streamMessage(buf, Subscription.codec(), opts)
  }
}

export interface Links {
  from?: Descriptor
  to: number
  leaving: boolean
  offers: Descriptor[]
  known: Uint8Array<ArrayBuffer>
  events: Uint8Array<ArrayBuffer>
}

export namespace Links {
  let _codec: Codec<Links>

  export const codec = (): Codec<Links> => {
    if (_codec == null) {
      _codec = message<Links>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.from != null) {
          w.uint32(10)
          Descriptor.codec().encode(obj.from, w)
        }

        if ((obj.to != null && obj.to !== 0)) {
          w.uint32(16)
          w.uint32(obj.to)
        }

        if ((obj.leaving != null && obj.leaving !== false)) {
          w.uint32(24)
          w.bool(obj.leaving)
        }

        if (obj.offers != null && obj.offers.length > 0) {
          for (const value of obj.offers) {
            w.uint32(34)
            Descriptor.codec().encode(value, w)
          }
        }

        if ((obj.known != null && obj.known.byteLength > 0)) {
          w.uint32(42)
          w.bytes(obj.known)
        }

        if ((obj.events != null && obj.events.byteLength > 0)) {
          w.uint32(50)
          w.bytes(obj.events)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          to: 0,
          leaving: false,
          offers: [],
          known: uint8ArrayAlloc(0),
          events: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.from = Descriptor.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.from
              })
              break
            }
            case 2: {
              obj.to = reader.uint32()
              break
            }
            case 3: {
              obj.leaving = reader.bool()
              break
            }
            case 4: {
              if (opts.limits?.offers != null && obj.offers.length === opts.limits.offers) {
                throw new MaxLengthError('Decode error - repeated field "offers" had too many elements')
              }

              obj.offers.push(Descriptor.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.offers$
              }))
              break
            }
            case 5: {
              obj.known = reader.bytes()
              break
            }
            case 6: {
              obj.events = reader.bytes()
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
          offers: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield * Descriptor.codec().stream(reader, reader.uint32(), `${prefix}.from`, {
                limits: opts.limits?.from
              })

              break
            }
            case 2: {
              yield {
                field: `${prefix}.to`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.leaving`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              if (opts.limits?.offers != null && obj.offers === opts.limits.offers) {
                throw new MaxLengthError('Streaming decode error - repeated field "offers" had too many elements')
              }

              for (const evt of Descriptor.codec().stream(reader, reader.uint32(), `${prefix}.offers[]`, {
                limits: opts.limits?.offers$
              })) {
                yield {
                  ...evt,
                  index: obj.offers
                }
              }

              obj.offers++

              break
            }
            case 5: {
              yield {
                field: `${prefix}.known`,
                value: reader.bytes()
              }
              break
            }
            case 6: {
              yield {
                field: `${prefix}.events`,
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

  export interface LinksFromRecordFieldEvent {
    field: '$.from.record'
    value: Uint8Array<ArrayBuffer>
  }

  export interface LinksFromSubscriptionFieldEvent {
    field: '$.from.subscription'
    value: Uint8Array<ArrayBuffer>
  }

  export interface LinksFromAgeFieldEvent {
    field: '$.from.age'
    value: number
  }

  export interface LinksToFieldEvent {
    field: '$.to'
    value: number
  }

  export interface LinksLeavingFieldEvent {
    field: '$.leaving'
    value: boolean
  }

  export interface LinksOffersRecordFieldEvent {
    field: '$.offers[].record'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface LinksOffersSubscriptionFieldEvent {
    field: '$.offers[].subscription'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface LinksOffersAgeFieldEvent {
    field: '$.offers[].age'
    value: number
    index: number
  }

  export interface LinksKnownFieldEvent {
    field: '$.known'
    value: Uint8Array<ArrayBuffer>
  }

  export interface LinksEventsFieldEvent {
    field: '$.events'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Links>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Links.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Links>): Links {
    return decodeMessage(buf, Links.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Links>): Generator<LinksFromRecordFieldEvent | LinksFromSubscriptionFieldEvent | LinksFromAgeFieldEvent | LinksToFieldEvent | LinksLeavingFieldEvent | LinksOffersRecordFieldEvent | LinksOffersSubscriptionFieldEvent | LinksOffersAgeFieldEvent | LinksKnownFieldEvent | LinksEventsFieldEvent> {
    return streamMessage(buf, Links.codec(), opts)
  }
}

export interface Attribute {
  name: string
  number?: number
  text?: string
  truth?: boolean
}

export namespace Attribute {
  let _codec: Codec<Attribute>

  export const codec = (): Codec<Attribute> => {
    if (_codec == null) {
      _codec = message<Attribute>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if (obj.number != null) {
          w.uint32(17)
          w.double(obj.number)
        }

        if (obj.text != null) {
          w.uint32(26)
          w.string(obj.text)
        }

        if (obj.truth != null) {
          w.uint32(32)
          w.bool(obj.truth)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.number = reader.double()
              break
            }
            case 3: {
              obj.text = reader.string()
              break
            }
            case 4: {
              obj.truth = reader.bool()
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
                field: `${prefix}.name`,
                value: reader.string()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.number`,
                value: reader.double()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.text`,
                value: reader.string()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.truth`,
                value: reader.bool()
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

  export interface AttributeNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface AttributeNumberFieldEvent {
    field: '$.number'
    value: number
  }

  export interface AttributeTextFieldEvent {
    field: '$.text'
    value: string
  }

  export interface AttributeTruthFieldEvent {
    field: '$.truth'
    value: boolean
  }

  export function encode (obj: Partial<Attribute>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Attribute.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Attribute>): Attribute {
    return decodeMessage(buf, Attribute.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Attribute>): Generator<AttributeNameFieldEvent | AttributeNumberFieldEvent | AttributeTextFieldEvent | AttributeTruthFieldEvent> {
    return streamMessage(buf, Attribute.codec(), opts)
  }
}

export interface SignedEvent {
  sequence: bigint
  time: bigint
  attributes: Attribute[]
  payload: Uint8Array<ArrayBuffer>
}

export namespace SignedEvent {
  let _codec: Codec<SignedEvent>

  export const codec = (): Codec<SignedEvent> => {
    if (_codec == null) {
      _codec = message<SignedEvent>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sequence != null && obj.sequence !== 0n)) {
          w.uint32(8)
          w.uint64(obj.sequence)
        }

        if ((obj.time != null && obj.time !== 0n)) {
          w.uint32(16)
          w.uint64(obj.time)
        }

        if (obj.attributes != null && obj.attributes.length > 0) {
          for (const value of obj.attributes) {
            w.uint32(26)
            Attribute.codec().encode(value, w)
          }
        }

        if ((obj.payload != null && obj.payload.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.payload)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          sequence: 0n,
          time: 0n,
          attributes: [],
          payload: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.sequence = reader.uint64()
              break
            }
            case 2: {
              obj.time = reader.uint64()
              break
            }
            case 3: {
              if (opts.limits?.attributes != null && obj.attributes.length === opts.limits.attributes) {
                throw new MaxLengthError('Decode error - repeated field "attributes" had too many elements')
              }

              obj.attributes.push(Attribute.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.attributes$
              }))
              break
            }
            case 4: {
              obj.payload = reader.bytes()
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
          attributes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.sequence`,
                value: reader.uint64()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.time`,
                value: reader.uint64()
              }
              break
            }
            case 3: {
              if (opts.limits?.attributes != null && obj.attributes === opts.limits.attributes) {
                throw new MaxLengthError('Streaming decode error - repeated field "attributes" had too many elements')
              }

              for (const evt of Attribute.codec().stream(reader, reader.uint32(), `${prefix}.attributes[]`, {
                limits: opts.limits?.attributes$
              })) {
                yield {
                  ...evt,
                  index: obj.attributes
                }
              }

              obj.attributes++

              break
            }
            case 4: {
              yield {
                field: `${prefix}.payload`,
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

  export interface SignedEventSequenceFieldEvent {
    field: '$.sequence'
    value: bigint
  }

  export interface SignedEventTimeFieldEvent {
    field: '$.time'
    value: bigint
  }

  export interface SignedEventAttributesNameFieldEvent {
    field: '$.attributes[].name'
    value: string
    index: number
  }

  export interface SignedEventAttributesNumberFieldEvent {
    field: '$.attributes[].number'
    value: number
    index: number
  }

  export interface SignedEventAttributesTextFieldEvent {
    field: '$.attributes[].text'
    value: string
    index: number
  }

  export interface SignedEventAttributesTruthFieldEvent {
    field: '$.attributes[].truth'
    value: boolean
    index: number
  }

  export interface SignedEventPayloadFieldEvent {
    field: '$.payload'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<SignedEvent>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SignedEvent.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedEvent>): SignedEvent {
    return decodeMessage(buf, SignedEvent.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<SignedEvent>): Generator<SignedEventSequenceFieldEvent | SignedEventTimeFieldEvent | SignedEventAttributesNameFieldEvent | SignedEventAttributesNumberFieldEvent | SignedEventAttributesTextFieldEvent | SignedEventAttributesTruthFieldEvent | SignedEventPayloadFieldEvent> {
    return streamMessage(buf, SignedEvent.codec(), opts)
  }
}

export interface Search {
  attributes: Attribute[]
}

export namespace Search {
  let _codec: Codec<Search>

  export const codec = (): Codec<Search> => {
    if (_codec == null) {
      _codec = message<Search>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.attributes != null && obj.attributes.length > 0) {
          for (const value of obj.attributes) {
            w.uint32(10)
            Attribute.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          attributes: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.attributes != null && obj.attributes.length === opts.limits.attributes) {
                throw new MaxLengthError('Decode error - repeated field "attributes" had too many elements')
              }

              obj.attributes.push(Attribute.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.attributes$
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
          attributes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.attributes != null && obj.attributes === opts.limits.attributes) {
                throw new MaxLengthError('Streaming decode error - repeated field "attributes" had too many elements')
              }

              for (const evt of Attribute.codec().stream(reader, reader.uint32(), `${prefix}.attributes[]`, {
                limits: opts.limits?.attributes$
              })) {
                yield {
                  ...evt,
                  index: obj.attributes
                }
              }

              obj.attributes++

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

  export interface SearchAttributesNameFieldEvent {
    field: '$.attributes[].name'
    value: string
    index: number
  }

  export interface SearchAttributesNumberFieldEvent {
    field: '$.attributes[].number'
    value: number
    index: number
  }

  export interface SearchAttributesTextFieldEvent {
    field: '$.attributes[].text'
    value: string
    index: number
  }

  export interface SearchAttributesTruthFieldEvent {
    field: '$.attributes[].truth'
    value: boolean
    index: number
  }

  export function encode (obj: Partial<Search>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Search.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Search>): Search {
    return decodeMessage(buf, Search.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Search>): Generator<SearchAttributesNameFieldEvent | SearchAttributesNumberFieldEvent | SearchAttributesTextFieldEvent | SearchAttributesTruthFieldEvent> {
    return streamMessage(buf, Search.codec(), opts)
  }
}

export interface Found {
  busy: boolean
  members: Descriptor[]
}

export namespace Found {
  let _codec: Codec<Found>

  export const codec = (): Codec<Found> => {
    if (_codec == null) {
      _codec = message<Found>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.busy != null && obj.busy !== false)) {
          w.uint32(8)
          w.bool(obj.busy)
        }

        if (obj.members != null && obj.members.length > 0) {
          for (const value of obj.members) {
            w.uint32(18)
            Descriptor.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          busy: false,
          members: []
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
              if (opts.limits?.members != null && obj.members.length === opts.limits.members) {
                throw new MaxLengthError('Decode error - repeated field "members" had too many elements')
              }

              obj.members.push(Descriptor.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.members$
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
          members: 0
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
              if (opts.limits?.members != null && obj.members === opts.limits.members) {
                throw new MaxLengthError('Streaming decode error - repeated field "members" had too many elements')
              }

              for (const evt of Descriptor.codec().stream(reader, reader.uint32(), `${prefix}.members[]`, {
                limits: opts.limits?.members$
              })) {
                yield {
                  ...evt,
                  index: obj.members
                }
              }

              obj.members++

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

  export interface FoundBusyFieldEvent {
    field: '$.busy'
    value: boolean
  }

  export interface FoundMembersRecordFieldEvent {
    field: '$.members[].record'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface FoundMembersSubscriptionFieldEvent {
    field: '$.members[].subscription'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface FoundMembersAgeFieldEvent {
    field: '$.members[].age'
    value: number
    index: number
  }

  export function encode (obj: Partial<Found>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Found.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Found>): Found {
    return decodeMessage(buf, Found.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Found>): Generator<FoundBusyFieldEvent | FoundMembersRecordFieldEvent | FoundMembersSubscriptionFieldEvent | FoundMembersAgeFieldEvent> {
    return streamMessage(buf, Found.codec(), opts)
  }
}

export interface HandOff {
  event: Uint8Array<ArrayBuffer>
  targets: Target[]
}

export namespace HandOff {
  let _codec: Codec<HandOff>

  export const codec = (): Codec<HandOff> => {
    if (_codec == null) {
      _codec = message<HandOff>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.event != null && obj.event.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.event)
        }

        if (obj.targets != null && obj.targets.length > 0) {
          for (const value of obj.targets) {
            w.uint32(18)
            Target.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          event: uint8ArrayAlloc(0),
          targets: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.event = reader.bytes()
              break
            }
            case 2: {
              if (opts.limits?.targets != null && obj.targets.length === opts.limits.targets) {
                throw new MaxLengthError('Decode error - repeated field "targets" had too many elements')
              }

              obj.targets.push(Target.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.targets$
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
          targets: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.event`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              if (opts.limits?.targets != null && obj.targets === opts.limits.targets) {
                throw new MaxLengthError('Streaming decode error - repeated field "targets" had too many elements')
              }

              for (const evt of Target.codec().stream(reader, reader.uint32(), `${prefix}.targets[]`, {
                limits: opts.limits?.targets$
              })) {
                yield {
                  ...evt,
                  index: obj.targets
                }
              }

              obj.targets++

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

  export interface HandOffEventFieldEvent {
    field: '$.event'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HandOffTargetsToFieldEvent {
    field: '$.targets[].to'
    value: number
    index: number
  }

  export interface HandOffTargetsArcFieldEvent {
    field: '$.targets[].arc'
    value: number
    index: number
  }

  export function encode (obj: Partial<HandOff>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, HandOff.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HandOff>): HandOff {
    return decodeMessage(buf, HandOff.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<HandOff>): Generator<HandOffEventFieldEvent | HandOffTargetsToFieldEvent | HandOffTargetsArcFieldEvent> {
    return streamMessage(buf, HandOff.codec(), opts)
  }
}

export interface Target {
  to: number
  arc: number
}

export namespace Target {
  let _codec: Codec<Target>

  export const codec = (): Codec<Target> => {
    if (_codec == null) {
      _codec = message<Target>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.to != null && obj.to !== 0)) {
          w.uint32(8)
          w.uint32(obj.to)
        }

        if ((obj.arc != null && obj.arc !== 0)) {
          w.uint32(17)
          w.double(obj.arc)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          to: 0,
          arc: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.to = reader.uint32()
              break
            }
            case 2: {
              obj.arc = reader.double()
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
                field: `${prefix}.to`,
                value: reader.uint32()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.arc`,
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

  export interface TargetToFieldEvent {
    field: '$.to'
    value: number
  }

  export interface TargetArcFieldEvent {
    field: '$.arc'
    value: number
  }

  export function encode (obj: Partial<Target>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Target.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Target>): Target {
    return decodeMessage(buf, Target.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Target>): Generator<TargetToFieldEvent | TargetArcFieldEvent> {
    return streamMessage(buf, Target.codec(), opts)
  }
}

export interface Notice {
  event: Uint8Array<ArrayBuffer>
  from: number
  to: number
}

export namespace Notice {
  let _codec: Codec<Notice>

  export const codec = (): Codec<Notice> => {
    if (_codec == null) {
      _codec = message<Notice>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.event != null && obj.event.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.event)
        }

        if ((obj.from != null && obj.from !== 0)) {
          w.uint32(16)
          w.uint32(obj.from)
        }

        if ((obj.to != null && obj.to !== 0)) {
          w.uint32(24)
          w.uint32(obj.to)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          event: uint8ArrayAlloc(0),
          from: 0,
          to: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.event = reader.bytes()
              break
            }
            case 2: {
              obj.from = reader.uint32()
              break
            }
            case 3: {
              obj.to = reader.uint32()
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
                field: `${prefix}.event`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.from`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.to`,
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

  export interface NoticeEventFieldEvent {
    field: '$.event'
    value: Uint8Array<ArrayBuffer>
  }

  export interface NoticeFromFieldEvent {
    field: '$.from'
    value: number
  }

  export interface NoticeToFieldEvent {
    field: '$.to'
    value: number
  }

  export function encode (obj: Partial<Notice>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Notice.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Notice>): Notice {
    return decodeMessage(buf, Notice.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Notice>): Generator<NoticeEventFieldEvent | NoticeFromFieldEvent | NoticeToFieldEvent> {
    return streamMessage(buf, Notice.codec(), opts)
  }
}

export interface Batch {
  handOffs: HandOff[]
  notices: Notice[]
  wanted: Uint8Array<ArrayBuffer>
}

export namespace Batch {
  let _codec: Codec<Batch>

  export const codec = (): Codec<Batch> => {
    if (_codec == null) {
      _codec = message<Batch>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.handOffs != null && obj.handOffs.length > 0) {
          for (const value of obj.handOffs) {
            w.uint32(10)
            HandOff.codec().encode(value, w)
          }
        }

        if (obj.notices != null && obj.notices.length > 0) {
          for (const value of obj.notices) {
            w.uint32(18)
            Notice.codec().encode(value, w)
          }
        }

        if ((obj.wanted != null && obj.wanted.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.wanted)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          handOffs: [],
          notices: [],
          wanted: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.handOffs != null && obj.handOffs.length === opts.limits.handOffs) {
                throw new MaxLengthError('Decode error - repeated field "handOffs" had too many elements')
              }

              obj.handOffs.push(HandOff.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.handOffs$
              }))
              break
            }
            case 2: {
              if (opts.limits?.notices != null && obj.notices.length === opts.limits.notices) {
                throw new MaxLengthError('Decode error - repeated field "notices" had too many elements')
              }

              obj.notices.push(Notice.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.notices$
              }))
              break
            }
            case 3: {
              obj.wanted = reader.bytes()
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
          handOffs: 0,
          notices: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.handOffs != null && obj.handOffs === opts.limits.handOffs) {
                throw new MaxLengthError('Streaming decode error - repeated field "handOffs" had too many elements')
              }

              for (const evt of HandOff.codec().stream(reader, reader.uint32(), `${prefix}.handOffs[]`, {
                limits: opts.limits?.handOffs$
              })) {
                yield {
                  ...evt,
                  index: obj.handOffs
                }
              }

              obj.handOffs++

              break
            }
            case 2: {
              if (opts.limits?.notices != null && obj.notices === opts.limits.notices) {
                throw new MaxLengthError('Streaming decode error - repeated field "notices" had too many elements')
              }

              for (const evt of Notice.codec().stream(reader, reader.uint32(), `${prefix}.notices[]`, {
                limits: opts.limits?.notices$
              })) {
                yield {
                  ...evt,
                  index: obj.notices
                }
              }

              obj.notices++

              break
            }
            case 3: {
              yield {
                field: `${prefix}.wanted`,
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

  export interface BatchHandOffsEventFieldEvent {
    field: '$.handOffs[].event'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface BatchHandOffsTargetsToFieldEvent {
    field: '$.handOffs[].targets[].to'
    value: number
    index: number
  }

  export interface BatchHandOffsTargetsArcFieldEvent {
    field: '$.handOffs[].targets[].arc'
    value: number
    index: number
  }

  export interface BatchNoticesEventFieldEvent {
    field: '$.notices[].event'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface BatchNoticesFromFieldEvent {
    field: '$.notices[].from'
    value: number
    index: number
  }

  export interface BatchNoticesToFieldEvent {
    field: '$.notices[].to'
    value: number
    index: number
  }

  export interface BatchWantedFieldEvent {
    field: '$.wanted'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Batch>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Batch.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Batch>): Batch {
    return decodeMessage(buf, Batch.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Batch>): Generator<BatchHandOffsEventFieldEvent | BatchHandOffsTargetsToFieldEvent | BatchHandOffsTargetsArcFieldEvent | BatchNoticesEventFieldEvent | BatchNoticesFromFieldEvent | BatchNoticesToFieldEvent | BatchWantedFieldEvent> {
    return streamMessage(buf, Batch.codec(), opts)
  }
}

export interface BatchReply {
  fates: Uint8Array<ArrayBuffer>
  events: Uint8Array<ArrayBuffer>[]
}

export namespace BatchReply {
  let _codec: Codec<BatchReply>

  export const codec = (): Codec<BatchReply> => {
    if (_codec == null) {
      _codec = message<BatchReply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.fates != null && obj.fates.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.fates)
        }

        if (obj.events != null && obj.events.length > 0) {
          for (const value of obj.events) {
            w.uint32(18)
            w.bytes(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          fates: uint8ArrayAlloc(0),
          events: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.fates = reader.bytes()
              break
            }
            case 2: {
              if (opts.limits?.events != null && obj.events.length === opts.limits.events) {
                throw new MaxLengthError('Decode error - repeated field "events" had too many elements')
              }

              obj.events.push(reader.bytes())
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
          events: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.fates`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              if (opts.limits?.events != null && obj.events === opts.limits.events) {
                throw new MaxLengthError('Streaming decode error - repeated field "events" had too many elements')
              }

              yield {
                field: `${prefix}.events[]`,
                index: obj.events,
                value: reader.bytes()
              }

              obj.events++

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

  export interface BatchReplyFatesFieldEvent {
    field: '$.fates'
    value: Uint8Array<ArrayBuffer>
  }

  export interface BatchReplyEventsFieldEvent {
    field: '$.events[]'
    index: number
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<BatchReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, BatchReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BatchReply>): BatchReply {
    return decodeMessage(buf, BatchReply.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<BatchReply>): Generator<BatchReplyFatesFieldEvent | BatchReplyEventsFieldEvent> {
    return streamMessage(buf, BatchReply.codec(), opts)
  }
}
