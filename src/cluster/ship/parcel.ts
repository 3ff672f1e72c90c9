/** Files under one name: that of their content. */
import { hash as hashOf } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import type { ZipInputFile } from 'fflate'
import { formatBytes } from '../../core/bytes.ts'
import { fail } from '../../core/errors.ts'
import { atOnce } from '../files/atOnce.ts'

const deflate = promisify(deflateRaw) as (content: Uint8Array, options: { level: number }) => Promise<Uint8Array<ArrayBuffer>>

export interface Parcel {
  /** 40 hex digits of SHA-256 over the names and contents: the same for the same files, wherever and whenever they were made. */
  readonly hash: string
  readonly files: number
  /** Unpacked. */
  readonly bytes: number
  /**
   * The files as a zip, the same bytes each time. Made when asked: most of the time a cluster has it already.
   *
   * @throws SHIP_TOO_LARGE, SHIP_CHANGED
   */
  zip(): Promise<Uint8Array>
}

export interface ParcelFile {
  /** In the parcel, with '/'. */
  readonly name: string
  /** On this machine; or the content itself. */
  readonly from: string | Uint8Array
  readonly bytes: number
  /** SHA-256 of the content. */
  readonly hash: string
  /** What to blame for its size: the file or its package. */
  readonly of: string
}

/** Ray takes 100 MiB, and refuses more with no word on what to do. */
export const largestZip = 90 * 2 ** 20

/** Files that are read at a time: packages have thousands, and a process may open a thousand or so. */
export const mostOpen = 64

/** Zips hold local times without a zone; 1980 is when they begin. */
const mtime = new Date(1980, 0, 1)

/** @param what 'training files': for people. */
export function parcelOf(what: string, files: readonly ParcelFile[], limit = largestZip): Parcel {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const twice = sorted.find((file, i) => file.name === sorted[i + 1]?.name)
  if (twice) throw fail('INTERNAL', `two files were to be shipped as ${twice.name}`)
  const zip = async () => {
    const bytes = await zipOf(sorted)
    if (bytes.length > limit) throw fail('SHIP_TOO_LARGE', what, `${formatBytes(bytes.length)} zipped`, limit, largest(sorted))
    return bytes
  }
  return {
    hash: hashOf('sha256', sorted.map(({ name, hash }) => `${name}\0${hash}\n`).join('')).slice(0, 40),
    files: sorted.length,
    bytes: sorted.reduce((sum, file) => sum + file.bytes, 0),
    zip,
  }
}

/** With the hash of its content. */
export function fileOf(name: string, content: Uint8Array, of = name): ParcelFile {
  return { name, from: content, bytes: content.length, hash: hashOf('sha256', content), of }
}

/** Under its hash there must be nothing else, for as long as the cluster keeps it. */
async function contentOf({ from, hash }: ParcelFile): Promise<Uint8Array> {
  if (typeof from !== 'string') return from
  const content = await readFile(from)
  if (hashOf('sha256', content) !== hash) throw fail('SHIP_CHANGED', from)
  return content
}

/** Node deflates, in threads of its own and several times as fast as any JavaScript; fflate writes the zip round it. */
async function zipOf(files: readonly ParcelFile[]): Promise<Uint8Array> {
  const { Zip } = await import('fflate')
  const deflated: { name: string; size: number; crc: number; bytes: Uint8Array<ArrayBuffer> }[] = []
  await atOnce(mostOpen, files, async (file, i) => {
    const content = await contentOf(file)
    deflated[i] = { name: file.name, size: content.length, crc: crc32(content), bytes: await deflate(content, { level: 1 }) }
  })
  const chunks: Uint8Array[] = []
  const zip = new Zip((error, chunk) => {
    if (error) throw error
    chunks.push(chunk)
  })
  for (const { name, size, crc, bytes } of deflated) {
    const file: ZipInputFile = { filename: name, size, crc, compression: 8, mtime, os: 3, attrs: 0o100644 << 16 }
    zip.add(file)
    file.ondata?.(null, bytes, true)
  }
  zip.end()
  return Buffer.concat(chunks)
}

function largest(files: readonly ParcelFile[]): [string, number][] {
  const sums = new Map<string, number>()
  for (const { of, bytes } of files) sums.set(of, (sums.get(of) ?? 0) + bytes)
  return [...sums].sort((a, b) => b[1] - a[1]).slice(0, 3)
}
