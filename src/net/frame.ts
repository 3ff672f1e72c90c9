/**
 * Frames: how a message lies on a stream of bytes.
 *
 * | bytes | what |
 * |---|---|
 * | 4 | magic, 'tutF' |
 * | 1 | kind: 1 message, 2 message with bytes, 3 hello, 4 goodbye |
 * | 3 | zero |
 * | 4 | length of the JSON text in UTF-8, little-endian |
 * | 4 | length of the bytes beside it |
 * | | the text, padded with zeros to a multiple of 8; the bytes, padded in the same way |
 *
 * A frame is a multiple of 8 long and its parts begin at multiples of 8, so views of `bytes` as any kind of number are aligned.
 */
import { fail, messageOf } from '../core/errors.ts'
import { fromText, type Json, toText } from '../core/json.ts'

export type FrameKind = 'message' | 'hello' | 'goodbye'

export interface Frame {
  readonly kind: FrameKind
  readonly body: Json
  readonly bytes?: Uint8Array
}

export const headerLength = 16
/** Of what a caller says of itself, and of a goodbye. */
export const helloLimit = 2 ** 16

/** @throws NET_MESSAGE */
export function encodeFrame(kind: FrameKind, body: Json, bytes: Uint8Array | undefined, limit: number): Buffer {
  const text = textOf(body)
  const length = Buffer.byteLength(text)
  const size = length + (bytes?.byteLength ?? 0)
  checkSize(size, limit)
  const start = headerLength + padded(length)
  const frame = Buffer.allocUnsafe(start + padded(bytes?.byteLength ?? 0))
  frame.writeUInt32LE(magic, 0)
  frame.writeUInt32LE(codeOf[bytes && kind === 'message' ? 'messageWithBytes' : kind], 4)
  frame.writeUInt32LE(length, 8)
  frame.writeUInt32LE(bytes?.byteLength ?? 0, 12)
  frame.write(text, headerLength, 'utf8')
  frame.fill(0, headerLength + length, start)
  if (bytes) {
    frame.set(bytes, start)
    frame.fill(0, start + bytes.byteLength)
  }
  return frame
}

/** The text of a body, as it travels. @throws NET_MESSAGE */
export function textOf(body: Json): string {
  try {
    return toText(body)
  } catch (error) {
    throw fail('NET_MESSAGE', messageOf(error).split('\n')[0] as string)
  }
}

/** @throws NET_MESSAGE */
export function checkSize(size: number, limit: number): void {
  if (size > limit) throw fail('NET_MESSAGE', tooLarge(size, limit))
}

export const tooLarge = (size: number, limit: number) => `a message of ${size} bytes is larger than the limit of ${limit}`

/** Takes a stream apart, however it was cut. `push` throws a plain Error, with the reason, for what is no frame. */
export interface FrameReader {
  push(chunk: Uint8Array): void
}

export function frameReader(limit: number, onFrame: (frame: Frame) => void): FrameReader {
  const header = Buffer.alloc(headerLength)
  let filled = 0
  let head: Head | undefined
  /** Text and bytes of the frame that is arriving; in one buffer of its own where bytes go with it. */
  let rest: Buffer = header

  return {
    push(input) {
      let chunk = Buffer.from(input.buffer, input.byteOffset, input.byteLength)
      while (chunk.length > 0) {
        if (!head) {
          const taken = chunk.copy(header, filled, 0, headerLength - filled)
          filled += taken
          chunk = chunk.subarray(taken)
          if (filled < headerLength) return
          head = readHead(header, limit)
          filled = 0
          // A small frame that is here whole needs no buffer.
          if (head.bytes === undefined && chunk.length >= head.size) {
            const frame = frameOf(head, chunk)
            chunk = chunk.subarray(head.size)
            head = undefined
            onFrame(frame)
            continue
          }
          rest = Buffer.allocUnsafeSlow(head.size)
        }
        const taken = chunk.copy(rest, filled)
        filled += taken
        chunk = chunk.subarray(taken)
        if (filled < head.size) return
        const frame = frameOf(head, rest)
        head = undefined
        filled = 0
        rest = header
        onFrame(frame)
      }
    },
  }
}

export interface Head {
  readonly kind: FrameKind
  readonly text: number
  readonly bytes: number | undefined
  /** Of what follows the header, with its padding. */
  readonly size: number
}

/** Checks a header before anything is allocated for what it announces. Throws a plain Error with the reason. */
export function readHead(header: Buffer, limit: number): Head {
  if (header.readUInt32LE(0) !== magic) throw new Error('what arrived is no message')
  const name = kinds[header.readUInt32LE(4) - 1]
  const text = header.readUInt32LE(8)
  const bytes = header.readUInt32LE(12)
  if (name === undefined || (bytes > 0 && name !== 'messageWithBytes')) throw new Error('what arrived is no message')
  if (text + bytes > limit) throw new Error(tooLarge(text + bytes, limit))
  const kind = name === 'messageWithBytes' ? 'message' : name
  return { kind, text, bytes: name === 'messageWithBytes' ? bytes : undefined, size: padded(text) + padded(bytes) }
}

/** The frame of a header and of what followed it. */
export function frameOf(head: Head, rest: Buffer): Frame {
  let body: Json
  try {
    body = fromText(rest.toString('utf8', 0, head.text))
  } catch {
    throw new Error('what arrived is no message: its text is no JSON')
  }
  if (head.bytes === undefined) return { kind: head.kind, body }
  return { kind: head.kind, body, bytes: new Uint8Array(rest.buffer, rest.byteOffset + padded(head.text), head.bytes) }
}

/** 'tutF', read as a little-endian number. */
const magic = 0x46747574
const kinds = ['message', 'messageWithBytes', 'hello', 'goodbye'] as const
const codeOf = { message: 1, messageWithBytes: 2, hello: 3, goodbye: 4 } as const
const padded = (length: number) => Math.ceil(length / 8) * 8
