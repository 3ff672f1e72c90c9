/** What cannot be shipped is said in a sentence that names the place and what to do. */
import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { filesOf } from '../../../src/cluster/ship/content.ts'
import { shipmentOf } from '../../../src/cluster/ship/index.ts'
import { packagesOf } from '../../../src/cluster/ship/packages.ts'
import { fileOf, parcelOf } from '../../../src/cluster/ship/parcel.ts'
import { ownPlatform, platformOf } from '../../../src/cluster/ship/platform.ts'
import { projectOf } from '../../../src/cluster/ship/project.ts'
import { type Made, made } from './made.ts'

const cache = made({})
process.env.TUTTI_CACHE = cache.folder
after(() => cache[Symbol.dispose]())

type Files = Readonly<Record<string, string | object>>

/** The sentence, with the project's folder left out. */
async function refused(files: Files, code: string, platform = 'linux-x64'): Promise<string> {
  using project = made({ 'package.json': { type: 'module' }, ...files })
  const name = ['train.ts', 'train.cjs', 'train.mjs'].find((name) => name in files) as string
  // The rest of a shipment takes a moment, and there are many refusals.
  const shipped = code === 'SHIP_NATIVE' ? packed(project, name, platform) : shipmentOf({ files: [project.path(name)], platform })
  const error = await shipped.then(
    () => assert.fail('it was shipped'),
    (error) => error,
  )
  assert.equal(error.code, code, error.stack)
  return error.message.replaceAll(`${project.folder}/`, '')
}

const root = join(import.meta.dirname, '../../..')

async function accepted(files: Files, platform = 'linux-x64'): Promise<void> {
  using project = made({ 'package.json': { type: 'module' }, ...files })
  const name = ['train.ts', 'train.cjs', 'train.mjs'].find((name) => name in files) as string
  await packed(project, name, platform)
}

/** What would be sent of the project and its packages. */
async function packed(project: Made, name: string, platform: string): Promise<void> {
  const { wanted } = await projectOf([project.path(name)], { tutti: root, sources: join(root, 'src') })
  const packages = packagesOf([{ place: 'project', wanted, own: false }], { platform: platformOf(platform), tutti: root })
  for (const one of packages) await filesOf(one, platformOf(platform))
}

test('imports that lead nowhere', async () => {
  assert.equal(
    await refused({ 'train.ts': `\nimport './gone.ts'` }, 'SHIP_IMPORT'),
    `train.ts:2 imports './gone.ts', but gone.ts is not there. Correct the name, or bring the file back.`,
  )
  assert.match(
    await refused({ 'train.ts': `import './a.mjs'`, 'a.mjs': `\n\nexport * from './folder'`, 'folder/index.js': '' }, 'SHIP_IMPORT'),
    /^a\.mjs:3 imports '\.\/folder'/,
  )
  assert.match(await refused({ 'train.cjs': `const a = 1\nrequire('./gone')` }, 'SHIP_IMPORT'), /^train\.cjs:2 imports '\.\/gone'/)
  assert.match(
    await refused({ 'train.ts': `import '#gone'` }, 'SHIP_IMPORT'),
    /^train\.ts:1 imports '#gone', which no package\.json over it explains\. Add it/,
  )
  const { message } = await shipmentOf({ files: ['/nowhere/train.ts'] }).catch((error) => error)
  assert.match(message, /\/nowhere\/train\.ts/)
})

test('imports that are only known when the file runs', async () => {
  const text = await refused({ 'train.ts': `const name = './x.ts'\nawait import(name)` }, 'SHIP_IMPORT')
  assert.equal(
    text,
    'train.ts:2 imports what is only known when it runs, import(name). Workers get the files that imports name: write out the name, one import for each file that may be chosen.',
  )
  assert.match(
    await refused({ 'train.ts': `await import(\`./models/\${1}.ts\`)` }, 'SHIP_IMPORT'),
    /^train\.ts:1 imports what is only known/,
  )
  assert.match(await refused({ 'train.ts': `await import('./a' + '.ts')` }, 'SHIP_IMPORT'), /import\('\.\/a' \+ '\.ts'\)/)
  await accepted({ 'train.ts': 'await import(`./a.ts`); await import(new URL("./a.ts", import.meta.url).href)', 'a.ts': '' })
})

