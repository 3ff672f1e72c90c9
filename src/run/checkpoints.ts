/** Checkpoints as artifacts of a run: the last few and the best one. */
import { messageOf, TuttiError } from '../core/errors.ts'
import type { RunWriter, Store } from '../store/index.ts'
import { type Checkpoints, decodeSnapshot, encodeSnapshot, type Position, type Snapshot } from '../train/index.ts'

/** The newest, and the one before it in case the disk hurts the newest. */
const kept = 2
export const bestName = 'best.safetensors'

/**
 * Keeps snapshots in the store. Each is written whole and recorded before an older one goes, and after everything reported
 * before it, so that a kill at any moment leaves a checkpoint that agrees with the metrics.
 *
 * A checkpoint that is damaged is dropped, with a word to whoever watches, for the one before it.
 *
 * @throws ARTIFACT_CORRUPT, ARTIFACT_MISSING, CHECKPOINT_CORRUPT, FILE_CORRUPT when all are damaged
 */
export async function runCheckpoints(store: Store, writer: RunWriter, warn: (text: string) => void): Promise<Checkpoints> {
  const names = checkpointsAmong((await store.artifacts(writer.id)).map(({ name }) => name))

  return {
    get last() {
      return names.at(-1)
    },
    async latest() {
      const damaged: { name: string; error: unknown }[] = []
      for (const name of names.toReversed()) {
        try {
          const snapshot = decodeSnapshot(await store.readArtifact(writer.id, name))
          for (const { name, error } of damaged) {
            warn(`Checkpoint '${name}' is dropped: ${messageOf(error)}`)
            names.splice(names.indexOf(name), 1)
            await writer.removeArtifact(name)
          }
          return snapshot
        } catch (error) {
          if (!isDamage(error)) throw error
          damaged.push({ name, error })
        }
      }
      if (damaged[0]) throw damaged[0].error
      return undefined
    },
    async save(snapshot: Snapshot, best: boolean) {
      const { position } = snapshot
      const name = nameOf(position)
      const bytes = encodeSnapshot(snapshot)
      await writer.artifact(name, bytes, { kind: 'checkpoint', step: position.updates })
      if (best) await writer.artifact(bestName, bytes, { kind: 'best', step: position.updates })
      if (!names.includes(name)) names.push(name)
      while (names.length > kept) await writer.removeArtifact(names.shift() as string)
    },
  }
}

/** The names of checkpoints, oldest first. */
export function checkpointsAmong(names: readonly string[]): string[] {
  const found = names.flatMap((name) => {
    const [, fit, updates] = /^(?:fit(\d+)\/)?checkpoint-(\d+)\.safetensors$/.exec(name) ?? []
    return updates === undefined ? [] : [{ name, fit: Number(fit ?? 1), updates: Number(updates) }]
  })
  return found.sort((a, b) => a.fit - b.fit || a.updates - b.updates).map(({ name }) => name)
}

/** 'checkpoint-120.safetensors'; in the second and later fits of a run 'fit2/checkpoint-120.safetensors'. */
function nameOf({ fit, updates }: Position): string {
  return `${fit === 0 ? '' : `fit${fit + 1}/`}checkpoint-${updates}.safetensors`
}

function isDamage(error: unknown): boolean {
  return error instanceof TuttiError && ['ARTIFACT_CORRUPT', 'ARTIFACT_MISSING', 'CHECKPOINT_CORRUPT', 'FILE_CORRUPT'].includes(error.code)
}
