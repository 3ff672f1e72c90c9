/** Predictions of a kept model for the examples of a file. */
import { statSync } from 'node:fs'
import { fail } from '../core/errors.ts'
import type { Tensor } from '../tensor/index.ts'
import type { Examples, InputFormat } from './input.ts'
import * as inputs from './inputs/index.ts'
import type { Predictor } from './model.ts'
import type { Signature } from './signature.ts'

inputs satisfies Record<string, () => InputFormat>

export interface Prediction {
  /** Its place in the file from 1, or the name of its picture. */
  readonly example: number | string
  /** The likeliest class and its probability, where the model tells classes apart. */
  readonly class?: string
  readonly probability?: number
  /** By class. */
  readonly probabilities?: Readonly<Record<string, number>>
  /** What the model gave, where it gives numbers. */
  readonly value?: number | readonly number[]
}

/** Larger batches gain little and cost memory. */
const batchSize = 256

/**
 * Predicts for each example of a file, in its order.
 *
 * @throws INPUT_FORMAT, INPUT_UNSUITABLE, and what is wrong inside the file
 */
export async function* predictFile(predictor: Predictor, path: string): AsyncGenerator<Prediction> {
  const { signature } = predictor
  const examples = await readExamples(path, signature)
  const read = reader(signature)
  for (let start = 0; start < examples.length; start += batchSize) {
    const size = Math.min(batchSize, examples.length - start)
    const output = await predictor.predict(
      Object.fromEntries(Object.entries(examples.inputs).map(([name, input]) => [name, rows(input, start, size)])),
    )
    const width = output.data.length / size
    for (let row = 0; row < size; row++) {
      const numbers = Array.from(output.data.subarray(row * width, (row + 1) * width) as Float32Array, Number)
      yield { example: examples.names?.[start + row] ?? start + row + 1, ...read(numbers) }
    }
  }
}

export function readExamples(path: string, signature: Signature): Promise<Examples> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw fail('FILE_MISSING', path, 'a file of examples')
  const formats = Object.values(inputs).map((make) => make())
  const format = found.isDirectory()
    ? inputs.image()
    : formats.find(({ endings }) => endings.some((ending) => path.toLowerCase().endsWith(ending)))
  if (!format)
    throw fail(
      'INPUT_FORMAT',
      path,
      formats.flatMap(({ endings }) => endings),
    )
  return format.read(path, signature)
}

type Reading = Omit<Prediction, 'example'>

/** How one example's outputs are read: as classes where the target had them, as numbers otherwise. */
function reader({ output, target }: Signature): (numbers: readonly number[]) => Reading {
  const labels =
    target !== undefined &&
    target.shape.length === 1 &&
    (target.classes !== undefined || target.dtype === 'int32' || target.dtype === 'uint8')
  const width = output.shape.at(-1)
  const nameOf = (label: number) => target?.classes?.[label] ?? String(label)
  if (output.gives === 'probabilities') return (numbers) => ranked(numbers, nameOf)
  if (output.gives === 'values') return ([value = Number.NaN]) => ({ value })
  if (labels && output.shape.length === 2 && typeof width === 'number' && width > 1) return (numbers) => ranked(softmax(numbers), nameOf)
  if (labels && target.classes?.length === 2 && (width === 1 || output.shape.length === 1))
    return ([logit = 0]) => ranked([1 / (1 + Math.exp(logit)), 1 / (1 + Math.exp(-logit))], nameOf)
  return (numbers) => ({ value: numbers.length === 1 ? (numbers[0] as number) : numbers })
}

/** Outputs are logits, as all losses of classes take them; a model that ends in a softmax gives what is one already. */
function softmax(numbers: readonly number[]): number[] {
  const sum = numbers.reduce((a, b) => a + b, 0)
  if (Math.abs(sum - 1) < 1e-4 && numbers.every((p) => p >= 0)) return [...numbers]
  const most = Math.max(...numbers)
  const powers = numbers.map((x) => Math.exp(x - most))
  const total = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / total)
}

function ranked(probabilities: readonly number[], nameOf: (label: number) => string): Reading {
  const best = probabilities.indexOf(Math.max(...probabilities))
  const byClass = Object.fromEntries(probabilities.map((p, label) => [nameOf(label), p]))
  return { class: nameOf(best), probability: probabilities[best] as number, probabilities: byClass }
}

function rows({ dtype, shape, data }: Tensor, start: number, size: number): Tensor {
  const width = shape.slice(1).reduce((a, b) => a * b, 1)
  return { dtype, shape: [size, ...shape.slice(1)], data: (data as Float32Array).subarray(start * width, (start + size) * width) } as Tensor
}
