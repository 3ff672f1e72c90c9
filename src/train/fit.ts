/**
 * `fit` trains a model epoch by epoch and gives each epoch to a `for await` loop. It keeps checkpoints as it goes, and when
 * a run is resumed it continues exactly where the checkpoint was written: the numbers after it are the same bits.
 */
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import type { Dataset } from '../data/index.ts'
import type { Epoch, FitHost, FitOptions, Step } from './fitOptions.ts'
import { trainLoop } from './loop.ts'

/** Iterate over it for epochs, over `steps()` for batches, or just `await fit(...).run()`. Begins when it is iterated. */
export interface Fit extends AsyncIterable<Epoch> {
  steps(): AsyncIterable<Step>
  run(): Promise<Epoch | undefined>
}

const OPTIONS = [
  'loss',
  'optimizer',
  'epochs',
  'maxUpdates',
  'batchSize',
  'shuffle',
  'accumulate',
  'earlyStopping',
  'callbacks',
  'checkpoint',
]

export function createFit(host: () => Promise<FitHost>, data: Dataset, options: FitOptions): Fit {
  checkOptions('fit', options, OPTIONS)
  for (const name of ['epochs', 'batchSize', 'accumulate', 'maxUpdates'] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      throw fail('BAD_OPTION', 'fit', name, value, 'a whole number, at least 1')
  }
  if (data.target === undefined) throw fail('NO_TARGET', data.name)
  const items = async function* <K extends 'epoch' | 'step'>(kind: K) {
    for await (const item of trainLoop(await host(), data, options))
      if (item.kind === kind) yield item.value as K extends 'epoch' ? Epoch : Step
  }
  return {
    [Symbol.asyncIterator]: () => items('epoch'),
    steps: () => items('step'),
    async run() {
      let last: Epoch | undefined
      for await (const epoch of items('epoch')) last = epoch
      return last
    },
  }
}
