import { checkOptions } from '../../core/registry.ts'
import type { Frame } from '../dataframe.ts'
import type { Splits } from '../dataset.ts'
import type { ColumnKind, Encoding } from '../encoding.ts'
import type { EncodeOptions } from '../fit.ts'
import { locate, type Places, type PublicFile, placeOptions } from '../locate.ts'
import { csv } from '../readers/csv.ts'
import type { Table } from '../table.ts'

export interface AdultOptions extends Places {
  /** How columns become numbers. Default: numbers standardized, categories one-hot. */
  readonly encode?: EncodeOptions
  /** Source columns to learn from. Default: all but fnlwgt, the census's weight of a row. */
  readonly features?: readonly string[]
}

export interface AdultSplits extends Splits<Table> {
  readonly encoding: Encoding
  /** The rows as they were read. */
  readonly frames: { readonly train: Frame; readonly test: Frame }
}

/**
 * UCI Adult (census income): does a person earn more than 50,000 dollars a year? 32,561 training and 16,281 test rows, the
 * official split; 14 columns, 8 of them categories, some values missing. y: 0 '<=50K', 1 '>50K'. The encoding is fitted to
 * the training rows.
 *
 * R. Kohavi: Scaling Up the Accuracy of Naive-Bayes Classifiers (1996).
 *
 * @throws DOWNLOAD_FAILED, ROW_WIDTH, NOT_A_NUMBER
 */
export async function adult(options: AdultOptions = {}): Promise<AdultSplits> {
  checkOptions('data.adult', options, [...placeOptions, 'encode', 'features'])
  const { encode = {}, features = columns.filter((name) => name !== 'fnlwgt' && name !== 'income') } = options
  const read = async (file: PublicFile) => {
    const frame = await csv(await locate(file, options), { delimiter: ',', header: columns, comment: '|', types })
    // The test file ends its labels with a dot, the training file does not.
    return frame.with('income', (row) => String(row.income).replace(/\.$/, ''))
  }
  const frames = { train: await read(files.train), test: await read(files.test) }
  const train = frames.train.dataset({ name: 'adult train', target: 'income', classes, features, encode })
  const encoding = train.encoding as Encoding
  return { train, test: frames.test.dataset({ name: 'adult test', encoding }), classes, encoding, frames }
}

const types = {
  age: 'numeric',
  workclass: 'categorical',
  fnlwgt: 'numeric',
  education: 'categorical',
  'education-num': 'numeric',
  'marital-status': 'categorical',
  occupation: 'categorical',
  relationship: 'categorical',
  race: 'categorical',
  sex: 'categorical',
  'capital-gain': 'numeric',
  'capital-loss': 'numeric',
  'hours-per-week': 'numeric',
  'native-country': 'categorical',
  income: 'categorical',
} as const satisfies Record<string, ColumnKind>
const columns = Object.keys(types)

const classes = ['<=50K', '>50K']
const file = (name: string, hex: string): PublicFile => ({
  path: `adult/${name}`,
  urls: [`https://archive.ics.uci.edu/ml/machine-learning-databases/adult/${name}`],
  sum: { algorithm: 'sha256', of: 'file', hex },
})

const files = {
  train: file('adult.data', '5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d'),
  test: file('adult.test', 'a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05'),
}
