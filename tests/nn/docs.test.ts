import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pages } from '../../scripts/docs-reference.ts'

describe('reference pages say what the source says (node scripts/docs-reference.ts writes them)', () => {
  for (const [path, text] of Object.entries(pages())) {
    test(path, () => assert.equal(readFileSync(join(import.meta.dirname, '../..', path), 'utf8'), text))
  }

  test('every entry of every registry has a sentence, and no line is left of an option unread', () => {
    for (const [path, text] of Object.entries(pages())) {
      assert.ok(!/\| \[`\w+`\]\(#\w+\) \|\s+\|/.test(text), `${path} has an entry without words`)
      assert.ok(!/@(example|throws)|undefined/.test(text), path)
    }
  })
})
