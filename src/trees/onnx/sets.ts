/** Chains of questions about one feature that come to one of two ends: sets of categories, as converters write them. */
import type { NodeTable } from './table.ts'

/** A node that splits by a set. */
export interface SetNode {
  readonly feature: number
  readonly left: number
  readonly right: number
  readonly missingLeft: boolean
  /** 32 categories each. */
  readonly words: Uint32Array
}

/** Categories are codes: more than so many are none. */
const mostCategories = 1 << 16
/** Questions asked in all to read the sets of one file. */
const mostQuestions = 2e8

/**
 * Reads the chain that begins at a node: `x = a`, else `x = b`, ... or `x <= a`, else `x <= b`, ... whose yes-branches and last
 * no-branch lead to two nodes.
 *
 * @param spend counts the questions asked
 * @throws Error where no set of categories says what the chain does
 */
export function setAt(table: NodeTable, start: number, spend: (questions: number) => void): SetNode {
  const { yes, no, id, feature, threshold } = table
  const links = linksOf(table, start)
  const ends = [...new Set([...links.map((link) => yes[link] as number), no[links.at(-1) as number] as number])]
  if (ends.length !== 2) throw new Error(`node ${id[start]} asks for a category, and both answers lead the same way`)
  // Children are numbered in the order of their numbers there: so what was written here is read as it was.
  const [left, right] = ends.sort((a, b) => (id[a] as number) - (id[b] as number)) as [number, number]
  let most = 0
  for (const link of links) {
    const value = threshold[link] as number
    if (value !== Number.POSITIVE_INFINITY) most = Math.max(most, Math.floor(value) + 1)
    if (table.mode[link] === 'BRANCH_EQ' && !(value >= 0 && value === Math.floor(value)))
      throw new Error(`node ${id[link]} asks for the category ${value}, which is no whole number from 0 on`)
  }
  if (most > mostCategories) throw new Error(`node ${id[start]} asks for category ${most - 1}, and there are ${mostCategories} at most`)
  const words = new Uint32Array(Math.max(1, Math.ceil(most / 32)))
  spend((words.length * 32 + 3) * links.length)
  for (let category = 0; category < words.length * 32; category++)
    if (endOf(table, links, category) === left) words[category >> 5]! |= 1 << (category & 31)
  const missing = endOf(table, links, Number.NaN)
  if (endOf(table, links, -1) !== missing || endOf(table, links, words.length * 32) !== missing)
    throw new Error(`node ${id[start]} sends missing and unknown categories different ways`)
  return { feature: feature[start] as number, left, right, missingLeft: missing === left, words }
}

export function questionsLimit(): (questions: number) => void {
  let left = mostQuestions
  return (questions) => {
    left -= questions
    if (left < 0) throw new Error('its sets of categories are too large')
  }
}

/** The longest chain from here that has two ends. */
function linksOf({ yes, no, mode, feature, parents }: NodeTable, start: number): number[] {
  const chain = [start]
  const targets = new Set([yes[start] as number])
  let best = 1
  for (let next = no[start] as number; ; next = no[next] as number) {
    if (targets.size === 1 || targets.has(next)) best = chain.length
    if (mode[next] !== mode[start] || feature[next] !== feature[start] || parents[next] !== 1) break
    targets.add(yes[next] as number)
    // One that nobody else leads to is no second end of this chain, but the beginning of something else.
    if (targets.size > 2 || (targets.size === 2 && mode[start] === 'BRANCH_EQ')) break
    chain.push(next)
  }
  return chain.slice(0, best)
}

function endOf({ mode, threshold, missingYes, yes, no }: NodeTable, links: readonly number[], value: number): number {
  for (const link of links) {
    const at = threshold[link] as number
    const answer = mode[link] === 'BRANCH_EQ' ? value === at : value <= at
    if (answer || (Number.isNaN(value) && missingYes[link] === 1)) return yes[link] as number
  }
  return no[links.at(-1) as number] as number
}
