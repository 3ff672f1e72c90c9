/** package.json files, as far as Node's resolution and npm's layout go by them. */
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'

const names = v.optional(v.fallback(v.record(v.string(), v.unknown()), {}), {})
const words = v.optional(v.fallback(v.array(v.string()), []), [])
const schema = v.object({
  name: v.optional(v.fallback(v.string(), ''), ''),
  version: v.optional(v.fallback(v.string(), ''), ''),
  main: v.optional(v.fallback(v.string(), ''), ''),
  exports: v.optional(v.unknown()),
  imports: v.optional(v.unknown()),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  os: words,
  cpu: words,
  libc: words,
})

export type Manifest = v.InferOutput<typeof schema>

/** Of a folder; all is empty where it has none that can be read. */
export function manifestIn(folder: string): Manifest {
  try {
    return v.parse(schema, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
  } catch {
    return v.parse(schema, {})
  }
}

/** The folder of the package.json that rules a file, as Node finds it. */
export function scopeOf(file: string): string | undefined {
  return upwards(dirname(file), (folder) =>
    basename(folder) === 'node_modules' ? null : isFile(join(folder, 'package.json')) ? folder : undefined,
  )
}

/** Where an installed package is, seen from a folder. */
export function packageFrom(folder: string, name: string): string | undefined {
  return upwards(folder, (at) => {
    const place = join(at, 'node_modules', name)
    return basename(at) !== 'node_modules' && isFolder(place) ? place : undefined
  })
}

/** './a' or '@scope/b/c' of 'name' -> the package's own name. */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/**
 * What the field `exports` or `imports` makes of a key ('.', './sub', '#name'), by Node's rules.
 *
 * @returns a path that begins with './', the name of a package (of imports only), or undefined where there is none.
 */
export function targetOf(field: unknown, key: string, kind: 'import' | 'require'): string | undefined {
  const keyed =
    typeof field === 'object' && field !== null && !Array.isArray(field) && Object.keys(field).some((name) => /^[.#]/.test(name))
  if (!keyed) return key === '.' ? chosen(field, '', kind) : undefined
  const map = field as Readonly<Record<string, unknown>>
  if (Object.hasOwn(map, key) && !key.includes('*')) return chosen(map[key], '', kind)
  const fitting = Object.keys(map).filter((pattern) => {
    const [head, tail] = pattern.split('*') as [string, string | undefined]
    return tail !== undefined && key.startsWith(head) && key.endsWith(tail) && key.length > head.length + tail.length
  })
  // The longest beginning wins.
  const best = fitting.sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length)[0]
  if (best === undefined) return undefined
  const [head, tail] = best.split('*') as [string, string]
  return chosen(map[best], key.slice(head.length, key.length - tail.length), kind)
}

function chosen(target: unknown, star: string, kind: 'import' | 'require'): string | undefined {
  if (typeof target === 'string') return target.replaceAll('*', star)
  if (Array.isArray(target)) return target.map((one) => chosen(one, star, kind)).find((one) => one !== undefined)
  if (typeof target !== 'object' || target === null) return undefined
  for (const [condition, next] of Object.entries(target)) {
    if (condition !== kind && !['node', 'node-addons', 'module-sync', 'default'].includes(condition)) continue
    const found = chosen(next, star, kind)
    if (found !== undefined) return found
  }
  return undefined
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** The first answer on the way up; null ends the search. */
function upwards(from: string, ask: (folder: string) => string | null | undefined): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const answer = ask(folder)
    if (answer !== undefined) return answer ?? undefined
    if (folder === dirname(folder)) return undefined
  }
}
