import { checkOptions } from '../../core/registry.ts'
import type { Frame } from '../dataframe.ts'
import type { Splits } from '../dataset.ts'
import type { Encoding } from '../encoding.ts'
import { locate, type Places, type PublicFile, placeOptions } from '../locate.ts'
import { csv } from '../readers/csv.ts'
import type { Table } from '../table.ts'
import { type Vocabulary, type VocabularyOptions, vocabularyOf } from '../vocabulary.ts'

export interface SmsSpamOptions extends Places, VocabularyOptions {
  /** Tokens of a message; longer ones are cut, shorter ones padded at the end. Default 48. */
  readonly length?: number
  /** Share or number of messages held out, with equal shares of spam. Default 0.2. */
  readonly test?: number
  /** Seed of the split. Default 0. */
  readonly seed?: number | string
}

export interface SmsSpamSplits extends Splits<Table> {
  readonly vocabulary: Vocabulary
  readonly encoding: Encoding
  /** The messages as they were written: columns label and text. */
  readonly frames: { readonly train: Frame; readonly test: Frame }
}

/**
 * The SMS Spam Collection: 5,574 messages, 747 of them spam. x: int32 [length], the words of a message (0 is padding,
 * 1 unknown); y: 0 'ham', 1 'spam'. The vocabulary is that of the training messages: by default the 4,000 most frequent
 * words, lower case, every digit read as 0.
 *
 * T. A. Almeida, J. M. Gomez Hidalgo, A. Yamakami: Contributions to the Study of SMS Spam Filtering (2011).
 *
 * @throws DOWNLOAD_FAILED, ROW_WIDTH
 */
export async function smsSpam(options: SmsSpamOptions = {}): Promise<SmsSpamSplits> {
  checkOptions('data.smsSpam', options, [...placeOptions, 'length', 'test', 'seed', 'level', 'size', 'minCount', 'special', 'maskDigits'])
  const { length = 48, test = 0.2, seed = 0, dir: _, cache: __, mirror: ___, ...rest } = options
  const text = { size: 4000, maskDigits: true, ...rest, length }
  const types = { label: 'categorical', text: 'text' } as const
  const frame = await csv(await locate(file, options), { delimiter: '\t', header: Object.keys(types), missing: [], types })
  const frames = frame.split({ test, stratify: 'label', seed })
  const train = frames.train.dataset({ name: 'sms-spam train', target: 'label', classes, encode: { text } })
  const encoding = train.encoding as Encoding
  const rule = encoding.features.find((feature) => feature.kind === 'text')
  const vocabulary = vocabularyOf(rule?.vocabulary ?? { level: 'word', tokens: [] })
  const held = frames.test.dataset({ name: 'sms-spam test', encoding })
  return { train, test: held, classes, vocabulary, encoding, frames }
}

const classes = ['ham', 'spam']
// The set's own page has it only inside a zip archive; these are copies of the file itself, held to the sum.
const file: PublicFile = {
  path: 'sms-spam/SMSSpamCollection',
  urls: [
    'https://raw.githubusercontent.com/learn-co-students/dsc-document-classification-with-naive-bayes-lab-online-ds-pt-051319/master/SMSSpamCollection',
    'https://raw.githubusercontent.com/justmarkham/pycon-2016-tutorial/master/data/sms.tsv',
  ],
  sum: { algorithm: 'sha256', of: 'file', hex: '7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d' },
}
