/** Frames of named columns as a model's inputs. */
import { applyEncoding, type Encoding, type Frame, type FrameColumn } from '../data/index.ts'
import { examplesOf } from '../estimator/index.ts'
import { type Examples, exampleSize, toInput, unsuitable } from './input.ts'
import type { Signature, SignatureInput } from './signature.ts'

/**
 * With the encoding the model was trained with, where there is one; else the numbers of the columns: by the names of the
 * features, or in their order, the target left out.
 *
 * @throws COLUMNS_MISMATCH, VALUE_MISSING, INPUT_UNSUITABLE
 */
export function frameInputs(path: string, frame: Frame, signature: Signature): Examples {
  const { inputs, encoding, estimator } = signature
  if (encoding && estimator) return besides(path, frame, encoding, signature)
  const made = encoding
    ? encoded(path, frame, signature)
    : inputs.map((input) => [input.name, plain(path, frame, input, signature)] as const)
  return { length: frame.length, inputs: Object.fromEntries(made) }
}

function encoded(path: string, frame: Frame, { encoding, inputs }: Signature) {
  const features = encoding?.features ?? []
  const { columns, fields } = applyEncoding(frame, { features })
  return inputs.map((input) => {
    const column = columns[input.name]
    if (!column) throw unsuitable(path, `its encoding makes no '${input.name}'`, [input])
    const data = column.data as ArrayLike<number>
    const made = fields[input.name]?.names
    if (!made || !input.names || made.join() === input.names.join())
      return [input.name, toInput(path, input, { data, stored: true })] as const
    // Trained on some of the features only.
    const places = input.names.map((name) => made.indexOf(name))
    if (places.includes(-1)) throw unsuitable(path, `its encoding makes no '${input.names[places.indexOf(-1)]}'`, [input])
    const picked = new Float32Array(frame.length * places.length)
    for (let row = 0; row < frame.length; row++)
      for (const [i, place] of places.entries()) picked[row * places.length + i] = data[row * made.length + place] as number
    return [input.name, toInput(path, input, { data: picked, stored: true })] as const
  })
}

/** All features in one input, as the estimator saw them. */
function besides(path: string, frame: Frame, { features }: Encoding, { inputs }: Signature): Examples {
  const [input] = inputs
  if (!input?.names) throw unsuitable(path, 'its model names no features', inputs)
  const { x, features: made } = examplesOf(applyEncoding(frame, { features }))
  const places = input.names.map((name) => made.findIndex((feature) => feature.name === name))
  if (places.includes(-1)) throw unsuitable(path, `its encoding makes no '${input.names[places.indexOf(-1)]}'`, [input])
  const data = new Float32Array(frame.length * places.length)
  for (let row = 0; row < frame.length; row++)
    for (const [i, place] of places.entries()) data[row * places.length + i] = x[row * made.length + place] as number
  return { length: frame.length, inputs: { [input.name]: toInput(path, input, { data, stored: false }) } }
}

function plain(path: string, frame: Frame, input: SignatureInput, { inputs, target, estimator }: Signature) {
  const size = exampleSize(path, input)
  const all = Object.keys(frame.columns)
  const wanted = input.names ?? (input.shape.length === 1 ? [input.name] : undefined)
  const named = wanted?.every((name) => all.includes(name)) ? wanted : undefined
  const chosen = named ?? all.filter((name) => name !== target?.name && !inputs.some((other) => other !== input && other.name === name))
  if (chosen.length !== size) {
    const missing = wanted?.filter((name) => !all.includes(name))
    const why = missing?.length
      ? `it has no column ${missing
          .slice(0, 5)
          .map((name) => `'${name}'`)
          .join(', ')}`
      : `it has ${chosen.length} columns, and an example has ${size} numbers`
    throw unsuitable(path, why, [input])
  }
  const columns = chosen.map((name) => {
    const column = frame.columns[name] as FrameColumn
    if (column.kind !== 'numeric') throw unsuitable(path, `its column '${name}' does not hold numbers`, [input])
    // Estimators that take no missing values say so when they learn.
    const empty = estimator ? -1 : column.data.findIndex((value) => Number.isNaN(value))
    if (empty >= 0) throw unsuitable(path, `its column '${name}' has no value in row ${empty + 1}`, [input])
    return column.data
  })
  const data = new Float64Array(frame.length * size)
  for (let row = 0; row < frame.length; row++) for (const [i, column] of columns.entries()) data[row * size + i] = column[row] as number
  return toInput(path, input, { data, stored: true })
}
