/** Tutti itself, as it travels: its sources or its built files, and the packages that workers reach from them. */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, extname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { atOnce } from '../files/atOnce.ts'
import { importsOf, isScript } from './imports.ts'
import { packageName } from './manifest.ts'
import { mostOpen } from './parcel.ts'
import type { Wanted } from './project.ts'

/** Where tutti is. */
export interface OwnPlace {
  /** The package's folder. */
  readonly folder: string
  /** 'src' or 'dist'. */
  readonly kind: string
}

export interface Own {
  /** By name under the package's folder, with '/'. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly wanted: readonly Wanted[]
}

/** Where workers start. */
const starts = [
  'index',
  'cluster/worker/process',
  'cluster/worker/thread',
  'cluster/worker/life',
  'run/trials/worker',
  'run/families/worker',
]
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

export const own: OwnPlace = {
  folder: resolve(fileURLToPath(new URL('../../..', import.meta.url))),
  kind: ending === 'ts' ? 'src' : 'dist',
}

export async function ownFiles({ folder, kind }: OwnPlace = own): Promise<Own> {
  const entries = await readdir(join(folder, kind), { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const names = [
    'package.json',
    ...paths.map((path) => path.slice(folder.length + 1).replaceAll(sep, '/')).filter((name) => !idle.test(name)),
  ]
  const contents: Uint8Array[] = []
  await atOnce(mostOpen, names, async (name, i) => {
    contents[i] = new Uint8Array(await readFile(join(folder, name)))
  })
  const files = new Map(names.map((name, i) => [name, contents[i] as Uint8Array]))
  return { files, wanted: await wantedBy(files, { folder, kind }) }
}

const idle = /(\.map|\.d\.ts|\.partial|\.pyc)$|(^|\/)\./

async function wantedBy(files: ReadonlyMap<string, Uint8Array>, { folder, kind }: OwnPlace): Promise<Wanted[]> {
  const wanted = new Map<string, Wanted>()
  const queue = starts.map((start) => `${kind}/${start}.${ending}`)
  const seen = new Set(queue)
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const from = join(folder, name)
    // Threads are named with the ending that their starter has.
    const text = Buffer.from(files.get(name) as Uint8Array)
      .toString()
      .replaceAll(`.\${ending}\``, `.${ending}\``)
    for (const { specifier, kind: how } of await importsOf(name, text, { strip: false })) {
      if (specifier === undefined || specifier.startsWith('node:')) continue
      if (specifier.startsWith('.')) {
        const target = join(dirname(name), specifier).replaceAll(sep, '/')
        // Workers ship nothing themselves, and do without the packages that this takes.
        if (target.startsWith(`${kind}/cluster/ship/`)) continue
        if (!isScript(target) || extname(target) !== `.${ending}` || !files.has(target) || seen.has(target)) continue
        seen.add(target)
        queue.push(target)
      } else if (how !== 'asset' && /^[@a-z]/.test(specifier) && packageName(specifier) !== 'tutti') {
        const name = packageName(specifier)
        if (!wanted.has(name)) wanted.set(name, { name, specifier, kind: how, from, where: from, optional: false })
      }
    }
  }
  return [...wanted.values()]
}
