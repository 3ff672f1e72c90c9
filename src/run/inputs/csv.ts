import { csv as readCsv, typesOf } from '../../data/index.ts'
import { frameInputs } from '../frames.ts'
import type { InputFormat } from '../input.ts'

/** Separated values: columns as the training data named them, or just numbers in their order. */
export function csv(): InputFormat {
  return {
    endings: ['.csv', '.tsv', '.csv.gz', '.tsv.gz'],
    async read(path, signature) {
      const { encoding } = signature
      const types = encoding && typesOf({ features: encoding.features })
      return frameInputs(path, await readCsv(path, types && { types }), signature)
    },
  }
}
