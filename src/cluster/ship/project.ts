/** The user's files: those that are named, and all that they import, by their paths on this machine. */
import { existsSync, realpathSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatBytes } from '../../core/bytes.ts'
import { fail } from '../../core/errors.ts'
import { wayInto } from '../../core/folders.ts'
import { type Import, importsOf, isScript, Unparsable } from './imports.ts'
import { isFile, isFolder, manifestIn, packageName, scopeOf, targetOf } from './manifest.ts'
import { largestZip } from './parcel.ts'

/** A package that a file asks for. */
export interface Wanted {
  readonly name: string
  readonly specifier: string
  readonly kind: Import['kind']
  /** The file that asks. */
  readonly from: string
  /** It and the line, for people. */
  readonly where: string
  readonly optional: boolean
}

export interface Project {
  /** Contents by real path: files that others import or name, and the package.json over each. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The files that hold the user's code. */
  readonly scripts: readonly string[]
  readonly wanted: readonly Wanted[]
  /** A file and line that names one of tutti's own sources by its path. */
  readonly reaches: string | undefined
}

/**
 * @param files absolute paths.
 * @param tutti the folder of this package. Its own sources are not the user's, and never among the files.
 * @throws TRAINING_FILE_MISSING, SHIP_IMPORT
 */
export async function projectOf(files: readonly string[], { tutti, sources }: { tutti: string; sources: string }): Promise<Project> {
  const found = new Map<string, Uint8Array>()
  const scripts: string[] = []
  const wanted: Wanted[] = []
  const manifests = new Set<string>()
  let reaches: string | undefined
  const queue = files.map((file) => {
    if (!isFile(file)) throw fail('TRAINING_FILE_MISSING', file, [])
    return realpathSync(file)
  })
  const seen = new Set(queue)
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const file = next
    const { size } = await stat(file)
    // No zip makes so little of so much, and it would have to fit into memory.
    if (size > 2 ** 30) throw fail('SHIP_TOO_LARGE', 'training files', formatBytes(size), largestZip, [[shown(file), size]])
    let content: Uint8Array = await readFile(file)
    const scope = scopeOf(file)
    // What an example of tutti itself needs of its package.json is said anew by whoever lays out the files.
    if (scope !== undefined && scope !== tutti) manifests.add(join(scope, 'package.json'))
    if (isScript(file)) {
      let text = Buffer.from(content).toString()
      for (const one of await readImports(file, text)) {
        const target = targetOfImport(one, file)
        if (target === undefined) continue
        if ('name' in target) {
          wanted.push(target)
          continue
        }
        if (one.kind === 'asset' && isFolder(target.path)) {
          if (target.path.startsWith(dirname(file) + sep)) for (const asset of await filesIn(target.path)) ask(asset)
          continue
        }
        const path = realpathSync(target.path)
        if (one.specifier !== undefined && /^(file:|\/)/.test(one.specifier)) {
          if (one.kind !== 'asset' && !inside(sources, path)) text = renamed(text, one.specifier, nameFrom(file, path))
        }
        if (inside(sources, path)) reaches ??= `${shown(file)}:${one.line}`
        else ask(path)
      }
      content = Buffer.from(text)
      scripts.push(file)
    }
    found.set(file, content)
  }
  for (const path of manifests) found.set(path, found.get(path) ?? (await readFile(path)))
  return { files: found, scripts, wanted, reaches }

  function ask(path: string) {
    if (seen.has(path)) return
    seen.add(path)
    queue.push(path)
  }
}

/** Whether a path is in a folder, or is it. */
export function inside(folder: string, path: string): boolean {
  return wayInto(folder, path) !== undefined
}

/** For people: relative to the current folder where it is in it. */
export function shown(path: string): string {
  return inside(process.cwd(), path) ? relative(process.cwd(), path) : path
}

/** The deepest folder that all are in. */
export function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] as string)
  while (!paths.every((path) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep))) folder = dirname(folder)
  return folder
}

async function readImports(file: string, text: string): Promise<Import[]> {
  try {
    return await importsOf(file, text)
  } catch (error) {
    if (!(error instanceof Unparsable)) throw error
    throw fail('SHIP_IMPORT', `${shown(file)}:${error.line}`, `cannot be read: ${error.message}`, 'Correct it.')
  }
}

