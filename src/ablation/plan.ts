/** The trials of an ablation: a finite study, known before it begins. */
import { fail } from '../core/errors.ts'
import { parseComponent } from './component.ts'

export interface PlannedTrial {
  /** Nothing in a base trial, one component, or the two of a pair. */
  readonly without: readonly string[]
  readonly seed: number
}

export interface AblationPlan {
  readonly components: readonly string[]
  /** Two at a time as well: all pairs, or these. A component of a pair is also taken away alone, to tell what the pair adds. */
  readonly pairs?: boolean | readonly (readonly [string, string])[]
  /** Each trial is run once with each seed. */
  readonly seeds: readonly number[]
}

/**
 * The trials: the base ones, then one component gone at a time, then pairs; in each part all components with the first seed come
 * before the second, so that what is stopped early has told something of each. Of two components of which one holds the other
 * (`block1` and `block*`) there is no pair.
 *
 * @throws ABLATION_NOTHING, ABLATION_SYNTAX, BAD_OPTION
 * @example `planAblation({ components: ['feature:age', 'layer:hidden2'], seeds: [0, 1, 2] }).length // 9`
 */
export function planAblation({ components, pairs = false, seeds }: AblationPlan): PlannedTrial[] {
  const named = typeof pairs === 'boolean' ? [] : pairs
  const single = [...new Set([...components, ...named.flat()])]
  if (single.length === 0) throw fail('ABLATION_NOTHING', 'no component was named')
  single.forEach(parseComponent)
  if (seeds.length === 0 || new Set(seeds).size !== seeds.length || !seeds.every(Number.isInteger))
    throw fail('BAD_OPTION', 'ablation', 'seeds', `[${seeds.join(', ')}]`, 'whole numbers, at least one and each once')
  const all = pairs === true ? single.flatMap((a, i) => single.slice(i + 1).map((b) => [a, b] as const)) : named
  const seen = new Set<string>()
  const two = all.filter(([a, b]) => {
    const key = [a, b].sort().join('\n')
    if (overlap(a, b) || seen.has(key)) return false
    seen.add(key)
    return true
  })
  return [[[]], single.map((one) => [one]), two].flatMap((part) => seeds.flatMap((seed) => part.map((without) => ({ without, seed }))))
}

/** Whether what one takes away is, in part, what the other does: by their names alone. */
function overlap(a: string, b: string): boolean {
  const [one, other] = [parseComponent(a), parseComponent(b)]
  if (one.kind !== other.kind) return false
  const parts = (name: string) => name.split('+').filter((part) => part !== '')
  return parts(one.name).some((part) => parts(other.name).some((against) => meets(part, against) || meets(against, part)))
}

/** Whether a name, or all that begin as it says, lies in another: the same, by its beginning, or inside it ('block1.norm'). */
function meets(part: string, other: string): boolean {
  const name = part.replace(/\*$/, '')
  if (other.endsWith('*')) return name.startsWith(other.slice(0, -1))
  return part === other || part.startsWith(`${other}.`)
}
