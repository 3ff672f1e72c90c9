/** Type-checks pieces of code as a person would write them: files of their own that import 'tutti'. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import * as tutti from '../../src/index.ts'
import { root } from './markdown.ts'

export interface Piece {
  /** Where it is to be written, within a folder of its own. */
  readonly path: string
  readonly code: string
  /** 'README.md:12', for people. */
  readonly where: string
  /** More names it may use, by the module they are exported from. */
  readonly from?: Readonly<Record<string, readonly string[]>>
}

/** What the compiler says of the pieces, one line an error; none where all is well. */
export async function typeErrors(pieces: readonly Piece[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-docs-'))
  try {
    const whereOf = new Map<string, { where: string; added: number }>()
    for (const piece of pieces) {
      const imports = importsFor(piece)
      mkdirSync(dirname(join(folder, piece.path)), { recursive: true })
      writeFileSync(join(folder, piece.path), `${imports}${piece.code}\nexport {}\n`)
      whereOf.set(piece.path, { where: piece.where, added: imports === '' ? 0 : imports.split('\n').length - 1 })
    }
    const paths = { tutti: [join(root, 'src/index.ts')], 'tutti/testing': [join(root, 'src/testing.ts')] }
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { typeRoots: [join(root, 'node_modules/@types')], rewriteRelativeImportExtensions: false, paths },
      include: ['**/*.ts'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      maxBuffer: 1e8,
    }).catch((error: { stdout: string }) => error)
    return stdout.split('\n').flatMap((text) => {
      const [, path, line, message] = /^(.+?)\((\d+),\d+\): error (.*)$/.exec(text) ?? []
      const found = path === undefined ? undefined : whereOf.get(path)
      return found ? [`${found.where}, its line ${Number(line) - found.added}: ${message}`] : text.includes('error TS') ? [text] : []
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A fragment may use the package's names without importing them. */
function importsFor({ code, from = {} }: Piece): string {
  if (/^import /m.test(code)) return ''
  const used = (name: string) => new RegExp(`(?<![\\w.$])${name}(?![\\w$])(?!\\s*:)`).test(code) && !declares(code, name)
  const taken = new Set<string>()
  return Object.entries({ ...from, tutti: [...Object.keys(tutti), 'Value', 'Tensor'] })
    .map(([module, names]) => {
      const wanted = names.filter((name) => !taken.has(name) && used(name))
      for (const name of wanted) taken.add(name)
      const typed = wanted.map((name) => (name === 'Value' || name === 'Tensor' ? `type ${name}` : name))
      return wanted.length === 0 ? '' : `import { ${typed.join(', ')} } from '${module}'\n`
    })
    .join('')
}

function declares(code: string, name: string): boolean {
  return new RegExp(`\\b(?:const|let|function|interface|type|class)\\s+${name}\\b`).test(code)
}
