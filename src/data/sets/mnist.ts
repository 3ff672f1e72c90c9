import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Splits } from '../dataset.ts'
import { locate, type Places, type PublicFile, placeOptions } from '../locate.ts'
import { idx } from '../readers/idx.ts'
import { type Table, table } from '../table.ts'

/**
 * MNIST: 60,000 training and 10,000 test images of handwritten digits. x: uint8 [1, 28, 28] scaled to 0..1; y: the digit.
 *
 * Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition (1998).
 *
 * @throws DOWNLOAD_FAILED, FILE_FORMAT
 * @example `const { train, test } = await data.mnist()`
 */
export async function mnist(options: Places = {}): Promise<Splits<Table>> {
  checkOptions('data.mnist', options, placeOptions)
  return imageSplits('mnist', files, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'], options)
}

/** The four files of a set in MNIST's form. */
export interface ImageFiles {
  readonly train: { readonly images: PublicFile; readonly labels: PublicFile }
  readonly test: { readonly images: PublicFile; readonly labels: PublicFile }
}

/** Reads a set in MNIST's form: images [n, height, width] become x [1, height, width]. */
export async function imageSplits(name: string, from: ImageFiles, classes: readonly string[], places: Places): Promise<Splits<Table>> {
  const part = async (part: 'train' | 'test'): Promise<Table> => {
    const imagePath = await locate(from[part].images, places)
    const labelPath = await locate(from[part].labels, places)
    const [images, labels] = await Promise.all([idx(imagePath), idx(labelPath)])
    if (images.dtype !== 'uint8' || images.shape.length !== 3) throw fail('FILE_FORMAT', imagePath, 'idx', 'it holds no grey images')
    if (labels.shape.length !== 1 || labels.shape[0] !== images.shape[0])
      throw fail('FILE_FORMAT', labelPath, 'idx', `it holds ${labels.shape[0]} labels for ${images.shape[0]} images`)
    return table(
      {
        x: { dtype: 'uint8', shape: [1, ...images.shape.slice(1)], scale: 1 / 255, data: images.data },
        y: { dtype: 'int32', shape: [], classes, data: Int32Array.from(labels.data as Uint8Array) },
      },
      { name: `${name} ${part}` },
    )
  }
  const [train, test] = await Promise.all([part('train'), part('test')])
  return { train, test, classes }
}

// Sums are of the unpacked content: the mirrors' compression differs.
const file = (name: string, hex: string): PublicFile => ({
  path: `mnist/${name}-ubyte.gz`,
  urls: mirrors.map((mirror) => `${mirror}${name}-ubyte.gz`),
  sum: { algorithm: 'sha256', of: 'content', hex },
})
const mirrors = ['https://ossci-datasets.s3.amazonaws.com/mnist/', 'https://storage.googleapis.com/cvdf-datasets/mnist/']

const files: ImageFiles = {
  train: {
    images: file('train-images-idx3', 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'),
    labels: file('train-labels-idx1', '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'),
  },
  test: {
    images: file('t10k-images-idx3', '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'),
    labels: file('t10k-labels-idx1', 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'),
  },
}
