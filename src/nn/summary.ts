/** What a model is made of: its layers, their shapes, their numbers of parameters. */
import { type Dim, input, type TensorType, type Value } from '../graph/index.ts'
import { sizeOf } from '../tensor/index.ts'
import type { Layer } from './layer.ts'
import { inputsOf, type ParamSpec, traceModel } from './model.ts'

export interface SummaryRow {
  /** '' is the model itself. */
  readonly path: string
  readonly kind: string
  readonly depth: number
  readonly output: readonly Dim[] | undefined
  /** Numbers in its own parameters, those of inner layers left out. */
  readonly parameters: number
  readonly trainable: number
}

export interface Summary {
  readonly rows: readonly SummaryRow[]
  readonly parameters: number
  readonly trainable: number
  /** Numbers in buffers, such as running means. */
  readonly buffers: number
  /** The table as text. */
  toString(): string
}

/**
 * Layers, shapes and parameters of a model for given inputs: the types of its inputs by name, or the shape of one example
 * of floats. Prints as a table.
 *
 * @throws SHAPE_MISMATCH naming the layer and both shapes
 * @example `console.log(String(nn.summary(model, [28, 28])))`
 */
export function summary(
  // biome-ignore lint/suspicious/noExplicitAny: the model may take one value or a record of them
  model: Layer<any, Value>,
  inputs: Readonly<Record<string, TensorType>> | readonly number[],
): Summary {
  const values = isShape(inputs) ? { x: input('x', 'float32', ['batch', ...inputs]) } : inputsOf(inputs)
  const traced = traceModel(model, values, { training: false })
  const rows = traced.layers.map(({ path, kind, depth, output, params }) => ({
    path,
    kind,
    depth,
    output,
    parameters: count(params),
    trainable: count(params.filter((param) => param.trainable)),
  }))
  const parameters = count(traced.params)
  const trainable = count(traced.params.filter((param) => param.trainable))
  const buffers = traced.states.reduce((total, { shape }) => total + sizeOf(shape), 0)
  const found = { rows, parameters, trainable, buffers }
  return { ...found, toString: () => table(found, Object.values(values)) }
}

function isShape(inputs: Readonly<Record<string, TensorType>> | readonly number[]): inputs is readonly number[] {
  return Array.isArray(inputs)
}

function count(params: readonly ParamSpec[]): number {
  return params.reduce((total, { shape }) => total + sizeOf(shape), 0)
}

/** Columns as wide as their widest cell; inner layers are indented under the one that holds them. */
function table({ rows, parameters, trainable, buffers }: Omit<Summary, 'toString'>, inputs: readonly Value[]): string {
  const cells = [
    ['layer', 'kind', 'output', 'parameters'],
    ['input', '', inputs.map(({ shape }) => shapeOf(shape)).join(' '), ''],
    ...rows
      .filter((row) => row.depth > 0 || rows.length === 1)
      .map((row) => {
        const name = row.path.split('.').at(-1) || row.kind
        const indent = '  '.repeat(Math.max(0, row.depth - 1))
        return [indent + name, row.kind === name ? '' : row.kind, shapeOf(row.output), row.parameters === 0 ? '' : group(row.parameters)]
      }),
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 3 ? cell.padStart(widths[3]!) : cell.padEnd(widths[column]!)))
      .join('   ')
      .trimEnd()
  const rule = '─'.repeat(widths.reduce((total, width) => total + width + 3, -3))
  const fixed = parameters - trainable
  const total = [
    `${group(parameters)} parameters (${bytes(4 * parameters)})`,
    ...(fixed > 0 ? [`${group(fixed)} of them not trained`] : []),
    ...(buffers > 0 ? [`${group(buffers)} numbers in buffers`] : []),
  ]
  return [line(cells[0]!), rule, ...cells.slice(1).map(line), rule, total.join(', ')].join('\n')
}

function shapeOf(shape: readonly Dim[] | undefined): string {
  return shape ? `[${shape.join(', ')}]` : ''
}

/** 101,770 */
function group(n: number): string {
  return n.toLocaleString('en-US')
}

function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  return n < 1024 ** 2 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1024 ** 2).toFixed(1)} MiB`
}
