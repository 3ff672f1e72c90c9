/** Hashes of files, remembered from one time to the next, so that what has not changed is not read again. */
import { hash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { chmod, mkdir, readFile, stat } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { writeAtomic } from '../../core/bytes.ts'
import { realClock } from '../../core/clock.ts'

export interface Hashes {
  /** SHA-256 of a file's content, in hex. */
  of(path: string, stats: Stats): Promise<string>
  /** Remembers; a disk that cannot be written to is no mistake. */
  save(): Promise<void>
}

/** A file as it was when it was hashed: size, modified, changed (ms). */
const entry = v.tuple([v.number(), v.number(), v.number(), v.pipe(v.string(), v.regex(/^[\da-f]{64}$/))])
const schema = v.object({ version: v.literal(1), files: v.record(v.string(), entry) })
type Entry = v.InferOutput<typeof entry>

/** A file that was changed a moment ago may change again within the same tick of the disk's clock. */
const settled = 3000
const mostEntries = 50_000

export async function openHashes(): Promise<Hashes> {
  const folder = await privateFolder()
  const path = folder === undefined ? undefined : join(folder, 'hashes.json')
  const known = path === undefined ? new Map<string, Entry>() : await readEntries(path)
  const used = new Map<string, Entry>()
  let changed = false
  return {
    async of(file, { size, mtimeMs, ctimeMs }) {
      const was = known.get(file)
      if (was && was[0] === size && was[1] === mtimeMs && was[2] === ctimeMs) {
        used.set(file, was)
        return was[3]
      }
      const digest = hash('sha256', await readFile(file))
      if (realClock.now() - Math.max(mtimeMs, ctimeMs) > settled) {
        used.set(file, [size, mtimeMs, ctimeMs, digest])
        changed = true
      }
      return digest
    },
    async save() {
      if (path === undefined || !changed) return
      // The latest last, so that the oldest are forgotten first.
      const files = Object.fromEntries([...new Map([...[...known].filter(([file]) => !used.has(file)), ...used])].slice(-mostEntries))
      await writeAtomic(path, JSON.stringify({ version: 1, files })).catch(() => undefined)
    },
  }
}

async function readEntries(path: string): Promise<Map<string, Entry>> {
  try {
    return new Map(Object.entries(v.parse(schema, JSON.parse(await readFile(path, 'utf8'))).files))
  } catch {
    return new Map()
  }
}

/** A folder that only this user can write to: who could, could have another file sent in a file's place. */
async function privateFolder(): Promise<string | undefined> {
  const cache = process.env.TUTTI_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tutti')
  for (const folder of [join(cache, 'ship'), join(tmpdir(), `tutti-ship-${userInfo().username}`)]) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const { uid, mode } = await stat(folder)
      const mine = process.getuid === undefined || uid === process.getuid()
      if (!mine) continue
      if (process.getuid !== undefined && (mode & 0o077) !== 0) await chmod(folder, 0o700)
      return folder
    } catch {}
  }
  return undefined
}
