/** The contract of input formats: files of examples to predict from, read as a model's inputs. */
import { fail } from '../core/errors.ts'
import { type Tensor, tensor } from '../tensor/index.ts'
import { describeInput, type Signature, type SignatureInput } from './signature.ts'

export interface InputFormat {
  /** Of file names, in lower case, with the dot. */
  readonly endings: readonly string[]
  /** Reads a file that is there. @throws INPUT_UNSUITABLE, and what is wrong inside the file */
  read(path: string, signature: Signature): Promise<Examples>
}

/** Examples as a model is fed them: all its inputs, `[length, ...]` each. */
export interface Examples {
  readonly length: number
  readonly inputs: Readonly<Record<string, Tensor>>
  /** How examples are called, where they have names: files of pictures. */
  readonly names?: readonly string[]
}

/** Numbers of one input, all examples after one another. */
export interface Numbers {
  readonly data: ArrayLike<number | bigint>
  /** As the training data stored them: scale and offset are still to be applied. */
  readonly stored: boolean
}

/** The input a file without named parts is for. @throws INPUT_UNSUITABLE where there are several */
export function onlyInput(path: string, { inputs }: Signature): SignatureInput {
  const [input, ...others] = inputs
  if (!input || others.length > 0) throw unsuitable(path, 'it holds one array', inputs)
  return input
}

/** Sizes of one example, as the data had it. @throws INPUT_UNSUITABLE for sizes that are not fixed */
export function exampleShape(path: string, input: SignatureInput): number[] {
  return input.example ?? fedShape(path, input)
}

/** Sizes of one example, as the model is fed it. */
function fedShape(path: string, input: SignatureInput): number[] {
  const sizes = input.shape.slice(1)
  if (!sizes.every((size) => typeof size === 'number')) throw unsuitable(path, 'the size of an example is not fixed', [input])
  return sizes as number[]
}

export function exampleSize(path: string, input: SignatureInput): number {
  return exampleShape(path, input).reduce((product, size) => product * size, 1)
}

/** The tensor of an input from its numbers. @throws INPUT_UNSUITABLE when they are no whole number of examples */
export function toInput(path: string, input: SignatureInput, { data, stored }: Numbers): Tensor {
  const size = exampleSize(path, input)
  const length = data.length / size
  if (!Number.isInteger(length) || length === 0)
    throw unsuitable(path, `it holds ${data.length} numbers, and an example has ${size}`, [input])
  const made = tensor(input.dtype, [length, ...fedShape(path, input)])
  const { scale, offset } = (stored && input.stored) || { scale: 1, offset: 0 }
  if (made.data instanceof BigInt64Array) for (let i = 0; i < data.length; i++) made.data[i] = BigInt(data[i] as number)
  else for (let i = 0; i < data.length; i++) made.data[i] = Number(data[i]) * scale + offset
  return made
}

export function unsuitable(path: string, problem: string, inputs: readonly SignatureInput[]) {
  return fail('INPUT_UNSUITABLE', path, problem, inputs.map(describeInput).join(' and '))
}
