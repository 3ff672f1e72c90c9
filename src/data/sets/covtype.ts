import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Frame } from '../dataframe.ts'
import type { Splits } from '../dataset.ts'
import type { EncodeOptions } from '../fit.ts'
import { find, locate, type Places, type PublicFile, placeOptions } from '../locate.ts'
import { scanCsv } from '../readers/csv.ts'
import type { Scan } from '../scan.ts'
import type { Table } from '../table.ts'

export interface CovtypeOptions extends Places {
  /** Whether the ten quantities are standardized (fitted to the training rows) or left as they are, for trees. Default 'standardize'. */
  readonly numeric?: EncodeOptions['numeric']
  /** Share or number of rows held out, with equal shares of the classes. Default 0.2. */
  readonly test?: number
  /** Seed of the split. Default 0. */
  readonly seed?: number | string
  /** Only the first so many rows of the file, of which the rest is not read. Default: all. */
  readonly rows?: number
}

/**
 * Covertype: which of seven kinds of forest covers a patch of 30 x 30 m? x: float32 [54], ten quantities and 44 zeros or
 * ones; y: 0..6 (the file counts from 1). 581,012 rows; where the data folder has only `covtype/covtype-100k.data.gz`, a
 * subset of 100,000 rows in the same form, that is read, and the tables' names say so.
 *
 * J. A. Blackard, D. J. Dean: Comparative Accuracies of Artificial Neural Networks and Discriminant Analysis in Predicting
 * Forest Cover Types from Cartographic Variables (1999).
 *
 * @throws DOWNLOAD_FAILED, ROW_WIDTH
 */
export async function covtype(options: CovtypeOptions = {}): Promise<Splits<Table>> {
  checkOptions('data.covtype', options, [...placeOptions, 'numeric', 'test', 'seed', 'rows'])
  const { numeric = 'standardize', test = 0.2, seed = 0, rows = Number.POSITIVE_INFINITY } = options
  if (!(rows >= 2 && (rows === Number.POSITIVE_INFINITY || Number.isInteger(rows))))
    throw fail('BAD_OPTION', 'data.covtype', 'rows', rows, 'a whole number of at least 2')
  const subset = (await find(file.path, options)) === undefined ? await find('covtype/covtype-100k.data.gz', options) : undefined
  const path = subset ?? (await locate(file, options))
  const label = subset === undefined ? 'covtype' : 'covtype 100k subset'
  const frame = await firstOf(scanCsv(path, { delimiter: ',', header: [...quantities, ...flags, target], types }), rows)
  const named = frame.with(target, {
    kind: 'categorical',
    classes,
    data: Int32Array.from(frame.columns[target]?.data as Float64Array, (k) => k - 1),
  })
  const frames = named.split({ test, stratify: target, seed })
  const train = frames.train.dataset({ target, classes, encode: { numeric } })
  // The flags are left 0 or 1: of a rare soil, the standardized flag would be a number in the hundreds.
  const { features, ...rest } = train.encoding ?? { features: [] }
  const encoding = { ...rest, features: features.map((rule) => (flags.includes(rule.column) ? { ...rule, mean: 0, scale: 1 } : rule)) }
  return {
    train: frames.train.dataset({ name: `${label} train`, encoding }),
    test: frames.test.dataset({ name: `${label} test`, encoding }),
    classes,
  }
}

/** Reading ends with them. */
async function firstOf(scan: Scan, rows: number): Promise<Frame> {
  for await (const frame of scan.frames({ rows })) return frame
  throw fail('NO_ROWS', scan.name, 'it is empty')
}

const quantities = [
  'Elevation',
  'Aspect',
  'Slope',
  'Horizontal_Distance_To_Hydrology',
  'Vertical_Distance_To_Hydrology',
  'Horizontal_Distance_To_Roadways',
  'Hillshade_9am',
  'Hillshade_Noon',
  'Hillshade_3pm',
  'Horizontal_Distance_To_Fire_Points',
]
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}=${i + 1}`)
const flags = [...numbered('Wilderness_Area', 4), ...numbered('Soil_Type', 40)]
const target = 'Cover_Type'
const types = Object.fromEntries([...quantities, ...flags, target].map((name) => [name, 'numeric' as const]))
const classes = ['Spruce/Fir', 'Lodgepole Pine', 'Ponderosa Pine', 'Cottonwood/Willow', 'Aspen', 'Douglas-fir', 'Krummholz']

// The address and the sum are those scikit-learn uses.
const file: PublicFile = {
  path: 'covtype/covtype.data.gz',
  urls: [
    'https://ndownloader.figshare.com/files/5976039',
    'https://archive.ics.uci.edu/ml/machine-learning-databases/covtype/covtype.data.gz',
  ],
  sum: { algorithm: 'sha256', of: 'file', hex: '614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771' },
}
