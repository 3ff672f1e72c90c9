/** Attributes of millions of numbers or words, as trees have them, written straight to bytes: a writer's list of small steps would fill the memory. */

/** Whole numbers from 0 on. */
export type LongInts = Int32Array | Uint8Array
/** Words by their number in a list: `{ words: ['LEAF', 'BRANCH_LEQ'], codes }`. */
export interface LongWords {
  readonly words: readonly string[]
  readonly codes: Uint8Array
}

/** AttributeProto: name 1, ints 8 (packed), strings 9, type 20 (INTS 7, STRINGS 8). */
export function longAttribute(name: string, value: LongInts | LongWords): Uint8Array {
  const title = field(1, new TextEncoder().encode(name))
  if ('codes' in value) return joined([title, words(value), [0xa0, 1, 8]])
  return joined([title, field(8, packed(value)), [0xa0, 1, 7]])
}

function packed(values: LongInts): Uint8Array {
  let length = 0
  for (let i = 0; i < values.length; i++) length += sizeOf(values[i] as number)
  const bytes = new Uint8Array(length)
  let at = 0
  for (let i = 0; i < values.length; i++) at = put(bytes, at, values[i] as number)
  return bytes
}

function words({ words, codes }: LongWords): Uint8Array {
  const each = words.map((word) => field(9, new TextEncoder().encode(word)))
  let length = 0
  for (let i = 0; i < codes.length; i++) length += (each[codes[i] as number] as Uint8Array).length
  const bytes = new Uint8Array(length)
  let at = 0
  for (let i = 0; i < codes.length; i++) {
    const word = each[codes[i] as number] as Uint8Array
    bytes.set(word, at)
    at += word.length
  }
  return bytes
}

/** A field of given length: its tag, its length, its bytes. */
function field(number: number, content: Uint8Array): Uint8Array {
  const head = new Uint8Array(1 + sizeOf(content.length))
  head[0] = (number << 3) | 2
  put(head, 1, content.length)
  return joined([head, content])
}

function sizeOf(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
}

/** A varint; returns where it ends. */
function put(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 0x80) {
    bytes[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  bytes[at++] = value
  return at
}

function joined(parts: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
