/**
 * The protocol of sockets written a second time, from its description and without the code it is to check: a caller that can
 * also do everything wrong.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'

export const magic = Buffer.from('tuttiNET')

export function preamble(version: number, nonce: Uint8Array): Buffer {
  const head = Buffer.alloc(16)
  magic.copy(head)
  head.writeUInt32LE(version, 8)
  return Buffer.concat([head, nonce])
}

export function proof(token: string, who: 'caller' | 'listener', version: number, caller: Uint8Array, listener: Uint8Array): Buffer {
  const number = Buffer.alloc(4)
  number.writeUInt32LE(version)
  return createHmac('sha256', token)
    .update(Buffer.concat([Buffer.from(who), number, caller, listener]))
    .digest()
}

/** A frame with any text, also one that is no JSON. Kinds: 1 message, 2 message with bytes, 3 hello, 4 goodbye. */
export function frame(kind: number, text: string | Uint8Array, bytes: Uint8Array = Buffer.alloc(0)): Buffer {
  const body = Buffer.from(text)
  const fill = (part: Uint8Array) => Buffer.concat([part, Buffer.alloc((8 - (part.length % 8)) % 8)])
  return Buffer.concat([header(kind, body.length, bytes.length), fill(body), fill(bytes)])
}

export function header(kind: number, text: number, bytes: number): Buffer {
  const head = Buffer.alloc(16)
  head.write('tutF')
  head.writeUInt32LE(kind, 4)
  head.writeUInt32LE(text, 8)
  head.writeUInt32LE(bytes, 12)
  return head
}

/** The next bytes, so many, or fewer where the stream ends. */
export async function read(socket: Duplex, length: number): Promise<Buffer> {
  // One listener for the whole time: each new one would be told at once of the part that is there, before the rest can come.
  return await new Promise((resolve) => {
    const attempt = () => {
      const got = socket.read(length) as Buffer | null
      if (got === null && !socket.readableEnded && !socket.destroyed) return
      for (const event of ['readable', 'end', 'close']) socket.off(event, attempt)
      resolve(got ?? Buffer.alloc(0))
    }
    for (const event of ['readable', 'end', 'close']) socket.on(event, attempt)
    attempt()
  })
}

/** Shows the token; what comes next is a hello. @returns what the listener answered */
export async function authenticate(socket: Duplex, token: string, version = 1): Promise<{ preamble: Buffer; answer: Buffer }> {
  const nonce = randomBytes(32)
  socket.write(preamble(version, nonce))
  const theirs = await read(socket, 48)
  if (theirs.length < 48) return { preamble: theirs, answer: Buffer.alloc(0) }
  socket.write(proof(token, 'caller', version, nonce, theirs.subarray(16)))
  const answer = await read(socket, 40)
  const right = answer.length === 40 && proof(token, 'listener', version, nonce, theirs.subarray(16)).equals(answer.subarray(8))
  if (answer[0] === 1 && !right) throw new Error("the listener's proof is wrong")
  return { preamble: theirs, answer }
}
