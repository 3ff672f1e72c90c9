import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fail, failBecause, messageOf } from '../../core/errors.ts'
import { type Examples, exampleShape, type InputFormat, onlyInput, toInput, unsuitable } from '../input.ts'
import type { Signature } from '../signature.ts'

const endings = ['.png', '.jpg', '.jpeg', '.webp']

/** A picture, or a folder of them: scaled and cropped round the middle to the model's size, grey where it has one channel. */
export function image(): InputFormat {
  return { endings, read }
}

async function read(path: string, signature: Signature): Promise<Examples> {
  const input = onlyInput(path, signature)
  const shape = exampleShape(path, input)
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape
  if (!height || !width || (channels !== 1 && channels !== 3)) throw unsuitable(path, 'it is a picture', [input])
  const files = await filesOf(path)
  const area = height * width
  const data = new Float32Array(files.length * channels * area)
  for (const [at, file] of files.entries()) {
    const pixels = await pixelsOf(file, channels, height, width)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < area; i++) data[(at * channels + c) * area + i] = pixels[i * channels + c] as number
  }
  // A model trained on floats is given pixels of 0 to 1, as nearly all of them expect.
  const scaled = input.stored ? data : data.map((pixel) => pixel / 255)
  return { length: files.length, inputs: { [input.name]: toInput(path, input, { data: scaled, stored: true }) }, names: files }
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => endings.includes(extname(name).toLowerCase())).sort()
  if (names.length === 0) throw fail('NO_ROWS', path, `it has no picture (${endings.join(', ')})`)
  return names.map((name) => join(path, name))
}

async function pixelsOf(path: string, channels: 1 | 3, height: number, width: number): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  let picture = sharp(path).autoOrient().resize({ height, width, fit: 'cover' }).flatten({ background: '#000' })
  if (channels === 1) picture = picture.greyscale()
  return picture
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer()
    .catch((error) => {
      throw failBecause(error, 'FILE_FORMAT', path, 'image', messageOf(error))
    })
}
