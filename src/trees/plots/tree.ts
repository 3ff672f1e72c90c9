/** A tree as a picture: a card for each node, tinted by what it stands for. */
import { fail } from '../../core/errors.ts'
import type { Tree } from '../tree.ts'
import { layout, type Placed } from './layout.ts'
import { at, colourOf, escaped, tint } from './svg.ts'
import { endsOf } from './text.ts'
import { classOf, cut, lettersOf, type Meaning, missingOf, percent, rowsOf, ruleOf, shareOf, short, standsFor } from './words.ts'

export interface TreeSvgOptions extends Meaning {
  /** Levels of questions that are drawn; default 4. What is below is counted on the cards. */
  readonly maxDepth?: number
  readonly title?: string
}

/**
 * A self-contained SVG: questions with the share of rows that come to them, yes to the left; leaves with their class and its share, or
 * their value. Cards are tinted by the likeliest class, the stronger the surer, or by the value; a stripe shows the shares of all
 * classes. Cards bring their own ground, so that they are readable on light and dark.
 *
 * @throws BAD_OPTION
 * @example `await writeAtomic('tree.svg', treeSvg(ensemble.trees[0]!, ensemble))`
 */
export function treeSvg(tree: Tree, options: TreeSvgOptions): string {
  const { maxDepth = 4 } = options
  if (!(Number.isInteger(maxDepth) && maxDepth >= 0 && maxDepth <= 64))
    throw fail('BAD_OPTION', 'treeSvg', 'maxDepth', maxDepth, 'a whole number from 0 to 64')
  const scene = sceneOf(tree, options, maxDepth)
  const { placed, width, height, left, top } = scene
  const title = options.title ?? `Tree of ${tree.nodes} ${tree.nodes === 1 ? 'node' : 'nodes'}`
  const positions = new Map(placed.map((one) => [one.node, one]))
  const edges = placed.flatMap((one) => (one.parent === undefined ? [] : [drawEdge(positions.get(one.parent) as Placed, one, scene)]))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" height="${at(height)}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12">`,
    '<style>text{fill:#1f2937;text-anchor:middle}.rule{font-weight:600}.rows{fill:#4b5563}.out{fill:#7b8494}.title{font-size:15px;font-weight:600;text-anchor:start}.key{text-anchor:start}.edge{fill:none;stroke:#9ca3af;stroke-width:1.5}.card{stroke-width:1}.cut{stroke-dasharray:4 3}</style>',
    `<text class="out title" x="16" y="26">${escaped(title)}</text>`,
    ...scene.legend,
    `<g transform="translate(${at(left)} ${at(top)})">`,
    ...edges,
    ...placed.map((one) => drawCard(tree, one, options, scene)),
    '</g>',
    '</svg>',
  ].join('\n')
}

const lineHeight = 16
/** Room below a card for the lines to the next ones. */
const below = 40
/** Of an average letter in bold, and plain. */
const letterWidth = 7.2
const plainWidth = 6.4
const stripe = 5

interface Scene {
  readonly placed: readonly Placed[]
  readonly card: number
  readonly letters: number
  readonly ends: Int32Array
  /** From one level to the next. */
  readonly level: number
  readonly range: readonly [number, number]
  readonly width: number
  readonly height: number
  readonly left: number
  readonly top: number
  readonly legend: readonly string[]
}

function sceneOf(tree: Tree, options: TreeSvgOptions, maxDepth: number): Scene {
  const ends = endsOf(tree)
  const { placed: probe } = layout(tree, maxDepth, 1)
  const letters = Math.min(
    26,
    Math.max(12, ...probe.flatMap((one) => linesOf(tree, one, options, ends, 40).map(({ text }) => lettersOf(text)))),
  )
  const card = Math.ceil(letters * letterWidth + 20)
  const { placed, right, depth } = layout(tree, maxDepth, card + 16)
  const width = Math.max(360, right + card + 32)
  const { legend, height: legendHeight } = legendOf(tree, options, width)
  const tallest = Math.max(...probe.map((one) => heightOf(linesOf(tree, one, options, ends, letters).length, hasShares(tree, one.node))))
  const level = tallest + below
  const top = 48 + legendHeight
  const values = probe.map(({ node }) => tree.value[node * tree.width] as number).filter((value) => !Number.isNaN(value))
  return {
    placed,
    card,
    letters,
    ends,
    range: [Math.min(...values), Math.max(...values)],
    width,
    level,
    height: top + depth * level + tallest + 16,
    left: (width - right) / 2,
    top,
    legend,
  }
}

