/** How the columns of a frame became the numbers of a dataset: plain data, to be kept with the model that learned from them. */

/** What a frame's column holds. */
export type ColumnKind = 'numeric' | 'categorical' | 'text'

/** The rule of one source column. */
export type FeatureEncoding =
  /**
   * One feature `(value - mean) / scale`; a missing value counts as `fill`, stays NaN where that is 'keep', and is refused where it is
   * null. With `indicator` a second one: 1 where it was missing.
   */
  | {
      readonly kind: 'number'
      readonly column: string
      readonly mean: number
      readonly scale: number
      readonly fill: number | 'keep' | null
      readonly indicator: boolean
    }
  /** One feature a class, 1 where it is the row's. An unknown class is all zeros; a missing value too, unless `missing` has its own. */
  | { readonly kind: 'oneHot'; readonly column: string; readonly classes: readonly string[]; readonly missing: boolean }
  /** One feature: the place of the class among the sorted ones; unknown and missing are the number after the last. */
  | { readonly kind: 'ordinal'; readonly column: string; readonly classes: readonly string[] }
  /** The same as int32 in the column 'categories', for embeddings of `classes.length + 1` rows. */
  | { readonly kind: 'code'; readonly column: string; readonly classes: readonly string[] }
  /** A column of int32 tokens, cut or padded to `length`. */
  | { readonly kind: 'text'; readonly column: string; readonly length: number; readonly vocabulary: VocabularySpec }

export type TargetEncoding =
  | { readonly kind: 'class'; readonly column: string; readonly classes: readonly string[] }
  | { readonly kind: 'number'; readonly column: string }

export interface Encoding {
  readonly features: readonly FeatureEncoding[]
  readonly target?: TargetEncoding
}

/** A vocabulary as plain data: the tokens in the order of their numbers, and how text is cut into them. */
export interface VocabularySpec {
  readonly level: 'character' | 'word'
  readonly tokens: readonly string[]
  /** Every digit reads as '0', so that all numbers of one length are one word. */
  readonly maskDigits?: boolean
}

/** What the columns of a file to predict from must be read as: the readers' option `types`. */
export function typesOf(encoding: Encoding): Record<string, ColumnKind> {
  const kindOf = {
    number: 'numeric',
    oneHot: 'categorical',
    ordinal: 'categorical',
    code: 'categorical',
    text: 'text',
    class: 'categorical',
  } as const
  const all = [...encoding.features, ...(encoding.target === undefined ? [] : [encoding.target])]
  return Object.fromEntries(all.map(({ column, kind }) => [column, kindOf[kind]]))
}

/** Names of the features a rule makes: 'age', 'age=?' (was missing), 'workclass=Private', 'workclass=?' (missing). */
export function namesOf(feature: FeatureEncoding): string[] {
  if (feature.kind === 'number') return feature.indicator ? [feature.column, `${feature.column}=?`] : [feature.column]
  if (feature.kind !== 'oneHot') return [feature.column]
  return [...feature.classes.map((name) => `${feature.column}=${name}`), ...(feature.missing ? [`${feature.column}=?`] : [])]
}

/** Whether missing numbers stay NaN in its tables. */
export function keepsMissing({ features }: Encoding): boolean {
  return features.some((feature) => feature.kind === 'number' && feature.fill === 'keep')
}
