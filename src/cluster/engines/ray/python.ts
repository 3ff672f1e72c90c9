/** What of tutti runs in Python on the nodes, and how it is named to Ray. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Managers, hosts and probes: files by their name in a package. */
export function pythonFiles(): ReadonlyMap<string, Uint8Array> {
  const folder = fileURLToPath(new URL('./python/tutti_ray/', import.meta.url))
  const names = readdirSync(folder).filter((name) => name.endsWith('.py'))
  return new Map(names.map((name) => [`tutti_ray/${name}`, readFileSync(join(folder, name))]))
}

/** Under which Ray keeps a package. */
export const packageOf = (hash: string): string => `_ray_pkg_${hash}.zip`

/** The command of a job; the shell is replaced, so that who stops the job reaches the program. */
export function entrypointOf(python: string, module: 'manager' | 'check'): string {
  const word = /^[\w./-]+$/.test(python) ? python : `'${python.replaceAll("'", `'\\''`)}'`
  return `exec ${word} -m tutti_ray.${module}`
}

/** Why a job ended, by what Ray says of it and by its log, which may not be whole yet. */
export function whyEnded(python: string, message: string, log: string): string {
  const [first = '', ...others] = message.trim().split('\n')
  // What a shell says of a program that is not there.
  if (/exit code 127\b/.test(first)) return `${python}: not found on its head; name another with 'ray.python' in tutti.config.ts`
  const last = log.trim().split('\n').at(-1) || others.at(-1)
  return [first, last].filter(Boolean).join('; ')
}