interface Line {
  readonly text: string
  readonly kind: 'rule' | 'rows' | 'value'
}

/** What a card says, in lines of so many letters. */
function linesOf(tree: Tree, { node, cut: isCut }: Placed, meaning: Meaning, ends: Int32Array, letters: number): Line[] {
  const leaf = (tree.feature[node] as number) < 0
  const share = shareOf(tree, node)
  const rows = share === undefined ? '' : `${percent(share)} of rows`
  const lines: Line[] = []
  if (!leaf && !isCut) lines.push({ text: fitRule(tree, node, meaning, letters), kind: 'rule' })
  const value = standsFor(tree, node, meaning, letters)
  if (value !== '') lines.push({ text: value, kind: leaf || isCut ? 'rule' : 'value' })
  if (rows !== '') lines.push({ text: rows, kind: 'rows' })
  if (isCut) lines.push({ text: `… ${(ends[node] as number) - node - 1} nodes below`, kind: 'rows' })
  return lines
}

/** The rule, with as many categories, and as much of the feature's name, as there is room for. */
function fitRule(tree: Tree, node: number, meaning: Meaning, letters: number): string {
  const name = meaning.features[tree.feature[node] as number]?.name ?? ''
  const enough = Math.min(10, lettersOf(name))
  for (const categories of [4, 3, 2, 1]) {
    const rest = lettersOf(ruleOf(tree, node, meaning, 1, categories)) - 1
    if (letters - rest >= enough || categories === 1)
      return cut(ruleOf(tree, node, meaning, Math.max(enough, letters - rest), categories), letters)
  }
  return ''
}

function drawCard(tree: Tree, one: Placed, meaning: Meaning, scene: Scene): string {
  const { card, letters, ends } = scene
  const lines = linesOf(tree, one, meaning, ends, letters)
  const shares = hasShares(tree, one.node)
  const height = heightOf(lines.length, shares)
  const [x, y] = [one.x - card / 2, one.depth * scene.level]
  const { fill, stroke } = colours(tree, one.node, meaning, scene)
  const texts = lines.map(
    ({ text, kind }, i) => `<text class="${kind}" x="${at(one.x)}" y="${at(y + 18 + i * lineHeight)}">${escaped(text)}</text>`,
  )
  return [
    `<g><title>${escaped(tellAll(tree, one.node, meaning))}</title>`,
    `<rect class="card${one.cut ? ' cut' : ''}" x="${at(x)}" y="${at(y)}" width="${at(card)}" height="${at(height)}" rx="6" fill="${fill}" stroke="${stroke}"/>`,
    ...texts,
    ...(shares ? stripeOf(tree, one.node, x + 8, y + height - stripe - 5, card - 16) : []),
    '</g>',
  ].join('')
}

function hasShares({ width, value }: Tree, node: number): boolean {
  return width > 1 && !Number.isNaN(value[node * width])
}

function heightOf(lines: number, shares: boolean): number {
  return lines * lineHeight + 10 + (shares ? stripe + 5 : 0)
}

function colours(tree: Tree, node: number, meaning: Meaning, { range: [low, high] }: Scene): { fill: string; stroke: string } {
  const found = classOf(tree, node, meaning)
  if (found) {
    const even = 1 / tree.width
    return { fill: tint(colourOf(found.at), 0.08 + (0.4 * (found.share - even)) / (1 - even)), stroke: colourOf(found.at) }
  }
  const value = tree.value[node * tree.width] as number
  if (Number.isNaN(value)) return { fill: '#f3f4f6', stroke: '#9ca3af' }
  return { fill: tint(colourOf(0), 0.06 + 0.44 * (high > low ? (value - low) / (high - low) : 0.5)), stroke: colourOf(0) }
}

