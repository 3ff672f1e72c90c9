/** Pictures in one folder a class, by sharp (libvips). */
import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { fail, failBecause, messageOf } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Field, Row } from '../dataset.ts'
import { placed } from '../settings.ts'
import { type Stream, stream } from '../stream.ts'
import { type Table, table } from '../table.ts'

export interface ImageOptions {
  /** Height and width, or one number for both; pictures of other sizes are scaled and cropped round their middle. Default: all must have the size of the first. */
  readonly size?: number | readonly [height: number, width: number]
  /** 1 for grey, 3 for red, green, blue; transparency is laid on black. Default 3. */
  readonly channels?: 1 | 3
}

/**
 * Reads the PNG, JPEG and WebP pictures of `<dir>/<class>/*`. x: uint8 [channels, height, width] scaled to 0..1; y: the
 * class, in order of the folders' names. Files are read in order of their names.
 *
 * @throws FILE_MISSING; NO_ROWS; FILE_FORMAT and SHAPE_MISMATCH naming the file
 * @example `const all = await data.images('flowers', { size: 64 }); const { train, test } = all.split({ test: 0.2, stratify: 'y' })`
 */
export async function images(dir: string, options: ImageOptions = {}): Promise<Table> {
  const found = await listImages(dir, options)
  const { shape, files, classes } = found
  const size = shape[0] * shape[1] * shape[2]
  const data = new Uint8Array(files.length * size)
  const y = new Int32Array(files.length)
  // Some at a time: decoding runs on libvips' own threads.
  for (let from = 0; from < files.length; from += 16) {
    const some = files.slice(from, from + 16)
    const pixels = await Promise.all(some.map(({ path }) => readImage(path, shape, options)))
    some.forEach(({ label }, i) => {
      data.set(pixels[i] as Uint8Array, (from + i) * size)
      y[from + i] = label
    })
  }
  return table(
    { x: { dtype: 'uint8', shape, scale: 1 / 255, data }, y: { dtype: 'int32', shape: [], classes, data: y } },
    { name: basename(dir) },
  )
}

/** The same, decoded anew in every epoch: for more pictures than fit in memory. */
export async function streamImages(dir: string, options: ImageOptions = {}): Promise<Stream> {
  const { shape, files, classes } = await listImages(dir, options)
  const fields: Record<string, Field> = {
    x: { dtype: 'uint8', shape, scale: 1 / 255 },
    y: { dtype: 'int32', shape: [], classes },
  }
  async function* rows(): AsyncGenerator<Row> {
    for (let from = 0; from < files.length; from += 16) {
      const some = files.slice(from, from + 16)
      const pixels = await Promise.all(some.map(({ path }) => readImage(path, shape, options)))
      for (const [i, { label }] of some.entries()) yield { x: pixels[i] as Uint8Array, y: label }
    }
  }
  return stream({ name: basename(dir), fields, rows, length: files.length })
}

type ImageShape = readonly [channels: number, height: number, width: number]

interface Found {
  readonly files: readonly { readonly path: string; readonly label: number }[]
  readonly classes: readonly string[]
  readonly shape: ImageShape
}

const endings = ['.png', '.jpg', '.jpeg', '.webp']

async function listImages(dir: string, options: ImageOptions): Promise<Found> {
  checkOptions('images', options, ['size', 'channels'])
  const { size, channels = 3 } = options
  if (channels !== 1 && channels !== 3) throw fail('BAD_OPTION', 'images', 'channels', channels, '1 or 3')
  const here = await placed(dir)
  const entries = await readdir(here, { withFileTypes: true }).catch((error) => {
    throw error.code === 'ENOENT' ? fail('FILE_MISSING', dir, 'a folder with one folder of pictures a class') : error
  })
  const classes = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
  const files: { path: string; label: number }[] = []
  for (const [label, name] of classes.entries()) {
    const names = (await readdir(join(here, name))).filter((file) => endings.includes(extname(file).toLowerCase())).sort()
    if (names.length === 0) throw fail('NO_ROWS', join(dir, name), `it has no picture (${endings.join(', ')})`)
    files.push(...names.map((file) => ({ path: join(here, name, file), label })))
  }
  const first = files[0]
  if (first === undefined) throw fail('NO_ROWS', dir, 'it has no folder of pictures; each class is a folder')
  const [height, width] = size === undefined ? await sizeOf(first.path) : typeof size === 'number' ? [size, size] : size
  for (const side of [height, width])
    if (!Number.isInteger(side) || side < 1) throw fail('BAD_OPTION', 'images', 'size', size, 'whole numbers of at least 1')
  return { files, classes, shape: [channels, height, width] }
}

async function sizeOf(path: string): Promise<[number, number]> {
  const { default: sharp } = await import('sharp')
  const { autoOrient } = await sharp(path)
    .metadata()
    .catch((error) => {
      throw failBecause(error, 'FILE_FORMAT', path, 'image', messageOf(error))
    })
  return [autoOrient.height, autoOrient.width]
}

/** Pixels in the order channels, height, width: sharp gives height, width, channels. */
async function readImage(path: string, [channels, height, width]: ImageShape, { size }: ImageOptions): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  let picture = sharp(path).autoOrient()
  if (size !== undefined) picture = picture.resize({ height, width, fit: 'cover' })
  const grey = channels === 1 ? picture.greyscale() : picture
  const { data, info } = await grey
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .flatten({ background: '#000' })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error) => {
      throw failBecause(error, 'FILE_FORMAT', path, 'image', messageOf(error))
    })
  if (info.height !== height || info.width !== width)
    throw fail(
      'SHAPE_MISMATCH',
      path,
      `${info.height} x ${info.width} pixels`,
      `${height} x ${width} like the first picture (or the option 'size')`,
    )
  const planes = new Uint8Array(channels * height * width)
  const area = height * width
  for (let c = 0; c < channels; c++) for (let i = 0; i < area; i++) planes[c * area + i] = data[i * info.channels + c] as number
  return planes
}
