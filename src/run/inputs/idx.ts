import { idx as readIdx } from '../../data/index.ts'
import { type InputFormat, onlyInput, toInput } from '../input.ts'

/** MNIST's own format; pixels are bytes as the training data stored them. */
export function idx(): InputFormat {
  return {
    endings: ['.idx', '-ubyte', '-ubyte.gz', '.idx.gz'],
    async read(path, signature) {
      const input = onlyInput(path, signature)
      const { data } = await readIdx(path)
      const made = toInput(path, input, { data, stored: true })
      return { length: made.shape[0] as number, inputs: { [input.name]: made } }
    },
  }
}