test('addresses', async () => {
  assert.equal(
    await refused({ 'train.ts': `import 'https://example.org/x.js'` }, 'SHIP_IMPORT'),
    `train.ts:1 imports 'https://example.org/x.js' from the network, which Node does not. Keep a copy beside the file, and import that by its path.`,
  )
  assert.match(
    await refused({ 'train.ts': `import 'npm:left-pad'` }, 'SHIP_IMPORT'),
    /^train\.ts:1 imports 'npm:left-pad', which Node cannot load/,
  )
  await accepted({
    'train.ts': `import 'data:text/javascript,0'; import 'node:fs'; import fs from 'fs/promises'; new URL('https://example.org', import.meta.url)`,
  })
})

test('packages that are not installed, or are no JavaScript', async () => {
  assert.equal(
    await refused({ 'train.ts': `import { x } from '@not/here/sub'` }, 'SHIP_IMPORT'),
    `train.ts:1 imports the package '@not/here', which is not installed. Install it: npm install @not/here.`,
  )
  await accepted({ 'train.ts': `import type { x } from 'not-here'`, 'other.ts': `import 'not-here'` })
  await accepted({ 'train.cjs': `try { require('not-here') } catch {}` })
})

test('files that cannot be parsed', async () => {
  assert.match(
    await refused({ 'train.ts': `\n\nlet x: = 1` }, 'SHIP_IMPORT'),
    /^train\.ts:3 cannot be read: Unexpected token `=`.*\. Correct it\.$/,
  )
  assert.match(
    await refused({ 'train.ts': `enum A { b }` }, 'SHIP_IMPORT'),
    /^train\.ts:1 cannot be read: TypeScript enum is not supported/,
  )
  assert.match(await refused({ 'train.mjs': 'let a = 1\nimport { from "x' }, 'SHIP_IMPORT'), /^train\.mjs:2 cannot be read/)
})

test("tutti's own files by path", async () => {
  const index = join(import.meta.dirname, '../../../src/index.ts')
  assert.equal(
    await refused({ 'train.ts': `\nimport { data } from '${index}'` }, 'SHIP_IMPORT'),
    `train.ts:2 imports a file of tutti by its path. Import from 'tutti' instead.`,
  )
})

const native = (files: Files, manifest: object = {}): Files => ({
  'train.cjs': `require('fast')`,
  'node_modules/fast/package.json': { name: 'fast', version: '1.0.0', ...manifest },
  ...Object.fromEntries(Object.entries(files).map(([name, content]) => [`node_modules/${name}`, content])),
})
const install = `'fast' has no build for linux-x64, which the workers run on. Install that beside your own: npm install --os=linux --cpu=x64 --no-save fast`

