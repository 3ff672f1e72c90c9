import { csv as readCsv, typesOf } from '../../data/index.ts'
import { frameInputs } from '../frames.ts'
import type { InputFormat } from '../input.ts'

/** Separated values: columns as the training data named them, or just numbers in their order. */
export function csv(): InputFormat {
  return {
    endings: ['.csv', '.tsv', '.csv.gz', '.tsv.gz'],
    async read(path, signature) {
      const { encoding } = signature
      // An encoding goes by names, so the first row has them.
      const options = encoding ? { header: true, types: typesOf({ features: encoding.features }) } : {}
      return frameInputs(path, await readCsv(path, options), signature)
    },
  }
}
