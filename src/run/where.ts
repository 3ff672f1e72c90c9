/** Where in the user's own code something was thrown. */
import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder this package's code is in: src/ of a checkout, dist/ of what is published. */
const own = resolve(fileURLToPath(new URL('..', import.meta.url))) + sep
/** What starts it. */
const launcher = resolve(own, '../bin') + sep

/** 'train.ts:12' of the innermost call that is neither this package's, a dependency's nor Node's. */
export function whereOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  for (const line of (error.stack ?? '').split('\n')) {
    const found = /^\s+at (?:.*\(|async )?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(line)
    if (!found) continue
    const place = found[1] as string
    const path = place.startsWith('file:') ? fileURLToPath(place.replace(/\?.*$/, '')) : place
    if (path.startsWith(own) || path.startsWith(launcher) || path.includes(`${sep}node_modules${sep}`)) continue
    return `${shortPath(path)}:${found[2]}`
  }
  return undefined
}

/** Relative to the current folder where that is shorter to read. */
export function shortPath(path: string): string {
  const short = relative('.', path)
  return short === '' || short.startsWith(`..${sep}..`) ? path : short
}
