/** Takes a model out of the store: its files and a card, in a folder for others. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../core/errors.ts'
import type { Store } from '../store/index.ts'
import { modelNames } from './artifacts.ts'
import { modelOfRun } from './model.ts'
import { modelCard } from './modelCard.ts'
import { writeOutput } from './write.ts'

export interface ExportOptions {
  /** Replaces files of an earlier export. */
  readonly force?: boolean
}

/**
 * Writes model.onnx, model.safetensors (of an estimator estimator.json), model.json and README.md, a model card, to a folder, which is
 * made where needed.
 *
 * @returns the paths written
 * @throws MODEL_NONE, EXPORT_EXISTS, FILE_UNWRITABLE
 */
export async function exportModel(
  store: Store,
  reference: string,
  folder: string,
  { force = false }: ExportOptions = {},
): Promise<string[]> {
  const run = await store.run(reference)
  const model = await modelOfRun(store, run)
  if (!model.signature) throw fail('MODEL_NONE', run.id, run.status, run.mode)
  const files: Record<string, Uint8Array | string> = {}
  const kept = new Set((await store.artifacts(run.id)).map(({ name }) => name))
  for (const name of Object.values(modelNames)) if (kept.has(name)) files[name] = await store.readArtifact(run.id, name)
  files['README.md'] = modelCard(run, model.signature)
  const there = Object.keys(files).filter((name) => existsSync(join(folder, name)))
  if (there.length > 0 && !force) throw fail('EXPORT_EXISTS', folder, there)
  for (const [name, content] of Object.entries(files)) await writeOutput(join(folder, name), content)
  return Object.keys(files).map((name) => join(folder, name))
}
