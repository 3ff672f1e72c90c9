/** Learns an encoding from frames: in one pass, with memory for the categories and words only. */
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import type { ColumnKind, Encoding, FeatureEncoding, TargetEncoding } from './encoding.ts'
import { type CategoricalColumn, columnNamed, type FrameColumn, type FrameData, isMissing, valueAt } from './frame.ts'
import { type VocabularyOptions, vocabulary } from './vocabulary.ts'

export interface EncodeOptions {
  /** Numbers to mean 0 and standard deviation 1, or as they are. Default 'standardize'. */
  readonly numeric?: 'standardize' | 'none'
  /** Categories as one feature each ('oneHot', default), as numbers ('ordinal', for trees), or in an int32 column for embeddings ('codes'). */
  readonly categorical?: 'oneHot' | 'ordinal' | 'codes'
  /**
   * Missing values: filled with the mean, categories with one of their own ('impute', default); also told by a feature
   * that is 1 where the number was missing ('indicate'); numbers kept as NaN, for learners that take them, such as trees ('keep');
   * or refused ('error').
   */
  readonly missing?: 'impute' | 'indicate' | 'keep' | 'error'
  /** Tokens of text columns, which are left out without this. */
  readonly text?: VocabularyOptions & { readonly length: number }
}

export interface DatasetOptions {
  readonly name?: string
  readonly target?: string
  /** Whether the target is a label or a quantity. Default: a label for categories and for at most 20 whole numbers from 0 or 1 on. */
  readonly task?: 'classification' | 'regression'
  /** The labels in the order of their numbers; default: sorted. */
  readonly classes?: readonly string[]
  /** Source columns to learn from. Default: all but the target, text columns only with `encode.text`. */
  readonly features?: readonly string[]
  readonly encode?: EncodeOptions
  /** An encoding fitted before, on training rows: applied as it is. Leave out the rest then. */
  readonly encoding?: Encoding
}

const datasetOptions = ['name', 'target', 'task', 'classes', 'features', 'encode', 'encoding']
const missings: readonly string[] = ['impute', 'indicate', 'keep', 'error'] satisfies EncodeOptions['missing'][]
const encodeOptions = ['numeric', 'categorical', 'missing', 'text']

/**
 * Learns the encoding from one frame, or from the frames of a file that does not fit in memory: one pass, memory for the
 * categories and words only.
 *
 * @throws COLUMN_UNKNOWN, VALUE_MISSING, BAD_OPTION
 */
export function encodingFitter(options: DatasetOptions): { add(frame: FrameData): void; finish(): Encoding } {
  checkOptions('dataset', options, datasetOptions)
  checkOptions('dataset encode', options.encode, encodeOptions)
  const { missing } = options.encode ?? {}
  if (missing !== undefined && !missings.includes(missing))
    throw fail('BAD_OPTION', 'dataset', 'encode.missing', missing, missings.map((one) => `'${one}'`).join(', '))
  const { encode = {}, target } = options
  const fits = new Map<string, Fit>()
  let row = 0
  return {
    add(frame) {
      if (fits.size === 0) for (const name of featuresOf(frame, options)) fits.set(name, fitOf(name, columnNamed(frame, name).kind, encode))
      if (target !== undefined && !fits.has(`target:${target}`))
        fits.set(`target:${target}`, targetFit(target, options.task, options.classes))
      for (const fit of fits.values()) fit.add(columnNamed(frame, fit.column), row, frame.name)
      row += frame.length
    },
    finish() {
      if (row === 0) throw fail('NO_ROWS', 'the frame', 'there is nothing to fit an encoding to')
      const results = [...fits].map(([key, fit]) => [key, fit.finish()] as const)
      const found = results.find(([key]) => key === `target:${target}`)?.[1] as TargetEncoding | undefined
      const features = results.filter(([key]) => key !== `target:${target}`).map(([, made]) => made as FeatureEncoding)
      return { features, ...(found === undefined ? {} : { target: found }) }
    },
  }
}

/** Learns the encoding from a frame of training rows. */
export function fitEncoding(frame: FrameData, options: DatasetOptions): Encoding {
  const fitter = encodingFitter(options)
  fitter.add(frame)
  return fitter.finish()
}

function featuresOf(frame: FrameData, { features, target, encode }: DatasetOptions): string[] {
  for (const name of features ?? []) columnNamed(frame, name)
  const names = features ?? Object.keys(frame.columns)
  return names.filter((name) => {
    if (name === target) return false
    if (frame.columns[name]?.kind !== 'text' || encode?.text !== undefined) return true
    if (features === undefined) return false
    throw fail('BAD_OPTION', 'dataset', 'encode.text', undefined, `{ length: ... }, since the feature '${name}' is text`)
  })
}