/** A file, a package, or undefined for what Node has or nobody can need. */
function targetOfImport(one: Import, file: string): { path: string } | Wanted | undefined {
  const { specifier, kind, optional } = one
  const where = `${shown(file)}:${one.line}`
  const refuse = (problem: string, advice: string) => fail('SHIP_IMPORT', where, problem, advice)
  if (specifier === undefined) {
    const advice = 'Workers get the files that imports name: write out the name, one import for each file that may be chosen.'
    throw refuse(`imports what is only known when it runs, import(${one.text})`, advice)
  }
  const missing = (path: string, what = specifier) =>
    optional ? undefined : refuse(`imports '${what}', but ${shown(path)} is not there`, 'Correct the name, or bring the file back.')
  const atPath = (path: string) => {
    const exact = kind === 'require' ? required(file, path) : isFile(path) || (kind === 'asset' && isFolder(path)) ? path : undefined
    const error = exact === undefined ? missing(path) : undefined
    if (error) throw error
    return exact === undefined ? undefined : { path: exact }
  }
  const plain = kind === 'require' ? specifier : specifier.replace(/[?#].*$/s, (tail) => (specifier.startsWith('#') ? tail : ''))

  if (kind !== 'asset' && isBuiltin(specifier)) return undefined
  if (/^data:/i.test(specifier)) return undefined
  if (/^https?:/i.test(specifier)) {
    if (kind === 'asset' || optional) return undefined
    throw refuse(
      `imports '${specifier}' from the network, which Node does not`,
      'Keep a copy beside the file, and import that by its path.',
    )
  }
  if (/^file:/i.test(specifier)) return atPath(fileURLToPath(plain))
  if (kind === 'asset') return /^[a-z][a-z\d+.-]+:/i.test(specifier) ? undefined : atPath(resolve(dirname(file), decoded(plain)))
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..')
    return atPath(resolve(dirname(file), kind === 'require' ? plain : decoded(plain)))
  if (/^[a-z][a-z\d+.-]+:/i.test(specifier)) throw refuse(`imports '${specifier}', which Node cannot load`, 'Import a file or a package.')

  const scope = scopeOf(file)
  const manifest = scope === undefined ? undefined : manifestIn(scope)
  if (specifier.startsWith('#')) {
    const target = targetOf(manifest?.imports, specifier, kind)
    if (target === undefined) {
      if (optional) return undefined
      throw refuse(
        `imports '${specifier}', which no package.json over it explains`,
        "Add it to the field 'imports' of the package.json nearest to it.",
      )
    }
    if (target.startsWith('./')) return atPath(join(scope as string, target))
    return isBuiltin(target) ? undefined : { name: packageName(target), specifier: target, kind, from: file, where, optional }
  }
  const name = packageName(specifier)
  if (name === 'tutti') return undefined
  if (name === manifest?.name && manifest.exports !== undefined && scope !== undefined) {
    const target = targetOf(manifest.exports, `.${specifier.slice(name.length)}`, kind)
    if (target !== undefined) return atPath(join(scope, target))
  }
  return { name, specifier, kind, from: file, where, optional }
}

/** As CommonJS finds it: with an ending added, or in a folder. */
function required(file: string, path: string): string | undefined {
  try {
    return createRequire(file).resolve(path)
  } catch {
    return undefined
  }
}

function decoded(specifier: string): string {
  try {
    return decodeURIComponent(specifier)
  } catch {
    return specifier
  }
}

/** A path of this machine is no path of another, so imports by such are rewritten to what is the same on both. */
function renamed(text: string, from: string, to: string): string {
  return ["'", '"', '`'].reduce((changed, quote) => changed.replaceAll(`${quote}${from}${quote}`, `${quote}${to}${quote}`), text)
}

function nameFrom(file: string, target: string): string {
  const path = relative(dirname(file), target)
    .split(sep)
    .map(extname(file) === '.cjs' ? String : encodeURIComponent)
    .join('/')
  return path.startsWith('.') ? path : `./${path}`
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return paths
    .filter((path) => existsSync(path) && !/[\\/](node_modules|\.git)[\\/]/.test(path.slice(folder.length)))
    .map((path) => realpathSync(path))
}