/** Shares of the classes side by side; what is thinner than a hair is left out. */
function stripeOf({ width, value }: Tree, node: number, x: number, y: number, length: number): string[] {
  const total = Array.from({ length: width }, (_, k) => Math.max(0, value[node * width + k] as number)).reduce((a, b) => a + b, 0)
  let from = x
  return Array.from({ length: width }, (_, k) => {
    const long = total > 0 ? (Math.max(0, value[node * width + k] as number) / total) * length : 0
    const drawn = long < 0.3 ? '' : `<rect x="${at(from)}" y="${at(y)}" width="${at(long)}" height="${stripe}" fill="${colourOf(k)}"/>`
    from += long
    return drawn
  })
}

/** All that is known of a node, for who points at it. */
function tellAll(tree: Tree, node: number, meaning: Meaning): string {
  const leaf = (tree.feature[node] as number) < 0
  const impurity = tree.impurity[node] as number
  const classes = Array.from({ length: tree.width > 1 ? Math.min(tree.width, 20) : 0 }, (_, k) => {
    const share = tree.value[node * tree.width + k] as number
    return share > 0 ? `${meaning.classes?.[k] ?? `class ${k}`} ${percent(share)}` : ''
  })
  return [
    `node ${node}`,
    ...(leaf ? [] : [ruleOf(tree, node, meaning), missingOf(tree, node)]),
    rowsOf(tree, node),
    ...(Number.isNaN(impurity) ? [] : [`impurity ${short(impurity)}`]),
    ...(tree.width > 1 ? classes : [standsFor(tree, node, meaning)]),
  ]
    .filter(Boolean)
    .join('\n')
}

function drawEdge(parent: Placed, child: Placed, { level }: Scene): string {
  // From behind the parent's card, which is drawn over it.
  const from = { x: parent.x, y: parent.depth * level + 20 }
  const to = { x: child.x, y: child.depth * level }
  const bend = to.y - 24
  const side = child.yes ? -1 : 1
  return [
    `<path class="edge" d="M${at(from.x)} ${at(from.y)}V${at(bend - 8)}Q${at(from.x)} ${at(bend)} ${at(from.x + side * 8)} ${at(bend)}H${at(to.x - side * 8)}Q${at(to.x)} ${at(bend)} ${at(to.x)} ${at(bend + 8)}V${at(to.y)}"/>`,
    `<text class="out" x="${at(to.x - side * 16)}" y="${at(to.y - 7)}">${child.yes ? 'yes' : 'no'}</text>`,
  ].join('')
}

/** The classes' colours and names, in as many lines as they need. */
function legendOf({ width: classes }: Tree, meaning: Meaning, width: number): { legend: string[]; height: number } {
  if (classes === 1) return { legend: [], height: 0 }
  const legend: string[] = []
  let [x, y] = [16, 46]
  for (let k = 0; k < Math.min(classes, mostInLegend); k++) {
    const name = cut(meaning.classes?.[k] ?? `class ${k}`, 24)
    const wide = lettersOf(name) * plainWidth + 34
    if (x > 16 && x + wide > width - 16) [x, y] = [16, y + 18]
    legend.push(
      `<rect x="${at(x)}" y="${y - 9}" width="10" height="10" rx="2" fill="${colourOf(k)}"/><text class="out key" x="${at(x + 15)}" y="${y}">${escaped(name)}</text>`,
    )
    x += wide
  }
  if (classes > mostInLegend) legend.push(`<text class="out key" x="${at(x)}" y="${y}">and ${classes - mostInLegend} more</text>`)
  return { legend, height: y - 26 }
}

const mostInLegend = 20
