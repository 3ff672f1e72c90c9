/** Where files of the driver's machine lie on the worker's. */
import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Places, WorkerHost } from '../engine.ts'

export function placeOf(places: Places | undefined): WorkerHost['place'] {
  if (!places) return async (path) => path
  const { cwd, copies } = places
  return async (path) => {
    const there = resolve(cwd, path)
    for (const [from, to] of copies) {
      const inside = relative(from, there)
      if (inside === '' || !(inside.startsWith('..') || isAbsolute(inside))) return join(to, inside)
    }
    return there
  }
}
