/** Every piece of TypeScript in the pages and in the docstrings compiles; the tiny twin runs and prints what its page says. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Piece, typeErrors } from './check.ts'
import { blocksOf, pages, root, textOf } from './markdown.ts'

const tiny = 'docs/tiny.md'

/**
 * Blocks that begin with `// folder/file.ts` are that file, so that others of the page can import it. In the reference, which
 * also sketches types, only blocks that import something are programs.
 */
function piecesOfPages(): Piece[] {
  return pages().flatMap((page) => {
    const folder = page.replace(/\W+/g, '-')
    const taken = new Set<string>()
    return blocksOf(page)
      .filter(({ language, code }) => language === 'ts' && (!page.startsWith('docs/reference/') || /^import /m.test(code)) && page !== tiny)
      .map(({ line, code }, i) => {
        const [, named] = /^\/\/ (\S+\.ts)$/m.exec(code.split('\n')[0] as string) ?? []
        const again = named !== undefined && taken.has(named)
        if (named !== undefined) taken.add(named)
        const path = named === undefined || again ? `block${i}.ts` : named
        return { path: join(folder, path), code, where: `${page}:${line}` }
      })
  })
}

/** Names that examples use without saying where they come from. */
const placeholders: Readonly<Record<string, string>> = {
  model: "ReturnType<typeof import('tutti').nn.sequential>",
  frame: "import('tutti').data.Frame",
  other: "import('tutti').data.Frame",
  set: "import('tutti').data.Table",
  text: 'string',
  images: "import('tutti').Value",
  emit: "import('tutti').graph.Emitter",
  a: 'string',
  b: 'string',
}

const doorOf = (room: string) => `import('${join(root, 'src', room, 'index.ts')}')`

/** The same for the examples of some files only. */
const placeholdersIn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'ablation/': {
    training: "import('tutti').Training",
    found: `${doorOf('ablation')}.Components`,
    trials: `${doorOf('hpo')}.TrialRecord[]`,
  },
  'cli/report/': { store: "import('tutti').Store", clock: `import('${join(root, 'src/core/clock.ts')}').Clock` },
  'estimator/': { predictor: `${doorOf('estimator')}.Predictor` },
  'train/crossValidation/': { training: "import('tutti').Training" },
  'hpo/importance/': { study: `${doorOf('hpo')}.StudyRecord` },
  'hpo/testing/play.ts': { random: `typeof ${doorOf('hpo')}.samplers.random`, space: `${doorOf('space')}.SearchSpace` },
  'trees/': {
    ensemble: `${doorOf('trees')}.Ensemble`,
    tree: `${doorOf('trees')}.Tree`,
    examples: `${doorOf('estimator')}.Examples`,
    table: "import('tutti').data.Table",
    others: "import('tutti').data.Table",
  },
  'data/augment.ts': { train: "import('tutti').data.Table" },
  'core/registry.ts': { optimizers: "typeof import('tutti').optim" },
  'train/component.ts': { train: "import('tutti').data.Table" },
}

/** Examples of docstrings: fenced, or in one line of backticks. */
function piecesOfSource(): Piece[] {
  const source = join(root, 'src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return files.flatMap((file) => {
    const text = readFileSync(join(source, file), 'utf8')
    const own = [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)].map(([, name]) => name as string)
    const lines = [...text.matchAll(/@example `([^`]+)`/g)].map(({ index, 1: code }) => ({
      line: text.slice(0, index).split('\n').length,
      code: code as string,
    }))
    const fenced = blocksOf(file, text).filter(({ language }) => language === 'ts')
    return [...lines, ...fenced].map(({ line, code }, i) => {
      const here = Object.entries(placeholdersIn).find(([place]) => file.startsWith(place))?.[1] ?? {}
      const isOpen = (name: string, next: string) =>
        new RegExp(`(?<![\\w.'])${name}(?![\\w${next}])`).test(code) && !new RegExp(`const ${name}\\b`).test(code)
      const open = [
        ...Object.entries(here).filter(([name]) => isOpen(name, "':")),
        ...Object.entries(placeholders).filter(([name]) => isOpen(name, "'(:")),
      ]
      return {
        path: join(file.replace(/\W+/g, '-'), `example${i}.ts`),
        code: `${open.map(([name, type]) => `declare const ${name}: ${type}; `).join('')}${code}`,
        where: `src/${file}:${line}`,
        from: {
          [join(source, file)]: own,
          [join(source, 'core/errors.ts')]: ['fail'],
          [join(source, 'core/bytes.ts')]: ['writeAtomic'],
          [join(source, 'tensor/index.ts')]: ['safetensors'],
          [join(source, 'space/dimensions.ts')]: ['int', 'logUniform'],
          [join(source, 'hpo/index.ts')]: ['pruners', 'readStudy'],
          [join(source, 'hpo/testing/curves.ts')]: ['curves'],
          'node:fs/promises': ['readFile'],
        },
      }
    })
  })
}

test('code in pages and docstrings compiles', async () => {
  const pieces = [...piecesOfPages(), ...piecesOfSource()]
  assert.ok(pieces.length >= 140, `only ${pieces.length} pieces of code were found`)
  assert.deepEqual(await typeErrors(pieces), [])
})

test('a wrong piece of code is found', async () => {
  const wrong = { path: 'wrong.ts', where: 'a page:7', code: 'const layer = nn.dense({ units: 10, activaton: "relu" })' }
  const [found, ...more] = await typeErrors([wrong])
  assert.match(found ?? '', /^a page:7, its line 1: .*'activaton'/)
  assert.deepEqual(more, [])
})

test('the tiny twin compiles, runs, and prints what its page says', async () => {
  const blocks = blocksOf(tiny)
  const code = blocks.flatMap(({ language, code }) => (language === 'ts' ? [code] : [])).join('\n')
  const lines = code.split('\n').filter((line) => line.trim() !== '').length
  assert.ok(lines <= 165, `the page says about 150 lines, and it has ${lines}`)
  assert.deepEqual(await typeErrors([{ path: 'tiny.ts', code: `${code}\nexport {}`, where: tiny }]), [])
  const folder = mkdtempSync(join(tmpdir(), 'tutti-tiny-'))
  try {
    writeFileSync(join(folder, 'tiny.mts'), code)
    const printed = execFileSync(process.execPath, [join(folder, 'tiny.mts')], { encoding: 'utf8' })
    assert.equal(printed, blocks.find(({ language }) => language === 'text')?.code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('pages name no file of this machine', () => {
  for (const page of [...pages()]) assert.doesNotMatch(textOf(page), /(?:^|[\s(`'"])\/(?:work|tmp|root|home)\//m, page)
})
