/** Certificates for TLS where no authority is asked: who calls knows the fingerprint of the one certificate it accepts. */
import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { failBecause, messageOf } from '../core/errors.ts'

/** Both as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/**
 * A new key on the curve P-256, and a certificate of version 3 that it signed itself with ECDSA and SHA-256. It is valid from a day
 * before `now`, as clocks differ, for a year.
 *
 * Source: RFC 5280, section 4.1; the encoding is DER, ITU-T X.690.
 *
 * @param now milliseconds since 1970
 * @example `const { cert, key } = selfSigned(Date.UTC(2026, 10, 21))`
 */
export function selfSigned(now: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(objectId('2.5.4.3'), element(tags.text, Buffer.from('tutti')))))
  const algorithm = sequence(objectId('1.2.840.10045.4.3.2'))
  // Positive, and with no zero in front: its first byte is 64 to 127.
  const serial = randomBytes(16)
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  const begin = now - day
  // Of an end, not of an authority.
  const constraints = sequence(objectId('2.5.29.19'), element(tags.bytes, sequence()))
  const signed = sequence(
    element(tags.version, element(tags.integer, Buffer.of(2))),
    element(tags.integer, serial),
    algorithm,
    name,
    sequence(time(begin), time(begin + 365 * day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(tags.extensions, sequence(constraints)),
  )
  const signature = element(tags.bits, Buffer.of(0), sign('sha256', signed, privateKey))
  return {
    cert: pem(sequence(signed, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}

/** SHA-256 of a certificate's DER form, as 64 hexadecimal digits; of the first, where the PEM has several. @throws NET_CERTIFICATE */
export function fingerprintOf(cert: string): string {
  try {
    return fingerprint(new X509Certificate(cert).raw)
  } catch (error) {
    throw failBecause(error, 'NET_CERTIFICATE', messageOf(error))
  }
}

/** The same of a DER form. */
export const fingerprint = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')

const day = 24 * 3600e3

const tags = {
  integer: 0x02,
  bits: 0x03,
  bytes: 0x04,
  objectId: 0x06,
  text: 0x0c,
  shortTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
} as const

/** A tag, the length of what follows, and that. */
function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

/** In one byte up to 127; else the number of bytes, with the highest bit set, and those bytes. */
function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.of(length)
  const digits = Buffer.from(length.toString(16).padStart(length < 256 ? 2 : 4, '0'), 'hex')
  return Buffer.concat([Buffer.of(0x80 | digits.length), digits])
}

const sequence = (...parts: readonly Uint8Array[]) => element(tags.sequence, ...parts)
const set = (...parts: readonly Uint8Array[]) => element(tags.set, ...parts)

/** Its first two numbers share a byte; each other is written in groups of seven bits, of which all but the last have the highest bit set. */
function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [40 * first + second]
  for (const number of rest) {
    const groups = [number & 0x7f]
    for (let left = number >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f))
    bytes.push(...groups)
  }
  return element(tags.objectId, Buffer.from(bytes))
}

/** To the second; with two digits for the year until 2049, as the standard demands. */
function time(moment: number): Buffer {
  const text = new Date(moment).toISOString().replace(/\.\d+|[-:T]/g, '')
  return text < '2050' ? element(tags.shortTime, Buffer.from(text.slice(2))) : element(tags.time, Buffer.from(text))
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
