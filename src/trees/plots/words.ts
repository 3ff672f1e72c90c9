/** What nodes of trees are called: their rule, their rows, what they stand for. */
import type { Feature } from '../../estimator/index.ts'
import type { Tree } from '../tree.ts'

/** What the numbers of a tree are numbers of; an ensemble says it. */
export interface Meaning {
  readonly features: readonly Feature[]
  /** Names of the classes; absent: trees of more than one number call them by their place. */
  readonly classes?: readonly string[] | undefined
}

/** The question a node asks: who answers yes goes left. `petal width ≤ 0.8`, `colour is 1, 4 or 7`. */
export function ruleOf(
  tree: Tree,
  node: number,
  { features }: Meaning,
  longestName = Number.POSITIVE_INFINITY,
  mostCategories = 10,
): string {
  const by = tree.feature[node] as number
  const feature = features[by]
  const name = cutInside(feature?.name ?? `feature ${by}`, longestName)
  const set = tree.setAt?.[node] ?? -1
  if (set < 0 || !tree.sets) return `${name} ≤ ${Number((tree.threshold[node] as number).toPrecision(6))}`
  const known = feature?.categories ?? (tree.sets[set] as number) * 32
  const inside: number[] = []
  const outside: number[] = []
  for (let category = 0; category < known; category++) (hasCategory(tree.sets, set, category) ? inside : outside).push(category)
  if (inside.length <= outside.length || outside.length === 0) return `${name} is ${oneOf(inside, mostCategories)}`
  return `${name} is not ${oneOf(outside, mostCategories)}`
}

function oneOf(categories: readonly number[], most: number): string {
  if (categories.length === 0) return 'none'
  if (categories.length > most) return `${categories.slice(0, most).join(', ')} or ${categories.length - most} more`
  return categories.length === 1 ? `${categories[0]}` : `${categories.slice(0, -1).join(', ')} or ${categories.at(-1)}`
}

function hasCategory(sets: Uint32Array, at: number, category: number): boolean {
  return category < (sets[at] as number) * 32 && (((sets[at + 1 + (category >> 5)] as number) >>> (category & 31)) & 1) === 1
}

/** Where missing values go, in words. */
export function missingOf(tree: Tree, node: number): string {
  return tree.missingLeft[node] === 1 ? 'missing is yes' : 'missing is no'
}

/** The likeliest class of a node and its share; undefined where a tree has one number a node, or the node's are not known. */
export function classOf(
  { width, value }: Tree,
  node: number,
  { classes }: Meaning,
): { at: number; name: string; share: number } | undefined {
  if (width === 1 || Number.isNaN(value[node * width])) return undefined
  let best = 0
  for (let k = 1; k < width; k++) if ((value[node * width + k] as number) > (value[node * width + best] as number)) best = k
  return { at: best, name: classes?.[best] ?? `class ${best}`, share: value[node * width + best] as number }
}

/** What a node stands for: 'versicolor (93.4 %)', or a number; '' where it is not known. */
export function standsFor(tree: Tree, node: number, meaning: Meaning, letters = Number.POSITIVE_INFINITY): string {
  const found = classOf(tree, node, meaning)
  if (found) {
    const share = ` (${percent(found.share)})`
    return `${cutInside(found.name, Math.max(1, letters - share.length))}${share}`
  }
  const value = tree.value[node * tree.width] as number
  return Number.isNaN(value) ? '' : short(value)
}

/** '1,204 rows'; '' of trees that know only their leaves. */
export function rowsOf({ samples, weight }: Tree, node: number): string {
  if (Number.isNaN(weight[node])) return ''
  const rows = samples[node] as number
  return `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}`
}

/** A node's share of all rows' weights; undefined where it is not known. */
export function shareOf({ weight }: Tree, node: number): number | undefined {
  const share = (weight[node] as number) / (weight[0] as number)
  return Number.isFinite(share) ? share : undefined
}

/** '45.2 %'; what is nearly nothing or nearly all is not called so. */
export function percent(share: number): string {
  const whole = Math.round(share)
  if (Math.abs(share - whole) < 1e-6) return `${whole * 100} %`
  if (share > 0 && share < 0.0005) return '< 0.1 %'
  if (share < 1 && share >= 0.9995) return '> 99.9 %'
  return `${(share * 100).toFixed(1)} %`
}

export function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}

/** How wide a text is, in letters: signs of China and Japan count twice. */
export function lettersOf(text: string): number {
  let letters = 0
  for (const sign of text) letters += (sign.codePointAt(0) as number) >= 0x2e80 ? 2 : 1
  return letters
}

/** A text of so many letters at most; what is left out is shown by '…'. */
export function cut(text: string, letters: number): string {
  if (lettersOf(text) <= letters) return text
  let kept = ''
  let room = letters - 1
  for (const sign of text) {
    room -= lettersOf(sign)
    if (room < 0) break
    kept += sign
  }
  return `${kept.trimEnd()}…`
}

/** The same, leaving out the inside: names often begin alike and differ at their end. */
export function cutInside(text: string, letters: number): string {
  if (lettersOf(text) <= letters) return text
  const end = cut([...text].reverse().join(''), Math.ceil(letters / 2))
  const ending = [...end.slice(0, -1)].reverse().join('')
  return `${cut(text, letters - lettersOf(ending))}${ending}`
}
