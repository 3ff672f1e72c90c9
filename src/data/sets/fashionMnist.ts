import { checkOptions } from '../../core/registry.ts'
import type { Splits } from '../dataset.ts'
import { type Places, type PublicFile, placeOptions } from '../locate.ts'
import type { Table } from '../table.ts'
import { type ImageFiles, imageSplits } from './mnist.ts'

/**
 * Fashion-MNIST: 60,000 training and 10,000 test pictures of clothes, in MNIST's form: x: uint8 [1, 28, 28] scaled to 0..1.
 *
 * H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms (2017).
 *
 * @throws DOWNLOAD_FAILED, FILE_FORMAT
 */
export async function fashionMnist(options: Places = {}): Promise<Splits<Table>> {
  checkOptions('data.fashionMnist', options, placeOptions)
  return imageSplits('fashion-mnist', files, classes, options)
}

const classes = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot']
const mirrors = [
  'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
  'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
]

// MD5 of the packed files, as torchvision and the set's own page give them; no SHA-256 is published.
const file = (name: string, hex: string): PublicFile => ({
  path: `fashion-mnist/${name}-ubyte.gz`,
  urls: mirrors.map((mirror) => `${mirror}${name}-ubyte.gz`),
  sum: { algorithm: 'md5', of: 'file', hex },
})

const files: ImageFiles = {
  train: {
    images: file('train-images-idx3', '8d4fb7e6c68d591d4c3dfef9ec88bf0d'),
    labels: file('train-labels-idx1', '25c81989df183df01b3e8a0aad5dffbe'),
  },
  test: {
    images: file('t10k-images-idx3', 'bef4ecab320f06d8554ea6380940ec79'),
    labels: file('t10k-labels-idx1', 'bb300cfdad3c16e7a12a480ee83cd310'),
  },
}
