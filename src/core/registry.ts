/**
 * A registry is a module: one `export { tpe } from './tpe.ts'` per entry, read as a namespace. Its JSON form is derived
 * from it, so nothing is listed twice; a wrong kind or option does not compile, and is refused at run time.
 */
import { fail } from './errors.ts'

/** A module of factories, each taking at most one object of options. */
export type Registry<T> = Readonly<Record<string, (options?: never) => T>>

/** JSON form of one registry entry: `{ kind: 'topk', ratio: 0.01 }`. */
export type SpecOf<R extends Record<string, (options?: never) => unknown>> = {
  [K in keyof R & string]: { readonly kind: K } & OptionsOf<Parameters<R[K]>>
}[keyof R & string]

/** A type of its own: written in its place, the compiler takes the options of all entries together, which nothing has. */
type OptionsOf<P extends readonly unknown[]> = P extends [] ? unknown : NonNullable<P[0]>

/** Any entry's JSON form, before it is known to be one. */
export type Spec = { readonly kind: string; readonly [option: string]: unknown }

/**
 * Builds an entry from its JSON form. The kind is looked up as an own property, so `__proto__` is unknown.
 *
 * @example `build('optimizer', optimizers, { kind: 'adam', learningRate: 1e-3 })`
 */
export function build<T>(what: string, registry: Readonly<Record<string, unknown>>, spec: Spec): T {
  const { kind, ...options } = spec
  const make = Object.hasOwn(registry, kind) ? registry[kind] : undefined
  if (typeof make !== 'function') throw fail('UNKNOWN_KIND', what, kind, Object.keys(registry))
  return make(options) as T
}

/** Refuses options whose name is not known, naming the nearest ones. */
export function checkOptions(what: string, options: object | undefined, known: readonly string[]): void {
  for (const option of Object.keys(options ?? {})) {
    if (!known.includes(option)) throw fail('UNKNOWN_OPTION', what, option, known)
  }
}
