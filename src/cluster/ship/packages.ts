/** Installed packages: which are needed, and where each lies in the parcels, as npm would lay them. */
import { realpathSync } from 'node:fs'
import { dirname, extname, sep } from 'node:path'
import { fail } from '../../core/errors.ts'
import { isFolder, type Manifest, manifestIn, packageFrom, targetOf } from './manifest.ts'
import { bound, type Platform, saidBy, suits } from './platform.ts'
import { inside, type Wanted } from './project.ts'

/** Where packages lie that nobody needs another version of; a link to it is beside `tutti/` and `project/`. */
export const top = 'tutti_modules/node_modules'

export interface Placed {
  readonly name: string
  /** Its real folder on this machine. */
  readonly folder: string
  readonly manifest: Manifest
  /** Its folder in the parcels: under `top`, or else in that of the code. */
  readonly place: string
  /** Whether only tutti itself asked for it. */
  readonly own: boolean
}

/** Packages asked for by files that lie together. */
export interface Root {
  /** Folder in the code parcel. */
  readonly place: string
  readonly wanted: readonly Wanted[]
  readonly own: boolean
}

/**
 * The packages of the roots and their closure of dependencies, each at the top, or where another version has taken that, under the one
 * that asks.
 *
 * @throws SHIP_IMPORT for a package that is not installed, or is TypeScript; SHIP_NATIVE for one that has no build for the platform
 */
export function packagesOf(roots: readonly Root[], { platform, tutti }: { platform: Platform; tutti: string }): Placed[] {
  const placed = new Map<string, Placed>()
  const queue: Placed[] = []
  // The shallow first: what they nest is seen by those below them. Tutti's own last, for what it nests is seen by nobody else, and the
  // user's packages have the top; but for its tests, which are below it.
  const guests = roots.some(({ own, place }) => !own && place.startsWith('tutti/'))
  const order = ({ own, place }: Root) => (own && !guests ? Number.POSITIVE_INFINITY : place.split('/').length)
  for (const { place, wanted, own } of [...roots].sort((a, b) => Math.sign(order(a) - order(b)) || compare(a.place, b.place)))
    for (const one of [...wanted].sort((a, b) => compare(a.name, b.name))) {
      const folder = installed(dirname(one.from), one.name)
      if (folder === tutti) continue
      if (folder === undefined) {
        if (own || one.optional) continue
        throw fail(
          'SHIP_IMPORT',
          one.where,
          `imports the package '${one.name}', which is not installed`,
          `Install it: npm install ${one.name}.`,
        )
      }
      if (!own) refuseTypes(one, folder)
      const manifest = manifestIn(folder)
      if (!suits(manifest, platform)) throw native(one.name, platform)
      put({ name: one.name, folder, manifest, own }, place)
    }

  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { manifest, folder, place, own } = next
    const optional = new Set([...Object.keys(manifest.optionalDependencies), ...Object.keys(manifest.peerDependencies)])
    for (const name of [...new Set([...Object.keys(manifest.dependencies), ...optional])].sort()) {
      const needed = installed(folder, name)
      // What is not here was not missed here.
      if (needed === undefined || needed === tutti || name === 'tutti' || ofTypes(name)) continue
      const its = manifestIn(needed)
      if (suits(its, platform)) put({ name, folder: needed, manifest: its, own }, place)
      else if (!optional.has(name)) throw native(name, platform)
    }
    if (lacksBuild(next, platform)) throw native(next.name, platform)
  }
  return [...placed.values()]

  function put(one: Omit<Placed, 'place'>, dependent: string) {
    const reached = lookups(dependent).find((folder) => placed.has(`${folder}/${one.name}`))
    const there = reached === undefined ? undefined : placed.get(`${reached}/${one.name}`)
    if (there && same(there, one)) {
      if (there.own && !one.own) placed.set(there.place, { ...there, own: false })
      return
    }
    const place = `${there ? `${dependent}/node_modules` : top}/${one.name}`
    const entry = { ...one, place }
    placed.set(place, entry)
    queue.push(entry)
  }
}

/** For a package that this platform cannot run. */
export function native(name: string, platform: Platform, compiled = false): Error {
  const libc = platform.libc === 'musl' ? ' --libc=musl' : ''
  const advice = compiled
    ? `It is compiled where it is installed: start from a machine of that kind.`
    : `Install that beside your own: npm install --os=${platform.os} --cpu=${platform.cpu}${libc} --no-save ${name}`
  return fail('SHIP_NATIVE', name, platform.name, advice)
}

/** Where Node looks for packages, from a folder of the parcels upwards. */
function lookups(place: string): string[] {
  const parts = place.split('/')
  const found = parts.flatMap((part, i) => (part === 'node_modules' ? [] : [`${parts.slice(0, i + 1).join('/')}/node_modules`])).reverse()
  return found.includes(top) ? found : [...found, top]
}

function same(a: Omit<Placed, 'place'>, b: Omit<Placed, 'place'>): boolean {
  const published = [a, b].every(({ folder, manifest }) => !linked(folder) && manifest.version !== '')
  return a.folder === b.folder || (published && a.manifest.name === b.manifest.name && a.manifest.version === b.manifest.version)
}

/** Whether a package is a folder that somebody works in, and not one that npm made. */
export function linked(folder: string): boolean {
  return !folder.split(sep).includes('node_modules')
}

/** What packages name as their peer for the sake of their types, and never load. */
function ofTypes(name: string): boolean {
  return name === 'typescript' || name.startsWith('@types/')
}

function installed(from: string, name: string): string | undefined {
  const folder = packageFrom(from, name)
  return folder === undefined || !isFolder(folder) ? undefined : realpathSync(folder)
}

/** Node runs no TypeScript from packages, and what is a package's folder here is one there. */
function refuseTypes({ name, specifier, kind, where, from }: Wanted, folder: string) {
  if (!linked(folder) || kind === 'asset') return
  const { exports, main } = manifestIn(folder)
  const rest = specifier.slice(name.length)
  const target = exports === undefined ? (rest === '' ? main : `.${rest}`) : targetOf(exports, `.${rest}`, kind)
  if (target === undefined || !/^\.[mc]?ts$/.test(extname(target))) return
  if (inside(folder, from)) return
  const advice = `Build it to JavaScript, or import its file by its path.`
  throw fail('SHIP_IMPORT', where, `imports '${specifier}', a linked package of TypeScript, which workers could not run`, advice)
}

/** As sharp's: builds are packages of their own, named by machines, and of those that are here none is for this one. */
function lacksBuild({ manifest, folder }: Placed, platform: Platform): boolean {
  const names = Object.keys(manifest.optionalDependencies)
  // One such name is no build but something extra on one system, as fsevents is.
  if (names.filter((name) => saidBy(name, platform) !== 'silent').length < 2) return false
  const here = names.flatMap((name) => installed(folder, name) ?? []).map(manifestIn)
  const builds = here.filter(bound)
  return builds.length > 0 && !builds.some((build) => suits(build, platform))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
