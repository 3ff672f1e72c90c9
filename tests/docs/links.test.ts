/** Links between pages lead somewhere, and every page can be reached from the README. */
import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { pages, root, textOf } from './markdown.ts'

interface Link {
  readonly from: string
  /** From the root; the page itself for '#part'. */
  readonly to: string
  readonly part: string | undefined
}

function linksOf(page: string): Link[] {
  const text = textOf(page).replace(/^```[\s\S]*?^```/gm, '')
  const inText = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/<(?:img|a)[^>]*\s(?:src|href)="([^"]+)"/g)]
  return inText
    .map(([, address]) => address as string)
    .filter((address) => !/^[a-z]+:/.test(address))
    .map((address) => {
      const [path = '', part] = address.split('#')
      return { from: page, to: path === '' ? page : normalize(join(dirname(page), path)), part }
    })
}

/** How GitHub makes anchors of titles. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const links = pages().flatMap(linksOf)

test('every link leads to a file, and to a part of it', () => {
  assert.ok(links.length > 20, `only ${links.length} links were found`)
  for (const { from, to, part } of links) {
    assert.ok(existsSync(join(root, to)), `${from} links to ${to}, which is not there`)
    if (part !== undefined && to.endsWith('.md')) assert.ok(anchorsOf(to).includes(part), `${from} links to #${part}, which ${to} lacks`)
  }
})

test('every page of docs can be reached from the README', () => {
  const reached = new Set(['README.md'])
  for (const page of reached) for (const { from, to } of links) if (from === page) for (const next of pagesAt(to)) reached.add(next)
  assert.deepEqual(
    pages().filter((page) => page.startsWith('docs/') && !reached.has(page)),
    [],
  )
})

/** A link to a folder shows what is in it. */
function pagesAt(path: string): string[] {
  if (!existsSync(join(root, path)) || !statSync(join(root, path)).isDirectory()) return [path]
  return pages().filter((page) => dirname(page) === path.replace(/\/$/, ''))
}
