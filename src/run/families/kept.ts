/** Finished units as artifacts of the study's run: a study that goes on does not do them again. */
import { sha256 } from '../../core/bytes.ts'
import { TuttiError } from '../../core/errors.ts'
import { fromText, toText } from '../../core/json.ts'
import type { RunWriter, Store } from '../../store/index.ts'
import type { Metrics } from '../../train/index.ts'
import { readKept } from './protocol.ts'

export interface Memory {
  /** What was measured of a configuration, if it was: of the same data, group, fold, seed and parameters. */
  recall(hash: string, fold: number, params: string): Metrics | undefined
  keep(hash: string, fold: number, answers: readonly (readonly [params: string, metrics: Metrics])[]): void
}

export interface KeptUnits extends Memory {
  /** Waits for what is being written. */
  settle(): Promise<void>
  /** All of them: the trials that they were for have ended. */
  clear(): Promise<void>
}

const kind = 'shared'

/**
 * @param failed is told when something cannot be written.
 * @param say is told of what cannot be read: it is measured again.
 */
export async function keptUnits(
  store: Store,
  writer: RunWriter,
  seed: number,
  { failed, say }: { failed: (error: unknown) => void; say: (text: string) => void },
): Promise<KeptUnits> {
  const known = new Map<string, Metrics>()
  const names = new Set<string>()
  const keyOf = (hash: string, fold: number, params: string) => `${hash} ${fold} ${params}`
  for (const artifact of await store.artifacts(writer.id)) {
    if (artifact.kind !== kind) continue
    names.add(artifact.name)
    const unit = await read(store, writer.id, artifact.name)
    if (!unit) say(`What trials shared in ${artifact.name} cannot be read, and is measured again.`)
    else if (unit.seed === seed) for (const [params, metrics] of unit.answers) known.set(keyOf(unit.hash, unit.fold, params), metrics)
  }
  let writing: Promise<unknown> = Promise.resolve()
  return {
    recall: (hash, fold, params) => known.get(keyOf(hash, fold, params)),
    keep(hash, fold, answers) {
      if (answers.length === 0) return
      const bytes = new TextEncoder().encode(toText({ version: 1, hash, fold, seed, answers }))
      // Whoever goes on may have fewer of them left to measure: that is another unit.
      const name = `shared/${sha256(bytes).slice(0, 32)}.json`
      names.add(name)
      writing = writing.then(() => writer.artifact(name, bytes, { kind })).catch(failed)
    },
    async settle() {
      await writing
    },
    async clear() {
      await writing
      for (const name of names) await writer.removeArtifact(name)
    },
  }
}

async function read(store: Store, run: string, name: string): Promise<ReturnType<typeof readKept>> {
  try {
    return readKept(fromText(new TextDecoder().decode(await store.readArtifact(run, name))))
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof TuttiError && error.code.startsWith('ARTIFACT_'))) return undefined
    throw error
  }
}