test('packages without a build for the nodes', async () => {
  using project = made(native({ 'fast/prebuilds/darwin-arm64/a.node': '' }))
  await assert.rejects(shipmentOf({ files: [project.path('train.cjs')] }), { code: 'SHIP_NATIVE', message: install })
  assert.equal(
    await refused(native({ 'fast/prebuilds/darwin-arm64/a.node': '', 'fast/prebuilds/linux-arm64/a.node': '' }), 'SHIP_NATIVE'),
    install,
  )
  assert.equal(await refused(native({ 'fast/bin/napi-v6/win32/x64/a.node': '' }), 'SHIP_NATIVE'), install)
  assert.equal(await refused(native({}, { os: ['darwin'] }), 'SHIP_NATIVE'), install)
  assert.equal(await refused(native({}, { os: ['!linux'] }), 'SHIP_NATIVE'), install)
  const apart = { optionalDependencies: { '@fast/linux-x64': '1', '@fast/darwin-arm64': '1' } }
  const darwin = { '@fast/darwin-arm64/package.json': { name: '@fast/darwin-arm64', os: ['darwin'], cpu: ['arm64'] } }
  assert.equal(await refused(native(darwin, apart), 'SHIP_NATIVE'), install)
  const linux = { '@fast/linux-x64/package.json': { name: '@fast/linux-x64', os: ['linux'], cpu: ['x64'] }, '@fast/linux-x64/a.node': '' }
  assert.equal(
    await refused(native(linux, apart), 'SHIP_NATIVE', 'linuxmusl-arm64').then((text) =>
      /--os=linux --cpu=arm64 --libc=musl --no-save/.test(text),
    ),
    true,
  )
  await accepted(native({ ...darwin, ...linux }, apart))
  const extra = { 'fsevents/package.json': { name: 'fsevents', os: ['darwin'] }, 'fsevents/fsevents.node': '' }
  await accepted(native(extra, { optionalDependencies: { fsevents: '2' } }))
  await accepted(native({ 'fast/prebuilds/linux-x64/a.node': '', 'fast/prebuilds/darwin-x64+arm64/a.node': '' }))
  // Built where it was installed: of use to machines of that kind only.
  const built = native({ 'fast/build/Release/a.node': '' })
  await accepted({ ...built, 'train.cjs': 'require("fast")' }, ownPlatform())
  const other = ownPlatform() === 'linux-x64' ? 'linux-arm64' : 'linux-x64'
  await assert.rejects(accepted(built, other), {
    code: 'SHIP_NATIVE',
    message: new RegExp(
      `^'fast' has no build for ${other}, .* It is compiled where it is installed: start from a machine of that kind\\.$`,
    ),
  })
})

test("machine code of one's own", async () => {
  using project = made({ 'train.cjs': `require('./fast-darwin-arm64.node')`, 'fast-darwin-arm64.node': '' })
  const message = /fast-darwin-arm64\.node' has no build for linux-x64, .* start from a machine of that kind/
  await assert.rejects(shipmentOf({ files: [project.path('train.cjs')] }), { code: 'SHIP_NATIVE', message })
})

test('parcels too large for a cluster name what is large in them, and files that change meanwhile are found out', async () => {
  const noise = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * i * 31 + (i >> 3)) % 251))
  const files = [
    fileOf('a/1', noise(500), 'a'),
    fileOf('a/2', noise(600), 'a'),
    fileOf('b', noise(900)),
    fileOf('c', noise(300)),
    fileOf('d', noise(10)),
  ]
  await assert.rejects(parcelOf('packages', files, 512).zip(), {
    code: 'SHIP_TOO_LARGE',
    message:
      /^The packages are .* zipped, and a cluster takes 512 B zipped\. The largest, unpacked: a \(1\.1 KiB\), b \(900 B\), c \(300 B\)\. Import less/,
  })
  using project = made({ 'x.bin': 'one', 'train.mjs': `new URL('./x.bin', import.meta.url)` })
  const file = { ...fileOf('x.bin', Buffer.from('one')), from: project.path('x.bin') }
  await parcelOf('packages', [file]).zip()
  project.write('x.bin', 'two')
  await assert.rejects(parcelOf('packages', [file]).zip(), { code: 'SHIP_CHANGED' })
  // Of a gigabyte and more, which takes no room on the disk.
  truncateSync(project.path('x.bin'), 2 ** 30 + 1)
  const message = /^The training files are 1\.0 GiB, and a cluster takes 90\.0 MiB zipped\. The largest, unpacked: .*x\.bin \(1\.0 GiB\)\./
  await assert.rejects(shipmentOf({ files: [project.path('train.mjs')] }), { code: 'SHIP_TOO_LARGE', message })
})
