/** What a file imports is found, and nothing that only looks like it. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { importsOf } from '../../../src/cluster/ship/imports.ts'
import { targetOf } from '../../../src/cluster/ship/manifest.ts'
import { maskOf } from '../../../src/cluster/ship/mask.ts'
import { ownPlatform, platformOf, saidBy } from '../../../src/cluster/ship/platform.ts'
import fc from '../../laws.ts'
import { made } from './made.ts'

const named = async (path: string, text: string) =>
  (await importsOf(path, text)).map(({ kind, specifier, line, optional }) => `${line} ${kind} ${specifier}${optional ? '?' : ''}`)

test('every form of import, with its line; types are none', async () => {
  const text = `import a, { type A } from 'a'
import type B from 'b'
import { type C } from './c.ts'
export * from 'd'; export { e } from 'e'
const f = import('f'), g: import('g').G = 1
import data from './data.json' with { type: 'json' }
import { createRequire } from 'node:module'
createRequire(import.meta.url)('h'); import.meta.resolve('i')
new URL(\`./j\`, import.meta.url); new URL('./k', base)
import(where); new Worker(new URL("./l.ts", import.meta.url))`
  assert.deepEqual(await named('x.ts', text), [
    ...['1 import a', '3 import ./c.ts', '4 import d', '4 import e', '5 import f', '6 import ./data.json', '7 import node:module'],
    ...['10 import undefined', '8 require h', '8 import i?', '9 asset ./j?', '10 asset ./l.ts?'],
  ])
})

test('require, but not in comments, strings, templates, regular expressions or of others', async () => {
  const text = `const a = require('a') // require('no')
/* require('no') */ const b = \`require('no') \${require('b')} require('no')\`, c = "require('no')"
const d = /require\\('no'\\)/.test(a) ? 4 / require('d') / 2 : other.require('no')
try { require('e') } catch { require('f') }
require(a); require.resolve('g'); require(\`mnist/\${a}.json\`); require(\`./\${a}\`)`
  assert.deepEqual(await named('x.cjs', text), [
    '1 require a',
    '2 require b',
    '3 require d',
    '4 require e?',
    '4 require f',
    '5 require mnist',
    '5 require g?',
  ])
})

test('a mask is as long as its text, has the same lines, and nothing that is not there', () => {
  const pieces = fc.constantFrom('`', '${', '}', '{', "'", '"', '/', '*', '//', '/*', '*/', '\\', '\n', 'a', ' ', 'try', '(', ')', '[', ']')
  const law = (text: string) => {
    const { code } = maskOf(text)
    assert.equal(code.length, text.length)
    for (let i = 0; i < text.length; i++) assert.ok(code[i] === text[i] || (code[i] === ' ' && text[i] !== '\n'), `at ${i}`)
  }
  fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), (list) => law(list.join(''))))
  // And of real files: what the lexer finds is no string or comment, so it is in the mask.
  const folder = join(import.meta.dirname, '../../../src/cluster/ship')
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8')
    law(text)
    const { code } = maskOf(text)
    assert.equal(code.match(/\bexport (async )?function \w+/g)?.length, text.match(/^export (async )?function \w+/gm)?.length, name)
  }
})

test('exports are resolved as Node does', () => {
  const exports = {
    '.': { import: './no.mjs', require: './main.cjs' },
    './sub': [{ browser: './no.js' }, './sub.js'],
    './deep/*': './lib/*.js',
    './deep/x/*': { node: { require: './x/*.js' }, default: './no.js' },
    './deep/private/*': null,
    './*.css': './styles/*.css',
  }
  const keys = ['.', './sub', './deep/a', './deep/x/b', './deep/private/c', './d.css', './other']
  using project = made({
    'node_modules/p/package.json': { name: 'p', exports },
    ...Object.fromEntries(
      ['main.cjs', 'sub.js', 'lib/a.js', 'x/b.js', 'styles/d.css', 'no.mjs', 'no.js'].map((name) => [`node_modules/p/${name}`, '']),
    ),
  })
  const require = createRequire(project.path('x.js'))
  for (const key of keys) {
    let want: string | undefined
    try {
      want = `./${require.resolve(key.replace('.', 'p')).slice(project.path('node_modules/p/').length)}`
    } catch {}
    assert.equal(targetOf(exports, key, 'require'), want, key)
  }
  assert.equal(targetOf('./x.js', '.', 'import'), './x.js')
  assert.equal(targetOf({ default: './x.js' }, '.', 'import'), './x.js')
  assert.equal(targetOf('./x.js', './sub', 'import'), undefined)
})

test('names tell the machine they are for', () => {
  const on = (platform: string, names: readonly string[]) => names.map((name) => saidBy(name, platformOf(platform)))
  const names = [
    'prebuilds/linux-x64/a.musl.node',
    'bin/napi-v6/linux/x64',
    '@img/sharp-darwin-arm64',
    'x-linux-x64-gnu',
    'build/Release/a',
    'linux-arm64',
    'lib_x86_64-linux',
  ]
  assert.deepEqual(on('linux-x64', names), ['foreign', 'ours', 'foreign', 'ours', 'silent', 'foreign', 'ours'])
  assert.deepEqual(on('linuxmusl-x64', names), ['ours', 'ours', 'foreign', 'foreign', 'silent', 'foreign', 'ours'])
  assert.deepEqual(on('darwin-arm64', names), ['foreign', 'foreign', 'ours', 'foreign', 'silent', 'foreign', 'foreign'])
})

test('which C library this machine has is asked without looking up the names of who is connected, which may take seconds each', (t) => {
  const report = process.report as typeof process.report & { excludeNetwork: boolean }
  const asked = report.getReport.bind(report)
  const network: boolean[] = []
  t.mock.method(report, 'getReport', () => {
    network.push(!report.excludeNetwork)
    return asked()
  })
  const before = report.excludeNetwork
  assert.match(ownPlatform(), new RegExp(`^${process.platform}(musl)?-${process.arch}$`))
  assert.equal(report.excludeNetwork, before)
  // Elsewhere there is only one C library.
  assert.deepEqual(network, process.platform === 'linux' ? [false] : [])
})
