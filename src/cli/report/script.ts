/** The scripts of a study's page, as texts: the plotting libraries as they are published, and the page's own modules as one. */
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'

/** D3, and Observable Plot, which needs it: the files they publish for browsers. */
export function libraries(): string[] {
  return ['d3', '@observablehq/plot'].map((name) => {
    const entry = import.meta.resolve(name)
    const folder = entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 2)
    const { jsdelivr } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { jsdelivr: string }
    return readFileSync(new URL(jsdelivr, folder), 'utf8')
  })
}

/**
 * The modules of `page/` as one script: each after those it imports, without imports and exports. Their top-level names
 * share one scope, so no two may be the same: the browser would refuse the script.
 */
export function pageScript(): string {
  const main = new URL(import.meta.url.endsWith('.ts') ? 'page/main.ts' : 'page/main.js', import.meta.url)
  const seen = new Set<string>()
  const parts: string[] = []
  const add = (module: URL) => {
    if (seen.has(module.href)) return
    seen.add(module.href)
    const text = readFileSync(module, 'utf8')
    const plain = module.href.endsWith('.ts') ? withoutTypes(text) : text
    for (const [, path] of plain.matchAll(importLine)) add(new URL(path as string, module))
    parts.push(
      plain
        .replace(importLine, '')
        .replace(/^export /gm, '')
        .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
        .trim(),
    )
  }
  add(main)
  // A block, and not a function: in it two functions of one name are an error, too.
  return `'use strict';\n{\n${parts.join('\n')}\n}\n`
}

const importLine = /^import\s[^'"]*?from\s*'([^']+)';?$/gm

/** Node warns that this function may change; the compiled package does not call it, and tests would see the change. */
function withoutTypes(text: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    // Types become spaces: lines of nothing else are left out.
    return stripTypeScriptTypes(text).replace(/^\s*\n/gm, '')
  } finally {
    process.emitWarning = emitWarning
  }
}
