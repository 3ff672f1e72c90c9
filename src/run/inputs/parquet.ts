import { parquet as readParquet } from '../../data/index.ts'
import { frameInputs } from '../frames.ts'
import type { InputFormat } from '../input.ts'

/** Parquet: columns as the training data named them. */
export function parquet(): InputFormat {
  return {
    endings: ['.parquet'],
    read: async (path, signature) => frameInputs(path, await readParquet(path), signature),
  }
}
