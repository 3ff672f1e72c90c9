/**
 * Writes docs/reference/{layers,losses,optimizers}.md from the registries and from what stands above each entry in the
 * source, so that nothing is told twice. `node scripts/docs-reference.ts`; a test compares the pages with the source.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as nn from '../src/nn/index.ts'
import * as optim from '../src/optim/index.ts'

const root = join(import.meta.dirname, '..')

/** Path of each page, from the repository's root, and its text. */
export function pages(): Record<string, string> {
  return {
    'docs/reference/layers.md': layersPage(),
    'docs/reference/losses.md': page('Losses', lossesIntro, 'src/nn/losses', Object.keys(nn.losses)),
    'docs/reference/optimizers.md': optimizersPage(),
  }
}

const generated = '<!-- Written by scripts/docs-reference.ts from the source: change it there. -->'

const layersIntro = `A model is a layer, usually \`nn.sequential([...])\`. Values have the batch as their first axis, and images have their channels
before height and width: \`[batch, channels, height, width]\`. Grey images without a channel, \`[batch, 28, 28]\`, become such by
\`nn.reshape([1, 28, 28])\`. Every layer takes a \`name\`; without one it is called by its kind, numbered: \`dense\`, \`dense_2\`.
A weight's name is the path to it: \`block.dense.weight\`.

\`String(model.summary([1, 28, 28]))\` or \`nn.summary(model, inputs)\` gives a table of layers, shapes and parameters;
\`nn.findLayer(model, 'block.dense')\` finds a layer, and \`nn.withoutLayer(model, 'block.dense')\` is the model without it.`

const lossesIntro = `A loss says how far outputs are from targets: a scalar, the mean over all examples of the batch, also of a last short one.
Each has the formula of the PyTorch loss it names, and is tested against it.`

const optimizersIntro = `An optimizer turns gradients into steps. All take \`learningRate\` (a number or a schedule), \`clipNorm\` (all gradients together are
scaled down to this Euclidean norm) and \`clipValue\` (each element is cut to plus or minus this). Formulas and defaults are
PyTorch's unless said otherwise, and are tested against it over 100 steps.`

const schedulesIntro = `A schedule gives the learning rate of each step: \`optim.adam({ learningRate: optim.schedules.cosine({ learningRate: 1e-3 }) })\`.
Steps are those of the optimizer, counted from 0. Where \`steps\` is left out, a schedule is as long as the run.`

function layersPage(): string {
  const activations = readFileSync(join(root, 'src/nn/activations.ts'), 'utf8')
  const rows = [...activations.matchAll(/(?:\/\*\* (.*?) \*\/\s+)?^ {2}(\w+): \(x: Value\) => /gm)].map(([, doc, name]) => [
    `\`${name}\``,
    doc ?? '',
  ])
  const names = new Set(rows.map(([name]) => name))
  const others = Object.keys(nn.layers).filter((name) => !names.has(`\`${name}\``))
  const initializers = page('Initializers', '', 'src/nn/initializers', Object.keys(nn.initializers))
  return [
    page('Layers', layersIntro, 'src/nn/layers', others),
    '## Activations\n',
    'By name as the option `activation` of a layer, or as layers: `nn.relu()`. A function of your own works in both places.\n',
    table(['name', 'gives'], rows),
    initializers.replace(/^<!--.*\n\n# /, '\n# ').replaceAll(/^(#+) /gm, '#$1 '),
  ].join('\n')
}

function optimizersPage(): string {
  const schedules = page('Schedules', schedulesIntro, 'src/optim/schedules', Object.keys(optim.schedules))
  return [
    page('Optimizers', optimizersIntro, 'src/optim/optimizers', Object.keys(optim.optimizers)),
    schedules.replace(/^<!--.*\n\n# /, '# ').replaceAll(/^(#+) /gm, '#$1 '),
  ].join('\n')
}

/** A list of all entries, then one section each. */
function page(title: string, intro: string, folder: string, names: readonly string[]): string {
  const entries = sourcesOf(folder)
  const sections = [...names].sort(byName).map((name) => {
    const entry = entries.get(name)
    if (!entry) throw new Error(`${folder} has no documented export '${name}'`)
    return { name, ...entry }
  })
  const list = sections.map(({ name, doc }) => [`[\`${name}\`](#${name.toLowerCase()})`, firstSentence(doc)])
  return [
    `${generated}\n\n# ${title}\n`,
    ...(intro ? [`${intro}\n`] : []),
    table(['name', 'what it is'], list),
    '',
    ...sections.map(({ name, doc, options }) => section(name, doc, options)),
  ].join('\n')
}

function section(name: string, doc: string, options: readonly string[][]): string {
  const [text = '', ...tags] = doc.split(/@(?=example|throws)/)
  const example = tags
    .find((tag) => tag.startsWith('example'))
    ?.slice('example'.length)
    .trim()
  const code = example && (example.startsWith('```') ? example : oneLine(example))
  return [
    `## ${name}\n\n${text.trim()}\n`,
    ...(code ? [`${code}\n`] : []),
    ...(options.length > 0 ? [`${table(['option', 'type', ''], options)}\n`] : []),
  ].join('\n')
}

/** An example of one line is code in back quotes, perhaps with words after it. */
function oneLine(example: string): string {
  const [, code, words] = /^`([^`]*)`\s*([\s\S]*)$/.exec(example) ?? [undefined, example, '']
  return `\`\`\`ts\n${code}${words ? ` // ${words}` : ''}\n\`\`\``
}

