/** Models that runs leave, and models in files: what they take and give, and running them. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fail, messageOf, TuttiError } from '../core/errors.ts'
import { createSession, fromOrt, loadOnnxruntime } from '../graph/index.ts'
import type { RunRecord, Store } from '../store/index.ts'
import type { DType, Tensor } from '../tensor/index.ts'
import { modelNames, signatureKey } from './artifacts.ts'
import { onnxMetadata } from './onnxMetadata.ts'
import { parseSignature, type Signature } from './signature.ts'

export interface KeptModel {
  /** How people call it: a run's id or a path. */
  readonly source: string
  readonly onnx: Uint8Array
  /** Absent in models that others made: then their file tells only the types. */
  readonly signature: Signature | undefined
}

/**
 * The model that a run left, or that a file holds.
 *
 * @param reference a path that ends in .onnx, a run's id, the first letters of it, or 'last'.
 * @throws MODEL_UNKNOWN, MODEL_NONE, FILE_CORRUPT, RUN_AMBIGUOUS, ARTIFACT_CORRUPT
 */
export async function openModel(reference: string, openStore: () => Promise<Store>): Promise<KeptModel> {
  if (extname(reference) === '.onnx' || (reference.includes('/') && existsSync(reference))) return modelOfFile(reference)
  await using store = await openStore()
  return await modelOfRun(store, await findRun(store, reference))
}

/** @throws MODEL_NONE */
export async function modelOfRun(store: Store, { id, status, mode }: RunRecord): Promise<KeptModel> {
  const names = (await store.artifacts(id)).map(({ name }) => name)
  if (!names.includes(modelNames.onnx) || !names.includes(modelNames.signature)) throw fail('MODEL_NONE', id, status, mode)
  const text = new TextDecoder().decode(await store.readArtifact(id, modelNames.signature))
  return {
    source: id,
    onnx: await store.readArtifact(id, modelNames.onnx),
    signature: parseSignature(text, `${modelNames.signature} of run '${id}'`),
  }
}

async function modelOfFile(path: string): Promise<KeptModel> {
  const bytes = await readFile(path).catch((error) => {
    throw error.code === 'ENOENT' ? fail('FILE_MISSING', path, 'an ONNX model') : error
  })
  const text = onnxMetadata(bytes, path)[signatureKey]
  return { source: path, onnx: bytes, signature: text === undefined ? undefined : parseSignature(text, path) }
}

/** @throws MODEL_UNKNOWN where there is no such run */
async function findRun(store: Store, reference: string): Promise<RunRecord> {
  try {
    return await store.run(reference)
  } catch (error) {
    if (!(error instanceof TuttiError) || error.code !== 'RUN_UNKNOWN' || reference === 'last') throw error
    const known = (await store.runs({ limit: 1000 })).map(({ id }) => id)
    throw fail('MODEL_UNKNOWN', reference, known)
  }
}

export interface Predictor extends AsyncDisposable {
  /** Inputs and output; of a foreign model, as far as its file tells. */
  readonly signature: Signature
  /** Outputs for inputs `[rows, ...]` by name, in the dtypes the signature gives. */
  predict(inputs: Readonly<Record<string, Tensor>>): Promise<Tensor>
}

/** Makes a model ready to run. @throws RUNTIME_FAILED, MODEL_FOREIGN for inputs or outputs that are no tensors tutti has */
export async function createPredictor({ source, onnx, signature: kept }: KeptModel, threads: number): Promise<Predictor> {
  const ort = await loadOnnxruntime()
  const session = await createSession(ort, onnx, threads)
  const signature = kept ?? foreignSignature(source, session)
  return {
    signature,
    async predict(inputs) {
      const feeds = Object.entries(inputs).map(([name, { dtype, data, shape }]) => [
        name,
        new ort.Tensor(dtype as 'float32', data as Float32Array, shape),
      ])
      try {
        const outputs = await session.run(Object.fromEntries(feeds), [signature.output.name])
        return fromOrt(outputs[signature.output.name] as Parameters<typeof fromOrt>[0])
      } catch (error) {
        throw fail('MODEL_FOREIGN', source, messageOf(error))
      }
    },
    [Symbol.asyncDispose]: () => session.release(),
  }
}

const dtypes: readonly string[] = ['float32', 'float64', 'int32', 'int64', 'uint8', 'bool'] satisfies DType[]

interface Described {
  readonly inputMetadata: readonly ValueOf[]
  readonly outputMetadata: readonly ValueOf[]
}
type ValueOf = { readonly name: string; readonly isTensor: boolean; readonly type?: string; readonly shape?: readonly (number | string)[] }

function foreignSignature(source: string, { inputMetadata, outputMetadata }: Described): Signature {
  const described = (value: ValueOf) => {
    if (!value.isTensor || value.type === undefined || !dtypes.includes(value.type))
      throw fail('MODEL_FOREIGN', source, `'${value.name}' is ${value.type ?? 'no tensor'}, which tutti does not have`)
    return { name: value.name, dtype: value.type as DType, shape: [...(value.shape ?? [])] }
  }
  const output = outputMetadata[0]
  if (!output || inputMetadata.length === 0) throw fail('MODEL_FOREIGN', source, 'it has no input or no output')
  return {
    format: 1,
    tutti: 'unknown',
    name: source,
    seed: 0,
    config: {},
    metrics: {},
    inputs: inputMetadata.map(described),
    output: described(output),
  }
}
