import { readFile } from 'node:fs/promises'
import { isFloat, npy as npyFile } from '../../tensor/index.ts'
import { exampleShape, type InputFormat, onlyInput, toInput, unsuitable } from '../input.ts'

/** One array, `[examples, ...]` or one example alone. Floats are what the model is fed; bytes are as the training data stored them. */
export function npy(): InputFormat {
  return {
    endings: ['.npy'],
    async read(path, signature) {
      const bytes = await readFile(path)
      const input = onlyInput(path, signature)
      const { shape, data, dtype } = npyFile.decode(bytes, path)
      const one = exampleShape(path, input)
      const squeeze = (sizes: readonly number[]) => sizes.filter((size) => size !== 1).join()
      if (squeeze(shape) !== squeeze(one) && squeeze(shape.slice(1)) !== squeeze(one))
        throw unsuitable(path, `its shape is [${shape.join(', ')}]`, [input])
      const made = toInput(path, input, { data: data as ArrayLike<number>, stored: !isFloat(dtype) })
      return { length: made.shape[0] as number, inputs: { [input.name]: made } }
    },
  }
}
