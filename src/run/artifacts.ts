/** What a finished run leaves: the model as ONNX and as it was made, and its signature. */
import type { Dataset } from '../data/index.ts'
import type { Predictor } from '../estimator/index.ts'
import { toOnnx } from '../graph/index.ts'
import type { RunWriter } from '../store/index.ts'
import { safetensors, viewsOf } from '../tensor/index.ts'
import type { Metrics, Outcome } from '../train/index.ts'
import type { TreePredictor } from '../trees/index.ts'
import * as trees from '../trees/index.ts'
import { type Signature, signatureOf, signatureOfLearned } from './signature.ts'

export const modelNames = {
  onnx: 'model.onnx',
  weights: 'model.safetensors',
  estimator: 'estimator.json',
  importances: 'importances.svg',
  tree: 'tree.svg',
  signature: 'model.json',
} as const
/** The key of an ONNX model's metadata that holds the signature, so that the one file is enough. */
export const signatureKey = 'tutti.signature'

export interface TrainedModel {
  readonly name: string
  readonly seed: number
  readonly config: Signature['config']
  readonly metrics: Metrics
  /** A network. */
  readonly trained?: Outcome['trained']
  /** What an estimator learned, kept where there is no network. */
  readonly learned?: Outcome['learned']
  readonly data: Dataset
}

/**
 * The files of a trained model, by name; none where nothing was trained. A network's numbers are safetensors, an estimator's JSON.
 * The bytes depend on the training only: the same seed gives the same files.
 */
export function modelFiles(model: TrainedModel): Record<string, Uint8Array> {
  const { name, trained, learned } = model
  if (trained) {
    const { graph, variables } = trained
    const weights = { ...viewsOf(variables.params), ...viewsOf(variables.states) }
    const signature = signatureOf({ ...model, graph, variables })
    return {
      [modelNames.weights]: safetensors.encode(weights, { name }),
      [modelNames.onnx]: toOnnx(graph, { weights, metadata: metadataOf(signature) }),
      [modelNames.signature]: jsonFile(signature, 2),
    }
  }
  if (!learned) return {}
  const signature = signatureOfLearned({ ...model, predictor: learned })
  return {
    [modelNames.estimator]: jsonFile(learned.toJson()),
    [modelNames.onnx]: learned.toOnnx({ metadata: metadataOf(signature) }),
    [modelNames.signature]: jsonFile(signature, 2),
    ...picturesOf(learned),
  }
}

/** What the features were worth, and of trees the first one, to look at. */
function picturesOf(learned: Predictor): Record<string, Uint8Array> {
  const { featureImportances, features } = learned
  const [tree] = 'ensemble' in learned ? (learned as TreePredictor).ensemble.trees : []
  const names = features.map(({ name }) => name)
  const drawn = {
    ...(featureImportances?.some((worth) => worth > 0) && { [modelNames.importances]: trees.importancesSvg(names, featureImportances) }),
    ...(tree && { [modelNames.tree]: trees.treeSvg(tree, { ...learned, maxDepth: deepest }) }),
  }
  return Object.fromEntries(Object.entries(drawn).map(([name, svg]) => [name, new TextEncoder().encode(svg)]))
}

/** Levels of a tree that are drawn: what a person can look over. */
const deepest = 3

/** The features that were worth most, by name. */
export function worthMost({ featureImportances, features }: Predictor, most = 5): Record<string, number> | undefined {
  if (!featureImportances?.some((worth) => worth > 0)) return undefined
  const all = features.map(({ name }, f): [string, number] => [name, featureImportances[f] as number])
  return Object.fromEntries(all.sort(([, a], [, b]) => b - a).slice(0, most))
}

/** Keeps a trained model as artifacts of its run. Says whether there was one. */
export async function keepModel(writer: RunWriter, model: TrainedModel): Promise<boolean> {
  const files = Object.entries(modelFiles(model))
  for (const [name, bytes] of files) await writer.artifact(name, bytes, { kind: 'model' })
  return files.length > 0
}

function metadataOf(signature: Signature): Record<string, string> {
  return { [signatureKey]: JSON.stringify(signature) }
}

function jsonFile(value: unknown, indent?: number): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, indent)}\n`)
}
