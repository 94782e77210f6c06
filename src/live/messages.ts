import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Profiles {
  profiles: Profile[]
}

export namespace Profiles {
  let _codec: Codec<Profiles>

  export const codec = (): Codec<Profiles> => {
    if (_codec == null) {
      _codec = message<Profiles>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.profiles != null && obj.profiles.length > 0) {
          for (const value of obj.profiles) {
            w.uint32(802)
            Profile.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          profiles: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 100: {
              if (opts.limits?.profiles != null && obj.profiles.length === opts.limits.profiles) {
                throw new MaxLengthError('Decode error - repeated field "profiles" had too many elements')
              }

              obj.profiles.push(Profile.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.profiles$
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
          profiles: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 100: {
              if (opts.limits?.profiles != null && obj.profiles === opts.limits.profiles) {
                throw new MaxLengthError('Streaming decode error - repeated field "profiles" had too many elements')
              }

              for (const evt of Profile.codec().stream(reader, reader.uint32(), `${prefix}.profiles[]`, {
                limits: opts.limits?.profiles$
              })) {
                yield {
                  ...evt,
                  index: obj.profiles
                }
              }

              obj.profiles++

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

  export interface ProfilesProfilesNameFieldEvent {
    field: '$.profiles[].name'
    value: string
    index: number
  }

  export interface ProfilesProfilesValueFieldEvent {
    field: '$.profiles[].value'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export function encode (obj: Partial<Profiles>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Profiles.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Profiles>): Profiles {
    return decodeMessage(buf, Profiles.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Profiles>): Generator<ProfilesProfilesNameFieldEvent | ProfilesProfilesValueFieldEvent> {
    return streamMessage(buf, Profiles.codec(), opts)
  }
}

export interface Profile {
  name: string
  value: Uint8Array<ArrayBuffer>
}

export namespace Profile {
  let _codec: Codec<Profile>

  export const codec = (): Codec<Profile> => {
    if (_codec == null) {
      _codec = message<Profile>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.value != null && obj.value.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.value)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          name: '',
          value: uint8ArrayAlloc(0)
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
              obj.value = reader.bytes()
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
                field: `${prefix}.value`,
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

  export interface ProfileNameFieldEvent {
    field: '$.name'
    value: string
  }

  export interface ProfileValueFieldEvent {
    field: '$.value'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<Profile>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Profile.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Profile>): Profile {
    return decodeMessage(buf, Profile.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Profile>): Generator<ProfileNameFieldEvent | ProfileValueFieldEvent> {
    return streamMessage(buf, Profile.codec(), opts)
  }
}
