/**
 * Writes docs/reference/{layers,losses,estimators,optimizers,space,samplers,pruners,engines}.md from the registries and from what stands above each entry in the
 * source, so that nothing is told twice. `node scripts/docs-reference.ts`; a test compares the pages with the source.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { engines } from '../src/cluster/index.ts'
import type { AnyEstimator } from '../src/estimator/index.ts'
import { type Pruner, pruners, type Sampler, samplers } from '../src/hpo/index.ts'
import { transports } from '../src/net/index.ts'
import * as nn from '../src/nn/index.ts'
import * as optim from '../src/optim/index.ts'
import { type Dimension, dimensions, kindOf, type Value } from '../src/space/index.ts'
import { splitters } from '../src/train/index.ts'
import * as trees from '../src/trees/index.ts'

const root = join(import.meta.dirname, '..')

/** Path of each page, from the repository's root, and its text. */
export function pages(): Record<string, string> {
  return {
    'docs/reference/layers.md': layersPage(),
    'docs/reference/losses.md': page('Losses', lossesIntro, 'src/nn/losses', Object.keys(nn.losses)),
    'docs/reference/optimizers.md': optimizersPage(),
    'docs/reference/space.md': spacePage(),
    'docs/reference/samplers.md': page('Samplers', samplersIntro, 'src/hpo/samplers', Object.keys(samplers), {
      title: 'several objectives',
      of: (name) => (make<Sampler>(samplers, name).multiObjective ? 'yes' : ''),
    }),
    'docs/reference/pruners.md': page('Pruners', prunersIntro, 'src/hpo/pruners', Object.keys(pruners), {
      title: 'goes on from checkpoints',
      of: (name) => (make<Pruner>(pruners, name).checkpoints ? 'yes' : ''),
    }),
    'docs/reference/splitters.md': page('Splitters', splittersIntro, 'src/train/crossValidation/splitters', Object.keys(splitters)),
    'docs/reference/estimators.md': estimatorsPage(),
    'docs/reference/engines.md': enginesPage(),
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

const spaceIntro = `What a study may choose stands in the training, by keys of its config: \`space: { learningRate: space.logUniform(1e-4, 1) }\`. Each
dimension must give what its key holds (a number, text, true or false), which the compiler checks. A dimension is plain data, so that a study remembers its space.`

const spaceRest = `## Conditions and constraints

\`space.when(condition, dimension)\` is a dimension that counts only where others have certain values; elsewhere the config's default stands, and no sampler learns from it:

\`\`\`ts
import { space } from 'tutti'

export const searched = {
  optimizer: space.choice(['sgd', 'adam']),
  momentum: space.when({ optimizer: 'sgd' }, space.uniform(0, 0.99)),
  beta2: space.when({ optimizer: ['adam'] }, space.choice([0.99, 0.999])),
}
\`\`\`

A dimension may depend on one that depends on another. Of several conditions all must hold. What a condition names must have values that can be listed.

\`constraint: (config) => boolean\` in the training tells which configs may be tried at all. It sees the whole config, its defaults included, and must hold for a fair part of the space:
after a thousand refusals in a row the study ends with [SPACE_UNSATISFIABLE](errors.md#space_unsatisfiable). Where a condition can say it, say it by a condition.

[How to search under conditions](../how-to/search-under-conditions.md) has a whole example.`

const samplersIntro = `A sampler chooses the configs of a study: \`tutti tune FILE --sampler tpe\`, with options \`--sampler '{"kind":"tpe","startup":20}'\`, in a program
\`tune(FILE, { sampler: { kind: 'tpe', startup: 20 } })\` or \`hpo.samplers.tpe({ startup: 20 })\`. The default is \`tpe\`; of several objectives \`nsga2\`.
[Which one when](../how-to/choose-a-sampler-and-a-pruner.md), [one of your own](../how-to/write-a-sampler-or-pruner.md).

All of them take every kind of [dimension](space.md), conditions and constraints, unless said otherwise; never wait for other trials; give the same suggestions
for the same seed and the same order of results; and are held to that by one suite, which is there for yours too.`

const prunersIntro = `A pruner ends trials early: \`tutti tune FILE --pruner asha\`, with options \`--pruner '{"kind":"asha","eta":3}'\`, in a program
\`tune(FILE, { pruner: { kind: 'asha', eta: 3 } })\` or \`hpo.pruners.asha({ eta: 3 })\`. It is asked after each report of the training function. The default is
\`median\`; of several objectives \`none\`, for pruners look at the first only. [Which one when](../how-to/choose-a-sampler-and-a-pruner.md), [one of your own](../how-to/write-a-sampler-or-pruner.md).

Those that go on from checkpoints pause a trial with a checkpoint, and a promoted trial continues from it: nothing is trained twice. \`fit\` keeps such checkpoints by itself; what your
own loop keeps in variables beside the model is not in them. "Losses" below are the objective, turned so that smaller is better.`

const splittersIntro = `A splitter says which rows are trained on and which are tested in each fold of a cross-validation: \`tutti train FILE --cv timeSeriesSplit\`, with
options \`--cv '{"kind":"groupKFold","folds":5,"group":"patient"}'\`, in a program \`crossValidate(estimator, table, { cv: { kind: 'kFold', shuffle: true } })\` or
\`splitters.kFold({ shuffle: true })\`. A number of folds alone is \`stratifiedKFold\` where the target is labels, and \`kFold\` otherwise. Folds are those of scikit-learn, row by row, where
nothing is shuffled. What is shuffled is drawn from \`foldSeed\` (default 0) and not from the run's seed, so that all trials of a study meet the same folds.
[How to cross-validate](../how-to/cross-validate.md). A splitter of your own is held to the laws by \`splitterConformance\` of \`tutti/testing\`.`

const estimatorsIntro = `Trees, forests and boosting learn in one call. Parameters have scikit-learn's names in camelCase, its meaning and its defaults; a wrong name or value is refused
with a sentence. In a training file they stand in \`training.fromEstimator\` ([tutorial](../tutorials/05-trees-and-tables.md)); in a program:

\`\`\`ts
import { data, trees } from 'tutti'

const { train, test } = await data.digits()
const forest = await trees.randomForestClassifier({ nEstimators: 50 }).fit(train, { threads: 2, onProgress: (done, total) => console.log(done / total) })
forest.score(test) // accuracy; of quantities R squared
forest.predict(test) // labels 0..k-1, or values
forest.predictProba(test) // row by row; outputs gives the same, and values of regressors
\`\`\`

\`fit\` gives a predictor that never changes. Its options: \`seed\` (all chance; default 0), \`threads\` (the model is the same for any number), \`sampleWeight\`, \`from\` (an earlier predictor to go on from: a warm start),
\`signal\`, \`onProgress\`. A predictor has \`featureImportances\`, \`ensemble\` (the trees, in flat arrays), \`toJson()\` and \`toOnnx()\`; \`trees.fromJson\` and \`trees.fromOnnx\` read them again, and forests that
scikit-learn grew and skl2onnx wrote. \`trees.treeText\`, \`trees.treeSvg\` and \`trees.importancesSvg\` draw them, \`trees.pruningPath\` and \`trees.prune\` prune a tree. \`permutationImportance(predictor, table)\`, of the package itself, tells what a score loses when a
feature is shuffled.

Missing values (NaN) go the way that was better in training, and where nothing was missing, the way most rows went. Categories (integer columns with \`classes\`, or the encoding \`categorical: 'codes'\`) are parted into two sets.
Infinite values are values. \`maxFeatures: 1\` is all features, scikit-learn's 1.0.

Linear models have [a page of their own](linear.md).`

const enginesIntro = `An engine is where the workers of a study live: \`tutti tune FILE --engine threads\`. The same worker program runs under each, loads the training file
once, and pulls one trial after another. The default is \`processes\`. A training that exists only in a program, as an object and not as a file, cannot travel, and runs \`inline\`.`

const transportsIntro = `A transport carries what workers and their driver say to each other: messages, whole and in order, or the connection is closed with the reason. The engine
chooses it: \`memory\` for \`inline\`; \`unix\` for \`threads\` and \`processes\`, where there are Unix sockets, and else \`tcp\` on the loopback; \`tcp\` between machines for \`ray\`, or \`tls\` where it is asked for.

Workers dial back: the driver listens, at one port where machines are between, and needs no other. Before anything is parsed, both sides show that they know the
token, which never travels; who does not know it, or takes longer than 5 s to show it, is turned away. A machine that vanished without a word is noticed after about 30 s where nothing was being sent to it, and by
the missing signs of life of its workers sooner than that.`

/** A member of a registry, as it is without options; of one that needs some, with these. */
function make<T>(registry: object, name: string): T {
  const needed: Readonly<Record<string, object>> = { threshold: { lower: 0 } }
  return (registry as Readonly<Record<string, (options?: object) => T>>)[name]!(needed[name])
}

function spacePage(): string {
  const source = readFileSync(join(root, 'src/space/dimensions.ts'), 'utf8')
  const found = [...source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const (\w+) = .*?\(([^)]*)\): Dimension/g)]
  const examples: Readonly<Record<string, Dimension>> = {
    choice: dimensions.choice(['relu', 'gelu']),
    boolean: dimensions.boolean(),
    ordinal: dimensions.ordinal([32, 64, 256]),
    fixed: dimensions.fixed(10),
    uniform: dimensions.uniform(0, 0.5),
    logUniform: dimensions.logUniform(1e-4, 1),
    normal: dimensions.normal(0, 1),
    int: dimensions.int(1, 4),
    logInt: dimensions.logInt(16, 1024),
    quantized: dimensions.quantized(0, 0.5, 0.1),
  }
  const rows = found.map(([, doc, name, parameters]) => {
    const example = examples[name!]
    if (!example) throw new Error(`space.${name} has no example`)
    const kind = kindOf(example)
    const drawn = [0.05, 0.5, 0.95].map((u) => `\`${shown(kind.fromUnit(example, u))}\``)
    const given = parameters!.replaceAll(/readonly |: [^,]+/g, '')
    return [
      `\`space.${name}(${given})\``,
      plain(doc!).replace(/ @example.*/s, ''),
      `\`${callOf(name!, example)}\``,
      [...new Set(drawn)].join(' '),
    ]
  })
  const missing = Object.keys(dimensions).filter((name) => name !== 'when' && !found.some(([, , one]) => one === name))
  if (missing.length > 0) throw new Error(`src/space/dimensions.ts has undocumented ${missing.join(', ')}`)
  const head = ['', 'a value is', 'example', 'of which come']
  return `${generated}\n\n# Search space\n\n${spaceIntro}\n\n${table(head, rows)}\n\n${spaceRest}\n`
}

