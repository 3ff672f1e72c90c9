/** What is at a path: one file, or all files of a folder. The driver and the node look in the same way. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { wayInto } from '../../core/folders.ts'
import { mostFiles } from './protocol.ts'

export interface Found {
  /** Relative to the path, with '/' between folders; of a file, its own name. */
  readonly name: string
  /** Where it is, without links on the way. */
  readonly real: string
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly ino: number
}

export type Listing =
  | { readonly kind: 'missing' }
  /** `why` goes on from 'it'. */
  | { readonly kind: 'refused'; readonly why: string }
  | {
      readonly kind: 'tree'
      readonly folder: boolean
      /** In order of their names. */
      readonly files: readonly Found[]
      /** Those with nothing in them, in order. */
      readonly folders: readonly string[]
    }

/**
 * Links are followed where `allowed` says so of the place they lead to; a folder with a link that leads elsewhere is refused
 * as a whole. Links to nothing, sockets and pipes are passed over.
 */
export async function list(path: string, allowed: (real: string) => boolean = () => true, most = mostFiles): Promise<Listing> {
  try {
    const real = await realpath(path)
    if (!allowed(real)) throw new Refusal('is a link that leads out of the folders that may be read')
    const about = await stat(real)
    if (about.isFile()) return { kind: 'tree', folder: false, files: [foundAs(basename(path), real, about)], folders: [] }
    if (!about.isDirectory()) throw new Refusal('is neither a file nor a folder')
    const files: Found[] = []
    const folders: string[] = []
    await walk({ real, prefix: '', above: [], files, folders, allowed, most })
    return { kind: 'tree', folder: true, files: files.sort(byName), folders: folders.sort() }
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', why: error.message }
    const { code = '' } = error as NodeJS.ErrnoException
    if (nothingThere.includes(code)) return { kind: 'missing' }
    if (code === 'EACCES' || code === 'EPERM') return { kind: 'refused', why: `may not be read by the user who runs the study (${code})` }
    throw error
  }
}

/** Whether a path is one of the roots, or under one. */
export function isUnder(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => wayInto(root, path) !== undefined)
}

interface Walk {
  readonly real: string
  readonly prefix: string
  /** The folders that this one is in. */
  readonly above: readonly string[]
  readonly files: Found[]
  readonly folders: string[]
  readonly allowed: (real: string) => boolean
  readonly most: number
}

async function walk(here: Walk): Promise<void> {
  const { real, prefix, above, files, folders, allowed, most } = here
  if (above.includes(real)) throw new Refusal(`holds a link to a folder that it is in ('${prefix}')`)
  const entries = await readdir(real, { withFileTypes: true })
  if (entries.length === 0 && prefix !== '') folders.push(prefix.slice(0, -1))
  for (let from = 0; from < entries.length; from += batch) {
    const some = await Promise.all(entries.slice(from, from + batch).map((entry) => look(entry, here)))
    for (const [i, one] of some.entries()) {
      if (one === undefined) continue
      const name = prefix + entries[from + i]?.name
      if (!allowed(one.real)) throw new Refusal(`holds a link that leads out of the folders that may be read ('${name}')`)
      if (name.includes('\\')) throw new Refusal(`holds a file with a name that not every system can have ('${name}')`)
      if (one.about?.isFile() === true) files.push(foundAs(name, one.real, one.about))
      else if (one.about === undefined || one.about.isDirectory())
        await walk({ ...here, real: one.real, prefix: `${name}/`, above: [...above, real] })
      if (files.length + folders.length > most)
        throw new Refusal(
          `holds more than ${most.toLocaleString('en')} files; pack them into fewer, or put them where every node sees them`,
        )
    }
  }
}

interface Kind {
  readonly name: string
  isDirectory(): boolean
  isFile(): boolean
  isSymbolicLink(): boolean
}

/** Where an entry really is, and what is known of it; of a folder that is no link, only where. */
async function look(entry: Kind, { real }: Walk): Promise<{ real: string; about?: Awaited<ReturnType<typeof stat>> } | undefined> {
  const path = join(real, entry.name)
  if (entry.isDirectory()) return { real: path }
  if (!entry.isFile() && !entry.isSymbolicLink()) return undefined
  try {
    const target = entry.isSymbolicLink() ? await realpath(path) : path
    return { real: target, about: await stat(target) }
  } catch (error) {
    if (nothingThere.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

class Refusal extends Error {}

type About = {
  readonly size: number | bigint
  readonly mtimeMs: number | bigint
  readonly ctimeMs: number | bigint
  readonly ino: number | bigint
}
export const foundAs = (name: string, real: string, { size, mtimeMs, ctimeMs, ino }: About): Found => ({
  name,
  real,
  size: Number(size),
  mtimeMs: Number(mtimeMs),
  ctimeMs: Number(ctimeMs),
  ino: Number(ino),
})
const byName = (a: Found, b: Found) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
const nothingThere = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']
const batch = 64
