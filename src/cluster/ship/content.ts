/** Which files of a package travel. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Found, foundAs } from '../files/tree.ts'
import { linked, native, type Placed } from './packages.ts'
import { bound, isBinary, ownPlatform, type Platform, saidBy } from './platform.ts'

/** What no program reads; licences stay. */
const idle = /(\.map|\.d\.[mc]?ts|\.tsbuildinfo)$|^(readme|changelog|changes|history|contributing|security)(\.[a-z]+)?$/i
/** Sources that were compiled, of what is here compiled. */
const compiled = /\.(c|cc|cpp|cxx|h|hh|hpp|gyp|gypi)$/
/** What tutti does not read of its own packages: the digits are in it twice. */
const unread: Readonly<Record<string, RegExp>> = { mnist: /^(dist\/|visualizer\.html$)/ }

/**
 * Without the builds for other machines, types, maps and papers.
 *
 * @throws SHIP_NATIVE where the package has machine code, and none of it is for the platform
 */
export async function filesOf(placed: Placed, platform: Platform): Promise<Found[]> {
  const { name, folder, manifest, own } = placed
  const all = await walk(folder, '')
  const packageSays = bound(manifest) && saidBy(name, platform) !== 'foreign'
  const home = platform.name === ownPlatform()
  const fits = (file: Found) => {
    const said = saidBy(file.name, platform)
    return said === 'silent' ? !file.name.endsWith('.node') || packageSays || home : said === 'ours'
  }
  const addons = all.filter((file) => file.name.endsWith('.node'))
  if (addons.length > 0 && !addons.some(fits))
    throw native(
      name,
      platform,
      addons.every((file) => /^build\//.test(file.name)),
    )
  const kept = all.filter((file) => {
    const base = file.name.slice(file.name.lastIndexOf('/') + 1)
    if (isBinary(file.name)) return fits(file)
    return !idle.test(base) && !compiled.test(base) && !(own && unread[name]?.test(file.name))
  })
  return kept.sort((a, b) => (a.name < b.name ? -1 : 1))

  async function walk(at: string, prefix: string): Promise<Found[]> {
    const entries = await readdir(at, { withFileTypes: true })
    const parts = entries.map(async (entry): Promise<Found[]> => {
      const path = join(at, entry.name)
      if (entry.isDirectory())
        return entry.name === 'node_modules' || entry.name === '.git' ? [] : await walk(path, `${prefix}${entry.name}/`)
      if (linked(folder) && entry.name.startsWith('.')) return []
      // A link to a folder may lead anywhere, round in circles even.
      const about = await stat(path).catch(() => undefined)
      if (!about?.isFile()) return []
      return [foundAs(prefix + entry.name, entry.isSymbolicLink() ? await realpath(path) : path, about)]
    })
    return (await Promise.all(parts)).flat()
  }
}
