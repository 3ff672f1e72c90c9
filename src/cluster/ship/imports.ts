/** What a file of JavaScript or TypeScript asks for by name. */
import { stripTypeScriptTypes } from 'node:module'
import { extname } from 'node:path'
import { messageOf } from '../../core/errors.ts'
import { maskOf } from './mask.ts'

export interface Import {
  /** By which rules its name is resolved; an asset is a file named by `new URL(name, import.meta.url)`. */
  readonly kind: 'import' | 'require' | 'asset'
  /** Undefined where it is only known when the file runs. */
  readonly specifier: string | undefined
  /** As it is written, for `import(...)` of what is not known. */
  readonly text: string
  readonly line: number
  /** Whether the file can do without: in a `try`, or only asked where it is. */
  readonly optional: boolean
}

/** A file that cannot be parsed. */
export class Unparsable extends Error {
  readonly line: number
  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}

const typed = /^\.[mc]?ts$/
const scripts = /^\.[mc]?[jt]s$/

/** Whether a file may import others. */
export function isScript(path: string): boolean {
  return scripts.test(extname(path))
}

/**
 * The imports of a file, in the order of their kinds: `import` and `export ... from` in all forms, `require`, `require.resolve` and those
 * of `createRequire(import.meta.url)`, `import.meta.resolve`, `new URL(..., import.meta.url)`. Imports of types only are none.
 *
 * @param strip whether types are taken away first, by which mistakes are found too; else the lexer skips them by itself.
 * @throws Unparsable
 */
export async function importsOf(path: string, source: string, { strip = true } = {}): Promise<Import[]> {
  const { init, parse } = await import('es-module-lexer')
  await init
  const text = strip && typed.test(extname(path)) ? stripped(source) : source
  const lineOf = (at: number) => text.slice(0, at).split('\n').length
  const found: Import[] = []
  let parsed: ReturnType<typeof parse>[0]
  try {
    parsed = parse(text)[0]
  } catch (error) {
    throw new Unparsable(lineOf((error as { idx?: number }).idx ?? 0), 'it is no JavaScript that can be read')
  }
  for (const one of parsed) {
    if (one.type === 'import-meta' || ('typeOnly' in one && one.typeOnly)) continue
    if ('probablyTypeOnly' in one && one.probablyTypeOnly && typed.test(extname(path))) continue
    const written = text.slice(one.start, one.end)
    // Found below, as a file that is named.
    if (one.type === 'dynamic' && /^new\s+URL\(\s*(['"`])[^'"`$]+\1\s*,\s*import\.meta\.url\s*\)(\.href|\.toString\(\))?$/.test(written))
      continue
    const specifier = 'glob' in one && one.glob ? undefined : one.specifier
    found.push({ kind: 'import', specifier, text: written, line: lineOf(one.importStart), optional: false })
  }
  return text.includes('require') || text.includes('import.meta') ? [...found, ...callsIn(text, lineOf)] : found
}

const calls: readonly { readonly kind: Import['kind']; readonly pattern: RegExp; readonly after?: RegExp; readonly optional?: boolean }[] =
  [
    { kind: 'require', pattern: /(?<![\w$.])require\s*\(\s*/g },
    { kind: 'require', pattern: /(?<![\w$.])require\.resolve\s*\(\s*/g, optional: true },
    { kind: 'require', pattern: /(?<![\w$.])createRequire\s*\(\s*import\.meta\.(?:url|filename)\s*\)\s*\(\s*/g },
    { kind: 'import', pattern: /(?<![\w$.])import\.meta\.resolve\s*\(\s*/g, optional: true },
    { kind: 'asset', pattern: /(?<![\w$.])new\s+URL\s*\(\s*/g, after: /^\s*,\s*import\.meta\.url\s*\)/, optional: true },
  ]

function callsIn(text: string, lineOf: (at: number) => number): Import[] {
  const { code, tried } = maskOf(text)
  return calls.flatMap(({ kind, pattern, after, optional = false }) =>
    [...code.matchAll(pattern)].flatMap(({ index, 0: call }) => {
      const start = index + call.length
      const literal = literalAt(text, code, start)
      if (literal === undefined || (after && !after.test(code.slice(literal.end)))) return []
      const { specifier } = literal
      return [{ kind, specifier, text: specifier, line: lineOf(index), optional: optional || tried(index) }]
    }),
  )
}

/** A string, or a template without parts to fill in; of a package the beginning is enough, as in `mnist/${digit}.json`. */
function literalAt(text: string, code: string, start: number): { specifier: string; end: number } | undefined {
  const quote = code[start]
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined
  const end = code.indexOf(quote, start + 1)
  const filled = code.indexOf('${', start)
  if (end === -1) return undefined
  if (quote === '`' && filled !== -1 && filled < end) {
    const known = text.slice(start + 1, filled)
    return /^(@[\w.-]+\/)?[a-z\d][\w.-]*\//i.test(known) ? { specifier: known.replace(/\/[^/]*$/, ''), end: end + 1 } : undefined
  }
  return { specifier: text.slice(start + 1, end).replace(/\\(.)/g, '$1'), end: end + 1 }
}

/** The same lines and columns without types. */
function stripped(source: string): string {
  // Node says at the first call of a process that it may change, and here nobody could do anything about it.
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } catch (error) {
    const line = /^:(\d+)$/m.exec((error as Error).stack ?? '')?.[1]
    throw new Unparsable(
      Number(line ?? 1),
      messageOf(error)
        .split('\n')[0]
        ?.replace(/^\s*x\s+|\.$/g, '') ?? '',
    )
  } finally {
    process.emitWarning = emitWarning
  }
}