/** As it is written in a training file. */
function callOf(name: string, { kind: _, when: __, ...rest }: Dimension): string {
  return `space.${name}(${Object.values(rest)
    .map((value) => JSON.stringify(value)?.replaceAll('"', "'").replaceAll(',', ', '))
    .join(', ')})`
}

function shown(value: Value): string {
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(2))) : String(value)
}

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

/** Estimators with the defaults of their parameters, and what stands above those in the source. */
function estimatorsPage(): string {
  const params = ['src/trees/forest/params.ts', 'src/trees/boosting/params.ts'].map((file) => readFileSync(join(root, file), 'utf8'))
  const docs = new Map([...sourcesOf('src/trees/forest'), ...sourcesOf('src/trees/boosting'), ...indexOf('src/trees/boosting')])
  const made = Object.entries(trees).filter(([name]) => /(Classifier|Regressor)$/.test(name)) as [string, () => AnyEstimator][]
  const sections = made
    .sort(([a], [b]) => byName(a, b))
    .map(([name, create]) => {
      const entry = docs.get(name)
      if (!entry) throw new Error(`the estimator '${name}' is not documented`)
      const estimator = create()
      const source = name.startsWith('hist') ? params[1]! : params[0]!
      const fields = new Map(fieldsOf(source).map(([field, , doc]) => [field!.replaceAll(/[`?]/g, ''), doc!]))
      const rows = Object.entries(estimator.getParams()).map(([param, value]) => [
        `\`${param}\``,
        `\`${JSON.stringify(value)?.replaceAll('"', "'")}\``,
        fields.get(param) ?? '',
      ])
      const axes = estimator.family
        ? `One fit answers all values of ${estimator.family.axes.map((axis) => `\`${axis}\``).join(', ')}.\n\n`
        : ''
      return `${section(name, entry.doc, [])}\n${axes}${table(['parameter', 'default', ''], rows)}\n`
    })
  return `${generated}\n\n# Estimators\n\n${estimatorsIntro}\n\n${sections.join('\n')}`
}

/** Documented functions of a folder's own index. */
function indexOf(folder: string): Map<string, Entry> {
  const text = readFileSync(join(root, folder, 'index.ts'), 'utf8')
  const found = [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport function (\w+)\(/g)]
  return new Map(found.map(([, comment, name]) => [name!, { doc: plain(comment!), options: [] }]))
}

function optimizersPage(): string {
  const schedules = page('Schedules', schedulesIntro, 'src/optim/schedules', Object.keys(optim.schedules))
  return [
    page('Optimizers', optimizersIntro, 'src/optim/optimizers', Object.keys(optim.optimizers)),
    schedules.replace(/^<!--.*\n\n# /, '# ').replaceAll(/^(#+) /gm, '#$1 '),
  ].join('\n')
}

function enginesPage(): string {
  const carriers = page('Transports', transportsIntro, 'src/net/transports', Object.keys(transports))
  return [
    page('Engines', enginesIntro, 'src/cluster/engines', Object.keys(engines)),
    carriers.replace(/^<!--.*\n\n# /, '# ').replaceAll(/^(#+) /gm, '#$1 '),
  ].join('\n')
}

/** What a list says of each entry beside its first sentence. */
interface Column {
  readonly title: string
  of(name: string): string
}

/** A list of all entries, then one section each. */
function page(title: string, intro: string, folder: string, names: readonly string[], column?: Column): string {
  const entries = sourcesOf(folder)
  const sections = [...names].sort(byName).map((name) => {
    const entry = entries.get(name)
    if (!entry) throw new Error(`${folder} has no documented export '${name}'`)
    return { name, ...entry }
  })
  const list = sections.map(({ name, doc }) => [
    `[\`${name}\`](#${name.toLowerCase()})`,
    column ? wholeSentence(doc) : firstSentence(doc),
    ...(column ? [column.of(name)] : []),
  ])
  return [
    `${generated}\n\n# ${title}\n`,
    ...(intro ? [`${intro}\n`] : []),
    table(['name', 'what it is', ...(column ? [column.title] : [])], list),
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
  const files = readdirSync(join(root, folder)).filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  const shared = ['define.ts', 'options.ts'].flatMap((file) => {
    const path = join(root, folder, '..', file)
    return readdirSync(join(root, folder, '..')).includes(file) ? [readFileSync(path, 'utf8')] : []
  })
  const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8'))
  // An entry that is large has a folder beside it.
  const beside = files.flatMap((file) => {
    const path = join(root, folder, file.replace(/\.ts$/, ''), 'options.ts')
    return existsSync(path) ? [readFileSync(path, 'utf8')] : []
  })
  const all = [...shared, ...texts, ...beside].join('\n')
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
  return upTo(/^[.:](\s|$)|^\n\n/, doc)
}

/** Where a name stands before the colon. */
function wholeSentence(doc: string): string {
  return upTo(/^[.;](\s|$)|^\n\n/, doc)
}

function upTo(end: RegExp, doc: string): string {
  let depth = 0
  for (let i = 0; i < doc.length; i++) {
    if ('([{'.includes(doc[i]!)) depth++
    if (')]}'.includes(doc[i]!)) depth--
    if (depth === 0 && end.test(doc.slice(i, i + 2))) return doc.slice(0, i).replaceAll('\n', ' ')
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
