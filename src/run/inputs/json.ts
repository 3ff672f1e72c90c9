import { readFile } from 'node:fs/promises'
import { fail, messageOf } from '../../core/errors.ts'
import { type FrameColumn, frame, typesOf } from '../../data/index.ts'
import { frameInputs } from '../frames.ts'
import { type Examples, exampleSize, type InputFormat, onlyInput, toInput, unsuitable } from '../input.ts'
import type { Signature, SignatureInput } from '../signature.ts'

/** JSON (a list of examples, or one) and JSON lines: examples are objects by column or by input, or lists of numbers. */
export function json(): InputFormat {
  return {
    endings: ['.json', '.jsonl', '.ndjson'],
    async read(path, signature) {
      const examples = parse(path, await readFile(path, 'utf8'))
      if (examples.length === 0) throw fail('NO_ROWS', path, 'it holds no example')
      return signature.encoding ? byColumn(path, examples, signature) : byInput(path, examples, signature)
    },
  }
}

function parse(path: string, content: string): unknown[] {
  if (/\.json$/i.test(path)) {
    const value = parsed(path, content, 'JSON', '')
    return Array.isArray(value) && typeof value[0] !== 'number' ? value : [value]
  }
  return content.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [parsed(path, line, 'JSON lines', `line ${i + 1}: `)]))
}

function parsed(path: string, text: string, format: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw fail('FILE_FORMAT', path, format, `${where}${messageOf(error)}`)
  }
}

type Row = Readonly<Record<string, unknown>>

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Objects with the columns of the file that was trained on. */
function byColumn(path: string, examples: readonly unknown[], signature: Signature): Examples {
  const kinds = typesOf({ features: signature.encoding?.features ?? [] })
  const odd = examples.findIndex((example) => !isRow(example))
  if (odd >= 0)
    throw unsuitable(path, `example ${odd + 1} is no object of columns (${Object.keys(kinds).slice(0, 5).join(', ')})`, signature.inputs)
  const rows = examples as readonly Row[]
  const there = Object.keys(kinds).filter((name) => rows.some((row) => Object.hasOwn(row, name)))
  const columns = there.map((name): [string, FrameColumn] => {
    const values = rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? undefined) : undefined))
    if (kinds[name] !== 'numeric')
      return [name, { kind: 'text', data: values.map((value) => (value === undefined ? undefined : String(value))) }]
    const wrong = values.findIndex((value) => value !== undefined && typeof value !== 'number')
    if (wrong >= 0)
      throw unsuitable(path, `'${name}' of example ${wrong + 1} is ${JSON.stringify(values[wrong])} and not a number`, signature.inputs)
    return [name, { kind: 'numeric', data: Float64Array.from(values, (value) => (value as number | undefined) ?? Number.NaN) }]
  })
  return frameInputs(path, frame({ name: path, length: rows.length, columns: Object.fromEntries(columns) }), signature)
}

/** Lists of numbers, nested or flat; or objects with one for each input, or with a number for each feature. */
function byInput(path: string, examples: readonly unknown[], signature: Signature): Examples {
  const inputs = signature.inputs.map((input) => {
    const data = examples.flatMap((example, i) => numbersOf(path, example, i, input, signature))
    return [input.name, toInput(path, input, { data, stored: true })] as const
  })
  return { length: examples.length, inputs: Object.fromEntries(inputs) }
}

function numbersOf(path: string, example: unknown, at: number, input: SignatureInput, signature: Signature): number[] {
  const wrong = (problem: string) => unsuitable(path, `example ${at + 1} ${problem}`, [input])
  const value = isRow(example) ? partOf(example, input) : example
  if (!isRow(example)) onlyInput(path, signature)
  if (value === undefined) throw wrong(`has no '${input.name}'`)
  const flat = (Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]) as unknown[]
  const size = exampleSize(path, input)
  const odd = flat.findIndex((number) => typeof number !== 'number')
  if (odd >= 0) throw wrong(`holds ${JSON.stringify(flat[odd]) ?? 'nothing'} where a number should be`)
  if (flat.length !== size) throw wrong(`holds ${flat.length} numbers and not ${size}`)
  return flat as number[]
}

function partOf(example: Row, { name, names }: SignatureInput): unknown {
  if (Object.hasOwn(example, name)) return example[name]
  return names?.map((feature) => (Object.hasOwn(example, feature) ? example[feature] : undefined))
}