interface Fit {
  readonly column: string
  add(column: FrameColumn, firstRow: number, where: string): void
  finish(): FeatureEncoding | TargetEncoding
}

function fitOf(column: string, kind: ColumnKind, options: EncodeOptions): Fit {
  const refuse = (values: FrameColumn, firstRow: number, where: string) => {
    if (options.missing === 'error')
      for (let row = 0; row < values.data.length; row++)
        if (isMissing(values, row))
          throw fail('VALUE_MISSING', `'${where}', row ${firstRow + row + 1}`, column, "and encode.missing is 'error'")
  }
  if (kind === 'numeric') return numericFit(column, options, refuse)
  if (kind === 'text') return textFit(column, options)
  const classes = new Set<string>()
  let missing = false
  return {
    column,
    add(values, firstRow, where) {
      refuse(values, firstRow, where)
      const { classes: all, data } = values as CategoricalColumn
      const seen = new Uint8Array(all.length)
      for (const code of data) {
        if (code < 0) missing = true
        else seen[code] = 1
      }
      for (const [code, name] of all.entries()) if (seen[code] === 1) classes.add(name)
    },
    finish() {
      const sorted = [...classes].sort()
      if (options.categorical === 'ordinal') return { kind: 'ordinal', column, classes: sorted }
      if (options.categorical === 'codes') return { kind: 'code', column, classes: sorted }
      return { kind: 'oneHot', column, classes: sorted, missing }
    },
  }
}

function numericFit(column: string, options: EncodeOptions, refuse: Fit['add']): Fit {
  let count = 0
  let mean = 0
  let squares = 0
  let missing = false
  return {
    column,
    add(values, firstRow, where) {
      refuse(values, firstRow, where)
      for (const value of values.data as Float64Array) {
        if (Number.isNaN(value)) missing = true
        else {
          // Welford (1962): no loss of digits where the mean is large.
          count++
          const delta = value - mean
          mean += delta / count
          squares += delta * (value - mean)
        }
      }
    },
    finish() {
      const deviation = count > 0 ? Math.sqrt(squares / count) : 0
      const standardize = options.numeric !== 'none'
      return {
        kind: 'number',
        column,
        mean: standardize ? mean : 0,
        scale: standardize && deviation > 0 ? deviation : 1,
        fill: options.missing === 'error' ? null : options.missing === 'keep' ? 'keep' : mean,
        indicator: options.missing === 'indicate' && missing,
      }
    },
  }
}

function textFit(column: string, { text }: EncodeOptions): Fit {
  const { length = 0, ...options } = text ?? {}
  if (!(Number.isInteger(length) && length > 0)) throw fail('BAD_OPTION', 'dataset', 'encode.text.length', length, 'a whole number above 0')
  const texts: string[] = []
  return {
    column,
    add(values) {
      for (let row = 0; row < values.data.length; row++) texts.push(String(valueAt(values, row) ?? ''))
    },
    finish: () => ({ kind: 'text', column, length, vocabulary: vocabulary(texts, options).spec }),
  }
}

function targetFit(column: string, task: DatasetOptions['task'], given: readonly string[] | undefined): Fit {
  const labels = new Set<string | number>()
  let whole = true
  return {
    column,
    add(values, firstRow, where) {
      for (let row = 0; row < values.data.length; row++) {
        const value = valueAt(values, row)
        if (value === undefined) throw fail('VALUE_MISSING', `'${where}', row ${firstRow + row + 1}`, column, 'but it is the target')
        if (whole && typeof value === 'number' && task === undefined) whole = Number.isInteger(value) && labels.size <= 20
        if (task !== 'regression' && (whole || typeof value === 'string' || task === 'classification')) labels.add(value)
        if (task === 'regression' && typeof value === 'string')
          throw fail('BAD_OPTION', 'dataset', 'task', task, `'classification', since the target '${column}' holds '${value}'`)
      }
    },
    finish() {
      if (given !== undefined) return { kind: 'class', column, classes: given }
      const sorted = [...labels].sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1))
      const first = sorted[0]
      const labelled =
        task === 'classification' ||
        typeof first === 'string' ||
        (task === undefined && whole && sorted.length <= 20 && (first === 0 || first === 1))
      return labelled ? { kind: 'class', column, classes: sorted.map(String) } : { kind: 'number', column }
    },
  }
}
