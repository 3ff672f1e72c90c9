/**
 * What can be taken away, and how it is written: 'feature:age', 'layer:hidden1', 'own:augmentation'. A group is one component
 * that takes several things away at once: 'feature:age+sex' by their names, 'layer:block*' all that begin so.
 */
import { fail } from '../core/errors.ts'

export type ComponentKind = 'feature' | 'layer' | 'own'

export const componentKinds = ['feature', 'layer', 'own'] as const satisfies readonly ComponentKind[]

/** A component found in a training. */
export interface Component {
  /** As it is written: 'feature:age', 'layer:hidden*'. */
  readonly id: string
  readonly kind: ComponentKind
  /** 'age', 'hidden*'. */
  readonly name: string
  /** The features, the paths of layers, the names of your own that go. */
  readonly members: readonly string[]
  /** In few words, what it is: '7 of 105 inputs', 'dense, 16,448 parameters'. */
  readonly about: string
  /** Inside another component: a layer in a block. */
  readonly inner: boolean
  /** Takes several things away that are components of their own. */
  readonly group: boolean
  /** Why it cannot be taken away. */
  readonly refused?: string
  /** What is done so that its neighbours fit: 'flatten stands in its place'. */
  readonly note?: string
}

export interface ComponentName {
  readonly kind: ComponentKind
  readonly name: string
}

/** Takes 'feature:age' apart. @throws ABLATION_SYNTAX */
export function parseComponent(id: string): ComponentName {
  const read = readKind(id)
  if (read === undefined) throw fail('ABLATION_SYNTAX', id, 'it does not begin with feature:, layer: or own:')
  return read
}

/** The kind and name of a text that begins with a kind, else undefined: a name may have colons of its own. */
export function readKind(text: string): ComponentName | undefined {
  const kind = componentKinds.find((one) => text.startsWith(`${one}:`))
  if (kind === undefined) return undefined
  const name = text.slice(kind.length + 1)
  if (name === '') throw fail('ABLATION_SYNTAX', text, `it names no ${kind}`)
  return { kind, name }
}

/**
 * The known names that a component's name means, in their order: one, those joined by '+', those that begin with what stands
 * before a final '*'. A known name comes first as it is, whatever characters it has.
 *
 * @param unknown makes the error for a part that means nothing
 * @throws ABLATION_SYNTAX, and what `unknown` makes
 */
export function membersOf(name: string, known: Iterable<string>, unknown: (part: string) => Error): string[] {
  const all = [...known]
  const meant = new Set<string>()
  for (const part of partsOf(name, all)) {
    const found = all.filter((one) => means(part, one, all))
    if (found.length === 0) throw unknown(part)
    for (const one of found) meant.add(one)
  }
  return all.filter((one) => meant.has(one))
}

/** The names a group is made of. @throws ABLATION_SYNTAX where one is empty */
function partsOf(name: string, known: readonly string[]): string[] {
  if (known.includes(name)) return [name]
  const parts = name.split('+')
  if (parts.includes('') || parts.includes('*'))
    throw fail('ABLATION_SYNTAX', name, parts.includes('') ? "a name beside a '+' is empty" : "'*' alone would take everything away")
  return parts
}

function means(part: string, name: string, known: readonly string[]): boolean {
  if (part.endsWith('*') && !known.includes(part)) return name.startsWith(part.slice(0, -1))
  return name === part
}
