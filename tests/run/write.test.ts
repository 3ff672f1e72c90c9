/** Files that people asked for, and where in the user's own code something was thrown. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkOutput, whereOf, writeOutput } from '../../src/run/index.ts'
import { bin, root, temporary } from './place.ts'

test('a file is written, with its folder', async () => {
  await using folder = await temporary()
  await writeOutput(join(folder.path, 'a/b.txt'), 'text')
  assert.equal(await readFile(join(folder.path, 'a/b.txt'), 'utf8'), 'text')
})

test('a folder, and a file where a folder should be, are named in a sentence; nothing is left beside them', async () => {
  await using folder = await temporary()
  const file = await folder.file('file', 'as it was')
  await assert.rejects(writeOutput(folder.path, 'x'), {
    code: 'FILE_UNWRITABLE',
    message: /tutti-run-\S+ cannot be written: it is a folder\./,
  })
  await assert.rejects(writeOutput(join(file, 'x'), 'x'), {
    code: 'FILE_UNWRITABLE',
    message: /x cannot be written: there is a file where/,
  })
  assert.deepEqual(await readdir(folder.path), ['file'])
  assert.equal(await readFile(file, 'utf8'), 'as it was')
})

test('whether a file can be written is told before, and nothing is made for it', async () => {
  await using folder = await temporary()
  const file = await folder.file('file', 'as it was')
  for (const good of [file, join(folder.path, 'new'), join(folder.path, 'a/b/new')]) await checkOutput(good)
  for (const bad of [folder.path, join(file, 'x'), join(file, 'x/y')])
    await assert.rejects(checkOutput(bad), {
      code: 'FILE_UNWRITABLE',
      message: /cannot be written: (it is a folder|there is a file where)/,
    })
  assert.deepEqual(await readdir(folder.path), ['file'])
})

test('the place of an error is in the user’s own file: neither in this package nor in what starts it', () => {
  const at = (...places: string[]) =>
    Object.assign(new Error('x'), { stack: `Error: x\n${places.map((place) => `    at f (${place})\n`).join('')}` })
  const own = join(root, 'src/run/load.ts:3:1')
  assert.equal(whereOf(at(own, `file://${bin}:33:22`)), undefined)
  assert.equal(whereOf(at(own, `file://${join(process.cwd(), 'mine.ts')}:7:3`, `file://${bin}:33:22`)), 'mine.ts:7')
})
