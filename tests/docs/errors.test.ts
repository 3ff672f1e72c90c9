/** Every code of the catalogue has its paragraph in the reference, and the other way round. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { catalogue } from '../../src/core/errors.ts'
import { root, textOf } from './markdown.ts'

const page = textOf('docs/reference/errors.md')
/** Code and paragraph, in the page's order. */
const paragraphs = page
  .split(/^### /m)
  .slice(1)
  .map((part) => {
    const [title = '', ...text] = part.split(/^## /m)[0]!.split('\n')
    return { code: title.trim(), text: text.join('\n').trim() }
  })

test('every error has its paragraph', () => {
  const told = new Set(paragraphs.map(({ code }) => code))
  const untold = Object.keys(catalogue).filter((code) => !told.has(code))
  assert.deepEqual(untold, [], 'these codes are not explained in docs/reference/errors.md')
})

test('every paragraph has its error', () => {
  const gone = paragraphs.filter(({ code }) => !Object.hasOwn(catalogue, code)).map(({ code }) => code)
  assert.deepEqual(gone, [], 'docs/reference/errors.md explains codes that do not exist')
  const titles = paragraphs.map(({ code }) => code)
  assert.deepEqual(
    titles.filter((code, i) => titles.indexOf(code) !== i),
    [],
    'docs/reference/errors.md explains these twice',
  )
})

test('a paragraph says something', () => {
  for (const { code, text } of paragraphs) assert.ok(text.length > 40 && text.endsWith('.'), `the paragraph of ${code}: '${text}'`)
})

test('no code is defined twice', async () => {
  const folder = join(root, 'src/core/errors')
  const homes = new Map<string, string>()
  for (const file of readdirSync(folder)) {
    const { errors } = (await import(join(folder, file))) as { errors: Record<string, unknown> }
    for (const code of Object.keys(errors)) {
      assert.equal(homes.get(code), undefined, `${code} is in ${homes.get(code)} and in ${file}`)
      homes.set(code, file)
    }
  }
  assert.deepEqual([...homes.keys()].sort(), Object.keys(catalogue).sort())
})
