import { fail } from '../core/errors.ts'
import type { Dataset } from '../data/index.ts'
import type { Training } from '../train/index.ts'

/** The same training, remembering the data it made, of which the kept model tells the classes and the encoding. */
export function keepData(training: Training): { training: Training; train(): Dataset } {
  let kept: Dataset | undefined
  return {
    training: {
      ...training,
      async data(config) {
        const splits = await training.data(config)
        kept = splits.train
        return splits
      },
    },
    train() {
      if (!kept) throw fail('INTERNAL', 'a training finished without data')
      return kept
    },
  }
}
