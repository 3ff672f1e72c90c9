/** From what people write to components: names without their kind are looked up. */
import { fail } from '../core/errors.ts'
import { type ComponentKind, componentKinds, membersOf, readKind } from './component.ts'
import type { Components } from './find.ts'

/**
 * The components that words mean, each once: 'feature:age' says its kind; 'age' is looked up among features, layers and
 * components of one's own. A word with 'own:' may name one that no run has met yet.
 *
 * @throws ABLATION_UNKNOWN with the nearest names, ABLATION_AMBIGUOUS, ABLATION_LABEL, ABLATION_LAYER, ABLATION_FEATURES, ABLATION_SYNTAX
 * @example `resolveComponents(['age', 'layer:hidden*', 'sex+race'], found)`
 */
export function resolveComponents(words: readonly string[], found: Components): string[] {
  return [...new Set(words.map((word) => resolved(word, found)))]
}

function resolved(word: string, found: Components): string {
  const read = readKind(word)
  const kinds = read === undefined ? componentKinds : [read.kind]
  const name = read?.name ?? word
  const readings = kinds.filter((kind) => isKnown(kind, name, found)).map((kind) => `${kind}:${name}`)
  const [first, ...others] = readings
  if (first !== undefined && others.length === 0) {
    found.check(first)
    return first
  }
  if (first !== undefined) throw fail('ABLATION_AMBIGUOUS', word, readings)
  if (read?.kind === 'own') return word
  const labels = name.split('+').filter((part) => found.labels.includes(part))
  if (labels[0] !== undefined && read?.kind !== 'layer') throw fail('ABLATION_LABEL', labels[0])
  const known = [...new Set(found.components.filter(({ kind, group }) => kinds.includes(kind) && !group).map((one) => one.name))]
  const where = read === undefined ? 'The training has' : read.kind === 'layer' ? 'The model has' : 'The data has'
  const hint = read === undefined ? `A component of your own that only 'train' calls is written own:${word}.` : undefined
  throw fail('ABLATION_UNKNOWN', where, missing(name, known), known, hint)
}

/** Whether all parts of a name mean something among the components of a kind. */
function isKnown(kind: ComponentKind, name: string, found: Components): boolean {
  const known = found.components.filter((one) => one.kind === kind && !one.group).map((one) => one.name)
  const nothing = new Error('means nothing')
  try {
    return membersOf(name, known, () => nothing).length > 0
  } catch (error) {
    if (error === nothing) return false
    throw error
  }
}

/** The first part of a group that means nothing. */
function missing(name: string, known: readonly string[]): string {
  const parts = known.includes(name) ? [name] : name.split('+')
  return parts.find((part) => !known.some((one) => (part.endsWith('*') ? one.startsWith(part.slice(0, -1)) : one === part))) ?? name
}
