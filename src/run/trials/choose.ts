/** Samplers and pruners as users name them. */
import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail, failBecause, messageOf, TuttiError } from '../../core/errors.ts'
import { build, type Spec } from '../../core/registry.ts'
import { type Pruner, pruners, type Sampler, samplers } from '../../hpo/index.ts'
import { resolveTutti } from '../resolve.ts'
import type { Chosen } from '../study.ts'

/** What was chosen, with the JSON form under which the study remembers it. */
export interface Choice<T> {
  readonly spec: Spec
  readonly value: T
}

/** @throws UNKNOWN_KIND, UNKNOWN_OPTION, BAD_OPTION, CUSTOM_MODULE */
export function chooseSampler(chosen: Chosen<Sampler>): Promise<Choice<Sampler>> {
  return choose('sampler', samplers, chosen)
}

/** @throws UNKNOWN_KIND, UNKNOWN_OPTION, BAD_OPTION, CUSTOM_MODULE */
export function choosePruner(chosen: Chosen<Pruner>): Promise<Choice<Pruner>> {
  return choose('pruner', pruners, chosen)
}

/** Whether the name is a pruner's: `--sampler asha` is taken as it is meant. */
export function isPruner(name: unknown): name is string {
  return typeof name === 'string' && Object.hasOwn(pruners, name) && name !== 'none'
}

async function choose<T extends Sampler | Pruner>(
  what: 'sampler' | 'pruner',
  registry: Readonly<Record<string, unknown>>,
  chosen: Chosen<T>,
): Promise<Choice<T>> {
  if (typeof chosen === 'string') {
    if (chosen.trimStart().startsWith('{')) return choose<T>(what, registry, parseSpec(what, chosen))
    if (/[/\\]|\.[mc]?[jt]s$/.test(chosen)) return load(what, chosen)
    return choose<T>(what, registry, { kind: chosen })
  }
  if ('begin' in chosen && typeof chosen.begin === 'function') {
    const value = chosen as T
    return { spec: { kind: 'custom', name: value.name }, value }
  }
  const spec = chosen as Spec
  if (spec.kind !== 'custom') return { spec, value: build<T>(what, registry, spec) }
  if (typeof spec.module !== 'string')
    throw fail('CUSTOM_MODULE', what, String(spec.name), 'it was given as an object, which only the program that made it has')
  return load(what, spec.module)
}

function parseSpec(what: string, text: string): Spec {
  try {
    const spec: unknown = JSON.parse(text)
    if (typeof spec === 'object' && spec !== null && 'kind' in spec && typeof spec.kind === 'string') return spec as Spec
  } catch {
    // Told below, like JSON of another form.
  }
  throw fail('CLI_VALUE', `--${what}`, text, 'a name, a module, or JSON such as {"kind":"tpe"}')
}

/** A module whose default export is the thing itself, or a function that makes it. */
async function load<T extends Sampler | Pruner>(what: string, path: string): Promise<Choice<T>> {
  const file = isAbsolute(path) ? path : resolve(path)
  if (!existsSync(file)) throw fail('CUSTOM_MODULE', what, path, 'there is no such file')
  resolveTutti()
  try {
    const module = await import(pathToFileURL(file).href)
    const value = typeof module.default === 'function' ? module.default() : module.default
    if (typeof value?.begin !== 'function' || typeof value.name !== 'string')
      throw fail('CUSTOM_MODULE', what, path, `its default export is no ${what}: { name, begin(facts, random) }`)
    return { spec: { kind: 'custom', name: value.name, module: file }, value }
  } catch (error) {
    throw error instanceof TuttiError ? error : failBecause(error, 'CUSTOM_MODULE', what, path, messageOf(error))
  }
}
