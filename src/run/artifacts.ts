/** What a finished run leaves: the model in two formats, and its signature. */
import type { Dataset } from '../data/index.ts'
import { toOnnx } from '../graph/index.ts'
import type { RunWriter } from '../store/index.ts'
import { safetensors, viewsOf } from '../tensor/index.ts'
import type { Metrics, Outcome } from '../train/index.ts'
import { type Signature, signatureOf } from './signature.ts'

export const modelNames = { onnx: 'model.onnx', weights: 'model.safetensors', signature: 'model.json' } as const
/** The key of an ONNX model's metadata that holds the signature, so that the one file is enough. */
export const signatureKey = 'tutti.signature'

export interface TrainedModel {
  readonly name: string
  readonly seed: number
  readonly config: Signature['config']
  readonly metrics: Metrics
  readonly trained: NonNullable<Outcome['trained']>
  readonly data: Dataset
}

/** The files of a trained model, by name. The bytes depend on the training only: the same seed gives the same files. */
export function modelFiles(model: TrainedModel): Record<string, Uint8Array> {
  const { graph, variables } = model.trained
  const weights = { ...viewsOf(variables.params), ...viewsOf(variables.states) }
  const signature = signatureOf({ ...model, graph, variables })
  const text = JSON.stringify(signature)
  const metadata = { [signatureKey]: text }
  const encoder = new TextEncoder()
  return {
    [modelNames.weights]: safetensors.encode(weights, { name: model.name }),
    [modelNames.onnx]: toOnnx(graph, { weights, metadata }),
    [modelNames.signature]: encoder.encode(`${JSON.stringify(signature, null, 2)}\n`),
  }
}

/** Keeps a trained model as artifacts of its run. */
export async function keepModel(writer: RunWriter, model: TrainedModel): Promise<void> {
  for (const [name, bytes] of Object.entries(modelFiles(model))) await writer.artifact(name, bytes, { kind: 'model' })
}
