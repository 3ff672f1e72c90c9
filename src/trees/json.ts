/**
 * Ensembles as JSON and back, to the bit: arrays are base64 of their little-endian bytes, all else is plain. What is read is
 * trusted in nothing: sizes are held to the number of nodes before anything is decoded, and every tree to the laws of `Tree`.
 */
import * as v from 'valibot'
import { bytesOf } from '../core/bytes.ts'
import { fail, messageOf } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Ensemble } from './ensemble.ts'
import { checkHead, count, headEntries, headOf } from './json/head.ts'
import { brokenLaw } from './json/laws.ts'
import type { Tree } from './tree.ts'

const FORMAT = 'tutti.ensemble.1'

const arrays = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, u8: Uint8Array } as const
type Kind = keyof typeof arrays

const text = v.string()
const numbers = v.union([v.object({ f32: text }), v.object({ f64: text })])
const treeSchema = v.object({
  nodes: count,
  width: count,
  feature: text,
  threshold: text,
  right: text,
  missingLeft: text,
  sets: v.optional(v.object({ at: text, words: text })),
  value: numbers,
  impurity: numbers,
  samples: text,
  weight: numbers,
})
const schema = v.object({ format: v.literal(FORMAT), ...headEntries, base: text, trees: v.array(treeSchema) })
type TreeJson = v.InferOutput<typeof treeSchema>

/**
 * All of an ensemble as plain data.
 *
 * @example `await writeAtomic('forest.json', JSON.stringify(ensembleToJson(ensemble)))`
 */
export function ensembleToJson(ensemble: Ensemble): Json {
  return {
    format: FORMAT,
    ...(headOf(ensemble) as unknown as Record<string, Json>),
    base: encode(ensemble.base),
    trees: ensemble.trees.map(treeToJson),
  }
}

/**
 * The ensemble that JSON says, equal to the bit to the one it was made of.
 *
 * @param from how sentences call where it came from
 * @throws FILE_CORRUPT where anything is missing, of another size, or breaks a law of trees
 */
export function ensembleFromJson(json: unknown, from = 'The JSON of the ensemble'): Ensemble {
  try {
    const { format: _, trees, base, ...head } = v.parse(schema, json, { abortEarly: true })
    const ensemble = {
      ...checkHead({ ...head, base: [...decode('f64', base, head.width, 'base values')] }),
      trees: trees.map(treeFromJson),
    }
    for (const [t, tree] of ensemble.trees.entries()) {
      const broken = brokenLaw(tree, ensemble.features.length) ?? brokenWidth(tree, ensemble)
      if (broken !== undefined) throw new Error(`of tree ${t + 1}, ${broken}`)
    }
    return ensemble
  } catch (error) {
    throw fail('FILE_CORRUPT', from, describe(error))
  }
}

function brokenWidth({ width }: Tree, ensemble: Ensemble): string | undefined {
  const first = ensemble.trees[0] as Tree
  if (width !== first.width) return `the width is ${width}, and ${first.width} of the first`
  if (width !== 1 && width !== ensemble.width) return `the width is ${width}, and the sum's ${ensemble.width}`
  return undefined
}

function treeToJson({ nodes, width, feature, threshold, right, missingLeft, setAt, sets, value, impurity, samples, weight }: Tree): Json {
  return {
    nodes,
    width,
    feature: encode(feature),
    threshold: encode(threshold),
    right: encode(right),
    missingLeft: encode(missingLeft),
    ...(setAt && sets && { sets: { at: encode(setAt), words: encode(sets) } }),
    value: encodeFloats(value),
    impurity: encodeFloats(impurity),
    samples: encode(samples),
    weight: encodeFloats(weight),
  }
}

function treeFromJson(json: TreeJson): Tree {
  const { nodes, width, sets } = json
  const floats = (from: v.InferOutput<typeof numbers>, length: number, what: string) =>
    'f32' in from ? decode('f32', from.f32, length, what) : decode('f64', from.f64, length, what)
  return {
    nodes,
    width,
    feature: decode('i32', json.feature, nodes, 'features'),
    threshold: decode('f32', json.threshold, nodes, 'thresholds'),
    right: decode('i32', json.right, nodes, 'right children'),
    missingLeft: decode('u8', json.missingLeft, nodes, 'ways of missing values'),
    setAt: sets && decode('i32', sets.at, nodes, 'places of sets'),
    sets: sets && decode('u32', sets.words, undefined, 'words of sets'),
    value: floats(json.value, nodes * width, 'values'),
    impurity: floats(json.impurity, nodes, 'impurities'),
    samples: decode('i32', json.samples, nodes, 'numbers of rows'),
    weight: floats(json.weight, nodes, 'weights'),
  }
}

function encodeFloats(values: Float32Array | Float64Array): Json {
  return values instanceof Float32Array ? { f32: encode(values) } : { f64: encode(values) }
}

function encode(values: ArrayBufferView): string {
  const { buffer, byteOffset, byteLength } = bytesOf(values)
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

/** @param length how many there must be; undefined: as many as there are */
function decode<K extends Kind>(kind: K, base64: string, length: number | undefined, what: string): InstanceType<(typeof arrays)[K]> {
  const Store = arrays[kind]
  const size = Store.BYTES_PER_ELEMENT
  const wrong = () =>
    new Error(length === undefined ? `the ${what} are not base64 of numbers` : `there are not ${length} ${what} in base64`)
  if (length !== undefined && base64.length !== Math.ceil((length * size) / 3) * 4) throw wrong()
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw wrong()
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== (length === undefined ? bytes.length - (bytes.length % size) : length * size)) throw wrong()
  // A copy: small buffers begin anywhere in a larger one.
  return new Store(new Uint8Array(bytes).buffer) as InstanceType<(typeof arrays)[K]>
}

function describe(error: unknown): string {
  if (!v.isValiError(error)) return messageOf(error)
  const [issue] = error.issues
  const path = v.getDotPath(issue)
  return path === null ? issue.message : `'${path}': ${issue.message}`
}
