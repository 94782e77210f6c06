/** Attributes of one event: twice what one filter may name, since filters of many kinds look at the same event. */
export const MAX_EVENT_ATTRIBUTES = 32

/** Attributes that one filter names. In more dimensions hardly two boxes overlap, and groups would have one member each. */
export const MAX_FILTER_ATTRIBUTES = 16

/** Characters of an attribute's name: names are sent with every event. */
export const MAX_NAME_LENGTH = 64

/** Bytes of a string in UTF-8: what is longer is content, and belongs in the payload. */
export const MAX_STRING_BYTES = 1_024

/** Characters of a filter's text, as written and as printed: a filter is sent to everybody who might be a neighbour. */
export const MAX_FILTER_LENGTH = 4_096

/** Members of one set: as many as of a text of that length can be of any use. */
export const MAX_SET_SIZE = 256

/** Boxes of one filter: each is a member of groups of its own. Sets that would make more are covered by fewer, wider boxes. */
export const MAX_BOXES = 64
