/** What parameters say of single features: which are categories, which are monotonic, which may meet. */
import { fail } from '../../core/errors.ts'
import { nearest, suggest } from '../../core/suggest.ts'
import type { Examples, Feature } from '../../estimator/index.ts'
import type { BoostingParams } from './params.ts'

function placeOf(what: string, option: string, key: string | number, features: readonly Feature[]): number {
  const named = features.findIndex(({ name }) => name === key)
  const place = named >= 0 ? named : Number(key)
  if (Number.isInteger(place) && place >= 0 && place < features.length && key !== '') return place
  const names = features.map(({ name }) => name)
  throw fail(
    'BAD_OPTION',
    what,
    option,
    key,
    `the name of a feature, or its place from 0 to ${features.length - 1}. ${near(String(key), names)}`,
  )
}

function near(key: string, names: readonly string[]): string {
  return nearest(key, names).length > 0 ? suggest(key, names).slice(0, -1) : `They begin with '${names[0]}'`
}

/** The features with those that are categories marked so. */
export function categoriesOf(
  what: string,
  given: BoostingParams['categoricalFeatures'],
  features: readonly Feature[],
  { x, rows }: Examples,
): readonly Feature[] {
  if (given === 'fromDtype') return features
  const plain = features.map(({ name }): Feature => ({ name }))
  for (const key of given ?? []) {
    const place = placeOf(what, 'categoricalFeatures', key, features)
    const known = features[place]?.categories
    let most = 0
    for (let row = 0; row < rows && known === undefined; row++) {
      const value = x[row * features.length + place] as number
      if (Number.isNaN(value)) continue
      if (!(value >= 0 && Number.isInteger(value) && value < 65_536))
        throw fail(
          'BAD_OPTION',
          what,
          'categoricalFeatures',
          key,
          `a feature of whole numbers from 0 to 65535: in row ${row + 1} it is ${value}`,
        )
      most = Math.max(most, value)
    }
    plain[place] = { ...(plain[place] as Feature), categories: known ?? most + 1 }
  }
  return plain
}

/** -1, 0 or 1 for each feature; undefined where all are 0. */
export function directionsOf(what: string, given: BoostingParams['monotonicCst'], features: readonly Feature[]): Int8Array | undefined {
  if (given === null) return undefined
  const directions = new Int8Array(features.length)
  if (Array.isArray(given) && given.length !== features.length)
    throw fail(
      'BAD_OPTION',
      what,
      'monotonicCst',
      given.length,
      `a list of ${features.length} numbers, one a feature, or an object by their names`,
    )
  for (const [key, direction] of Object.entries(given)) {
    const place = placeOf(what, 'monotonicCst', key, features)
    if (direction !== -1 && direction !== 0 && direction !== 1)
      throw fail('BAD_OPTION', what, `monotonicCst['${features[place]?.name}']`, direction, '-1, 0 or 1')
    if (direction !== 0 && features[place]?.categories !== undefined)
      throw fail(
        'BAD_OPTION',
        what,
        `monotonicCst['${features[place]?.name}']`,
        direction,
        '0, since its values are categories, which do not rise',
      )
    directions[place] = direction
  }
  return directions.some((direction) => direction !== 0) ? directions : undefined
}

/** Sets of features that may meet on a path; undefined: all. */
export function allowedTogether(
  what: string,
  given: BoostingParams['interactionCst'],
  features: readonly Feature[],
): readonly ReadonlySet<number>[] | undefined {
  if (given === null) return undefined
  const all = [...features.keys()]
  if (given === 'noInteractions') return all.map((k) => new Set([k]))
  if (given === 'pairwise' && all.length > 1) return all.flatMap((a) => all.slice(a + 1).map((b) => new Set([a, b])))
  const sets = (given === 'pairwise' ? [] : given).map((set) => new Set(set.map((key) => placeOf(what, 'interactionCst', key, features))))
  const rest = all.filter((k) => !sets.some((set) => set.has(k)))
  return rest.length > 0 ? [...sets, new Set(rest)] : sets
}
