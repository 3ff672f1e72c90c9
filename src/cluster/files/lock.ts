/**
 * One at a time among the processes of a node: whoever makes the lock holds it, and touches it as long as it lives. A lock is
 * a link that leads to its owner's name: there at once with all it says, or not at all, whenever its maker is killed.
 */
import { lstat, lutimes, readlink, symlink, unlink } from 'node:fs/promises'
import type { Clock } from '../../core/clock.ts'
import { isGone } from './owner.ts'

export interface Lock {
  /**
   * Takes it where it is free, or held by one who is dead or gave no sign for 15 s; undefined where another holds it. Ask again
   * after a while: the silence is measured from the first time that this one saw it.
   */
  take(): Promise<AsyncDisposable | undefined>
}

/** `owner` is the name of who takes it, see `ownerName`. */
export function lockAt(path: string, owner: string, clock: Clock): Lock {
  let seen: { readonly mark: string; readonly since: number } | undefined

  /** Whoever was silent for long may have lost it. */
  const release = async (taken: number) => {
    const certain = clock.elapsed() - taken < silence
    if (certain || (await holderOf(path)) === owner) await unlink(path).catch(() => undefined)
  }
  const isAbandoned = async () => {
    const [holder, about] = await Promise.all([holderOf(path), lstat(path).catch(() => undefined)])
    if (holder === undefined || about === undefined) return false
    if (isGone(holder) === true) return true
    const mark = `${holder} ${about.ino} ${about.mtimeMs}`
    if (seen?.mark !== mark) seen = { mark, since: clock.elapsed() }
    return clock.elapsed() - seen.since > silence
  }

  return {
    async take() {
      for (let tries = 0; tries < 2; tries++) {
        const mine = await symlink(owner, path).then(
          () => true,
          (error) => {
            if (error.code !== 'EEXIST') throw error
            return false
          },
        )
        if (mine) {
          const taken = clock.elapsed()
          // The times of other machines may differ from ours: only that it changes is looked at.
          const beat = clock.every(heartbeat, () => void lutimes(path, clock.now() / 1000, clock.now() / 1000).catch(() => undefined))
          return {
            async [Symbol.asyncDispose]() {
              beat.stop()
              await release(taken)
            },
          }
        }
        // Two who find it abandoned may both get it, in a rare moment: then something is fetched twice, and nothing is wrong.
        if (!(await isAbandoned())) return undefined
        await unlink(path).catch(() => undefined)
      }
      return undefined
    },
  }
}

/** The name of who holds a lock; undefined where nobody does. */
export async function holderOf(path: string): Promise<string | undefined> {
  return await readlink(path).catch((error) => (error.code === 'ENOENT' ? undefined : ''))
}

const silence = 15_000
const heartbeat = 3000
