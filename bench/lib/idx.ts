/** The files of MNIST, read in the plainest way there is; for peers, which have no reader of their own. */
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'

export type Part = 'train' | 't10k'

/** Pixels of all images, 784 bytes each. */
export function images(dir: string, part: Part): Uint8Array {
  return gunzipSync(readFileSync(imagePath(dir, part))).subarray(16)
}

export function labels(dir: string, part: Part): Uint8Array {
  return gunzipSync(readFileSync(labelPath(dir, part))).subarray(8)
}

/** Writes a part in MNIST's form, in an existing folder `<dir>/mnist`. */
export function writePart(dir: string, part: Part, pixels: Uint8Array, digits: Uint8Array): void {
  writeFileSync(imagePath(dir, part), gzipSync(Buffer.concat([header(0x803, digits.length, 28, 28), pixels])))
  writeFileSync(labelPath(dir, part), gzipSync(Buffer.concat([header(0x801, digits.length), digits])))
}

function header(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  numbers.forEach((number, i) => void bytes.writeUInt32BE(number, 4 * i))
  return bytes
}

function imagePath(dir: string, part: Part): string {
  return `${dir}/mnist/${part}-images-idx3-ubyte.gz`
}

function labelPath(dir: string, part: Part): string {
  return `${dir}/mnist/${part}-labels-idx1-ubyte.gz`
}
