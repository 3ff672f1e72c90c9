/**
 * How two sides of a socket show each other that they know the token, before anything is parsed.
 *
 * ```text
 * caller    magic 8 | version 4 | zero 4 | nonce 32
 * listener  magic 8 | version 4 | zero 4 | nonce 32                       (another version: it ends here)
 * caller    HMAC-SHA256(token, 'caller' | version | both nonces) 32
 * listener  1 or 0, 8 | HMAC-SHA256(token, 'listener' | version | both nonces) 32
 * caller    a frame of kind hello, at most 64 KiB
 * ```
 *
 * The token never travels, and what is seen of one handshake opens no other: the nonces are new each time. All parts have a
 * fixed size, and the listener has not parsed a byte of JSON before the caller has shown the token.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { fail } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import { encodeFrame, frameOf, headerLength, helloLimit, readHead } from './frame.ts'

/** Counts changes after which the two sides would not understand each other. */
export const protocolVersion = 1

/** The listener's side: resolves with the caller's hello, or rejects with a plain Error; nothing is parsed before the token was shown. */
export async function receiveCaller(socket: Socket, token: string): Promise<Json> {
  const theirs = readPreamble(await take(socket, preambleLength))
  const own = randomBytes(nonceLength)
  socket.write(preamble(own))
  if (theirs.version !== protocolVersion) throw new Error('another version of the protocol')
  const proof = await take(socket, proofLength)
  const knows = timingSafeEqual(proof, prove(token, 'caller', theirs.nonce, own))
  const answer = Buffer.alloc(8 + proofLength)
  if (knows) {
    answer[0] = 1
    prove(token, 'listener', theirs.nonce, own).copy(answer, 8)
  }
  socket.write(answer)
  if (!knows) throw new Error('wrong token')
  const head = readHead(await take(socket, headerLength), helloLimit)
  if (head.kind !== 'hello') throw new Error('no hello')
  return frameOf(head, head.size === 0 ? Buffer.alloc(0) : await take(socket, head.size)).body
}

/** The caller's side. @throws NET_REFUSED, NET_VERSION; a plain Error where the connection failed on the way */
export async function greetListener(socket: Socket, address: string, token: string, hello: Json): Promise<void> {
  const frame = encodeFrame('hello', hello, undefined, helloLimit)
  const own = randomBytes(nonceLength)
  socket.write(preamble(own))
  // Who says something else may say less than a preamble.
  const begin = await take(socket, magic.length).catch((error: Error) => {
    // To an address of plain TCP, a listener of TLS says nothing.
    const hint = address.startsWith('tcp:') ? "; where it listens with TLS, the address begins with 'tls:'" : ''
    throw new Error(`${error.message}${hint}`, { cause: error })
  })
  if (!begin.equals(magic)) throw fail('NET_REFUSED', address, 'something else than tutti answers there')
  const { version, nonce } = readPreamble(Buffer.concat([begin, await take(socket, preambleLength - magic.length)]))
  if (version !== protocolVersion) throw fail('NET_VERSION', address, version, protocolVersion)
  socket.write(prove(token, 'caller', own, nonce))
  const answer = await take(socket, 8 + proofLength)
  if (answer[0] !== 1) throw fail('NET_REFUSED', address, 'it does not accept the token')
  if (!timingSafeEqual(answer.subarray(8), prove(token, 'listener', own, nonce))) {
    throw fail('NET_REFUSED', address, 'the other side does not know the token')
  }
  socket.write(frame)
}

const magic = Buffer.from('tuttiNET')
const nonceLength = 32
const proofLength = 32
const preambleLength = 16 + nonceLength

function preamble(nonce: Buffer): Buffer {
  const whole = Buffer.alloc(preambleLength)
  magic.copy(whole)
  whole.writeUInt32LE(protocolVersion, 8)
  nonce.copy(whole, 16)
  return whole
}

function readPreamble(whole: Buffer): { version: number; nonce: Buffer } {
  if (!whole.subarray(0, magic.length).equals(magic)) throw new Error('not tutti')
  return { version: whole.readUInt32LE(8), nonce: whole.subarray(16) }
}

/** The labels differ, so that neither side's proof can be sent back to it as the other's. */
function prove(token: string, who: 'caller' | 'listener', caller: Buffer, listener: Buffer): Buffer {
  const version = Buffer.alloc(4)
  version.writeUInt32LE(protocolVersion)
  return createHmac('sha256', token).update(who).update(version).update(caller).update(listener).digest()
}

/** The next bytes, so many; what comes after them stays in the socket. */
function take(socket: Socket, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const attempt = () => {
      const got = socket.read(length) as Buffer | null
      if (got === null) return
      done()
      if (got.length === length) resolve(got)
      else reject(new Error('it ended too early'))
    }
    const ended = () => {
      done()
      reject(socket.errored ?? new Error('it ended too early'))
    }
    const done = () => {
      socket.off('readable', attempt)
      for (const event of ends) socket.off(event, ended)
    }
    for (const event of ends) socket.on(event, ended)
    socket.on('readable', attempt)
    if (socket.destroyed) ended()
    else attempt()
  })
}

const ends = ['end', 'close', 'error'] as const