interface Entry {
  readonly doc: string
  /** Name, type and meaning of each option. */
  readonly options: readonly string[][]
}

/** Exported functions of a folder by name, with the comment above them and the fields of their options. */
function sourcesOf(folder: string): Map<string, Entry> {
  const files = readdirSync(join(root, folder)).filter((file) => file !== 'index.ts')
  const shared = ['define.ts', 'options.ts'].flatMap((file) => {
    const path = join(root, folder, '..', file)
    return readdirSync(join(root, folder, '..')).includes(file) ? [readFileSync(path, 'utf8')] : []
  })
  const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8'))
  const all = [...shared, ...texts].join('\n')
  const entries = new Map<string, Entry>()
  for (const text of texts) {
    for (const [, comment, name, parameters] of text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport function (\w+)\(([\s\S]*?)\): /g)) {
      entries.set(name!, { doc: plain(comment!), options: optionsOf(parameters!, all) })
    }
  }
  return entries
}

/** The words of a comment, without its stars. */
function plain(comment: string): string {
  return comment.replaceAll(/^\s*\* ?/gm, '').trim()
}

/** Fields of the parameter `options`: written out there, or those of an interface and of what it extends. */
function optionsOf(parameters: string, all: string): string[][] {
  const inline = /options: (\{[\s\S]*?\})/.exec(parameters)?.[1]
  if (inline) return fieldsOf(inline.replaceAll(/[{}]/g, '').replaceAll(';', '\n'))
  const type = /options: (?:Omit<)?(\w+)(?:, ([^>]*)>)?/.exec(parameters)
  if (!type || type[1] === 'Named') return []
  return interfaceFields(type[1]!, all, (type[2] ?? '').match(/\w+/g) ?? [])
}

function interfaceFields(name: string, all: string, without: readonly string[]): string[][] {
  const found = new RegExp(`interface ${name}(?: extends (Omit<)?(\\w+)(?:, ([^>]*)>)?)? \\{\\n([\\s\\S]*?)\\n\\}`).exec(all)
  if (!found) return []
  const [, , base, omitted, body] = found
  const own = fieldsOf(body!)
  const names = new Set([...without, ...own.map(([field]) => field!.replaceAll(/[`?]/g, ''))])
  const rest = base && base !== 'Named' && base !== 'CommonOptions' ? interfaceFields(base, all, (omitted ?? '').match(/\w+/g) ?? []) : []
  const keep = (field: string[]) => !names.has(field[0]!.replaceAll(/[`?]/g, ''))
  return [...own.filter((field) => !without.includes(field[0]!.replaceAll(/[`?]/g, ''))), ...rest.filter(keep)]
}

function fieldsOf(body: string): string[][] {
  return [...body.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?readonly (\w+)(\??): ([^\n]+)/g)].map(
    ([, doc, name, optional, type]) => [
      `\`${name}${optional}\``,
      `\`${type!.replaceAll('readonly ', '').trim()}\``,
      doc ? plain(doc).replaceAll('\n', ' ') : '',
    ],
  )
}

/** Up to a full stop or a colon that stands in no brackets. */
function firstSentence(doc: string): string {
  let depth = 0
  for (let i = 0; i < doc.length; i++) {
    if ('([{'.includes(doc[i]!)) depth++
    if (')]}'.includes(doc[i]!)) depth--
    if (depth === 0 && /^[.:](\s|$)|^\n\n/.test(doc.slice(i, i + 2))) return doc.slice(0, i).replaceAll('\n', ' ')
  }
  return doc.replaceAll('\n', ' ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

function byName(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1
}

if (import.meta.main) for (const [path, text] of Object.entries(pages())) writeFileSync(join(root, path), text)
