/** Bytes of a file in pieces, unpacked where it is gzip. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { fail, failBecause, TuttiError } from '../../core/errors.ts'
import { placed } from '../settings.ts'

/** @throws FILE_MISSING, FILE_FORMAT when a gzip file is cut short or damaged */
export async function* bytesIn(path: string): AsyncGenerator<Buffer> {
  const here = await placed(path)
  const packed = await isGzip(here, path)
  const file = createReadStream(here, { highWaterMark: 1 << 18 })
  if (!packed) return yield* file
  const unpacked = createGunzip({ chunkSize: 1 << 18 })
  file.on('error', (error) => unpacked.destroy(error)).pipe(unpacked)
  try {
    yield* unpacked
  } catch (error) {
    if (error instanceof TuttiError) throw error
    throw failBecause(error, 'FILE_FORMAT', path, 'gzip', `${(error as Error).message} (was it cut short?)`)
  } finally {
    file.destroy()
  }
}

/** The first bytes of the content, up to about `size`. */
export async function headOf(path: string, size: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let have = 0
  for await (const piece of bytesIn(path)) {
    pieces.push(piece)
    have += piece.length
    if (have >= size) break
  }
  return Buffer.concat(pieces).subarray(0, size)
}

async function isGzip(here: string, path: string): Promise<boolean> {
  try {
    await using file = await open(here)
    const { buffer } = await file.read(new Uint8Array(2), 0, 2, 0)
    return buffer[0] === 0x1f && buffer[1] === 0x8b
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw fail('FILE_MISSING', path, 'a file of data')
    throw code === 'EISDIR' ? fail('FILE_MISSING', path, 'a file, not a folder') : error
  }
}
