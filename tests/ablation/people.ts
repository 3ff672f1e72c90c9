/** A small table like the census: numbers, some missing, and categories. */
import { join } from 'node:path'
import * as data from '../../src/data/index.ts'

export async function people(encode: data.EncodeOptions = {}) {
  const frame = await data.csv(join(import.meta.dirname, 'fixtures/people.csv'), { delimiter: ',', header: true })
  const frames = frame.split({ test: 40, stratify: 'income', seed: 1 })
  const train = frames.train.dataset({ name: 'people train', target: 'income', encode })
  const encoding = train.encoding as data.Encoding
  return {
    train,
    test: frames.test.dataset({ name: 'people test', encoding }),
    encoding,
    frames,
    classes: ['<=50K', '>50K'],
    kept: new Map(),
  }
}
