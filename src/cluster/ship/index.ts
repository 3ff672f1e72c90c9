/**
 * What machines that have nothing but Node get, so that they can run a training file: the file with all that it imports, tutti
 * itself, and the packages of both. It comes in two parcels, each under the hash of its content, because packages change
 * seldom and are most of the bytes.
 *
 * ```
 * tutti/package.json, tutti/src/**          code: this package, or dist/** where it is installed
 * project/train.ts, project/package.json           the user's files, below the folder that they have in common
 * packages                                  the hash of the other parcel
 * tutti_modules/node_modules/...            modules: packages as npm lays them
 * ```
 *
 * Where it is unpacked, a link `node_modules` beside `tutti` and `project` leads to `tutti_modules/node_modules`.
 */
import { realpathSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { realClock } from '../../core/clock.ts'
import { fail } from '../../core/errors.ts'
import { atOnce } from '../files/atOnce.ts'
import { rememberedSums } from '../files/sums.ts'
import { filesOf } from './content.ts'
import { type Own, own, ownFiles } from './own.ts'
import { native, type Placed, packagesOf, type Root, top } from './packages.ts'
import { fileOf, mostOpen, type Parcel, type ParcelFile, parcelOf } from './parcel.ts'
import { ownPlatform, type Platform, platformOf, saidBy } from './platform.ts'
import { commonFolder, inside, type Project, projectOf, shown } from './project.ts'

export type { Parcel } from './parcel.ts'

export interface Shipment {
  readonly code: Parcel
  readonly modules: Parcel
  /** Folders here, and what they are in the parcel of the code; the longest first, so the first that a path is in is right. */
  readonly places: readonly (readonly [from: string, to: string])[]
}

export interface ShipmentOptions {
  /** Training files, by absolute path. */
  readonly files: readonly string[]
  /** Of the machines that get it: 'linux-x64' (the default), 'linux-arm64', 'linuxmusl-x64', ... */
  readonly platform?: string
  /** Further files of the code parcel, by name. */
  readonly extra?: ReadonlyMap<string, Uint8Array>
}

/**
 * Both parcels for training files. Fast when little has changed: hashes of packages' files are kept in the user's cache.
 *
 * @throws TRAINING_FILE_MISSING, SHIP_IMPORT, SHIP_NATIVE, SHIP_TOO_LARGE
 */
export async function shipmentOf({ files, platform = 'linux-x64', extra = new Map() }: ShipmentOptions): Promise<Shipment> {
  // The user's mistakes first.
  const project = await projectOf(files, { tutti: own.folder, sources: resolve(own.folder, own.kind) })
  const target = platformOf(platform)
  for (const path of project.files.keys()) if (!runsOn(path, target)) throw native(shown(path), target, true)
  const layout = layoutOf(project)
  const tutti = await ownFiles()
  const roots = rootsOf(project, tutti, layout.placeOf)
  const packages = packagesOf(roots, { platform: target, tutti: own.folder })
  const packed = await pack(packages, target)
  const modules = parcelOf(
    'packages',
    packed.filter(({ name }) => name.startsWith(`${top}/`)),
  )
  const code = [
    // The link is there once for each code that is unpacked: with other packages it has to be another code.
    fileOf('packages', Buffer.from(modules.hash)),
    ...[...tutti.files].map(([name, content]) => fileOf(`tutti/${name}`, content, 'tutti')),
    ...[...project.files].map(([path, content]) => fileOf(layout.placeOf(path), content, shown(path))),
    ...layout.extra.map(([name, content]) => fileOf(name, content)),
    ...[...extra].map(([name, content]) => fileOf(name, content)),
    ...packed.filter(({ name }) => !name.startsWith(`${top}/`)),
  ]
  return {
    code: parcelOf('training files', code),
    modules,
    places: [...new Map([...layout.places, ...aliases(files, layout.placeOf)])].sort((a, b) => b[0].length - a[0].length),
  }
}

interface Layout {
  readonly places: readonly (readonly [string, string])[]
  /** Files that are nowhere but in the parcel. */
  readonly extra: readonly (readonly [string, Uint8Array])[]
  placeOf(path: string): string
}

function layoutOf({ files, scripts, reaches }: Project): Layout {
  const tutti = [own.folder, 'tutti'] as const
  const under = (folder: string, place: string) => (path: string) => [place, ...relative(folder, path).split(sep)].filter(Boolean).join('/')
  const paths = [...files.keys()]
  if (paths.length === 0) return { places: [tutti], extra: [], placeOf: under(...tutti) }
  if (reaches !== undefined) {
    // What names tutti's sources by their path can only lie as it does here: a test of tutti itself.
    const advice = `Import from 'tutti' instead.`
    if (!paths.every((path) => inside(own.folder, path))) throw fail('SHIP_IMPORT', reaches, 'imports a file of tutti by its path', advice)
    return { places: [tutti], extra: [], placeOf: under(...tutti) }
  }
  const folder = commonFolder(paths)
  const placeOf = under(folder, 'project')
  // Examples are in tutti's folder and yet the user's.
  const guests = new Set(scripts.map((path) => dirname(path)).filter((path) => inside(own.folder, path)))
  const bare = guests.size > 0 && !files.has(resolve(folder, 'package.json'))
  return {
    places: [tutti, [folder, 'project'], ...[...guests].map((path) => [path, placeOf(path)] as const)],
    extra: bare ? [['project/package.json', Buffer.from('{ "type": "module" }\n')]] : [],
    placeOf,
  }
}

/** Training files that are named by a link. */
function aliases(files: readonly string[], placeOf: (path: string) => string): [string, string][] {
  return files.flatMap((file) => {
    const real = realpathSync(file)
    if (real === file) return []
    return basename(real) === basename(file) ? [[dirname(file), placeOf(dirname(real))]] : [[file, placeOf(real)]]
  })
}

function rootsOf(project: Project, tutti: Own, placeOf: (path: string) => string): Root[] {
  const folders = Map.groupBy(project.wanted, ({ from }) => dirname(from))
  const users = [...folders].map(([folder, wanted]) => ({ place: placeOf(folder), wanted, own: false }))
  return [...users, { place: 'tutti', wanted: tutti.wanted, own: true }]
}

/** Whether a file of the user's own is no machine code, or that of the platform. */
function runsOn(path: string, platform: Platform): boolean {
  const said = path.endsWith('.node') ? saidBy(basename(path), platform) : 'ours'
  return said === 'ours' || (said === 'silent' && platform.name === ownPlatform())
}

async function pack(packages: readonly Placed[], platform: Platform): Promise<ParcelFile[]> {
  const sums = rememberedSums(realClock)
  const listed = await Promise.all(
    packages.map(async (placed) => (await filesOf(placed, platform)).map((file) => ({ file, place: placed.place, of: placed.name }))),
  )
  const packed: ParcelFile[] = []
  await atOnce(mostOpen, listed.flat(), async ({ file, place, of }, i) => {
    const hash = await sums.of(file)
    if (hash === undefined) throw fail('SHIP_CHANGED', file.real)
    packed[i] = { name: `${place}/${file.name}`, from: file.real, bytes: file.size, hash, of }
  })
  await sums.save()
  return packed
}
