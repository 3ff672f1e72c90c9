/** Makes `import ... from 'tutti'` mean this package, in files anywhere on disk. */
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

let registered = false

/** The user's own files that were loaded, the latest last: where to look for a mistake that V8 does not locate. */
export const loadedFiles: string[] = []

/** From now on, in this process and thread. */
export function resolveTutti(): void {
  if (registered) return
  registered = true
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const own = new URL('../', import.meta.url).href
  const doors: Readonly<Record<string, string>> = {
    tutti: new URL(`../index.${ending}`, import.meta.url).href,
    'tutti/testing': new URL(`../testing.${ending}`, import.meta.url).href,
  }
  registerHooks({
    resolve(specifier, context, next) {
      const door = Object.hasOwn(doors, specifier) ? doors[specifier] : undefined
      return door === undefined ? next(specifier, context) : { url: door, shortCircuit: true }
    },
    load(url, context, next) {
      if (url.startsWith('file:') && !url.includes('/node_modules/') && !url.startsWith(own)) loadedFiles.push(fileURLToPath(url))
      // A .ts file with no package.json round it has no format: said here, Node neither guesses nor warns.
      const typeless = url.startsWith('file:') && /\.ts(\?|$)/.test(url) && !context.format?.startsWith('module')
      return next(url, typeless && context.format !== 'commonjs-typescript' ? { ...context, format: 'module-typescript' } : context)
    },
  })
}
