/**
 * Components of your own: parts of a training file that an ablation can take away. What is taken away is ambient in a run, so
 * that the file needs no argument for it, and several runs may share a process.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { fail } from '../core/errors.ts'

/**
 * A part of your own that `tutti ablate` can take away: gives what `choose` gives, which is told whether the part is gone in
 * this run. Outside an ablation nothing is ever gone. Call it wherever `data`, `model`, `train` or a layer of theirs runs, with
 * one name for one part: letters, digits, '.', '_' and '-'.
 *
 * @throws COMPONENT_NAME
 * @example
 * ```ts
 * const images = component('augmentation', (without) => (without ? train : data.shiftImages(train)))
 * ```
 */
export function component<T>(name: string, choose: (without: boolean) => T): T {
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name)) throw fail('COMPONENT_NAME', String(name))
  return choose(current.getStore()?.meet(name) ?? false)
}

/**
 * Runs `body`, and whatever it awaits, without the components of these names; a name that ends in '*' means all that begin so.
 * Inside another such run, what is gone there stays gone. Each name that `component` is called with is added to `met`.
 */
export function runWithout<T>(without: ReadonlySet<string>, body: () => T, met?: Set<string>): T {
  const around = current.getStore()
  const prefixes = [...without].flatMap((name) => (name.endsWith('*') ? [name.slice(0, -1)] : []))
  const meet = (name: string) => {
    met?.add(name)
    const gone = around?.meet(name) === true
    return gone || without.has(name) || prefixes.some((prefix) => name.startsWith(prefix))
  }
  return current.run({ meet }, body)
}

interface Ablating {
  /** Whether the component of this name is gone. */
  meet(name: string): boolean
}

const current = new AsyncLocalStorage<Ablating>()
