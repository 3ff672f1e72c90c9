/** Training files: found, loaded, and refused with a sentence when they are not what they should be. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail, failBecause, messageOf, TuttiError } from '../core/errors.ts'
import { nearest } from '../core/suggest.ts'
import { isTraining, type Training } from '../train/index.ts'
import { loadedFiles, resolveTutti } from './resolve.ts'
import { shortPath, whereOf } from './where.ts'

/**
 * The definition a training file exports. In it, and in every file it imports, `import ... from 'tutti'` means this very
 * package, wherever the file is on disk.
 *
 * @param path absolute, or relative to the current folder.
 * @throws TRAINING_FILE_MISSING, TRAINING_FILE_SYNTAX (with file and line), TRAINING_FILE_IMPORT, TRAINING_FILE_THROWS (with
 * the line of the user's own code), TRAINING_FILE_EXPORT
 */
export async function loadTraining(path: string): Promise<Training> {
  const file = resolve(path)
  if (!existsSync(file) || statSync(file).isDirectory()) throw fail('TRAINING_FILE_MISSING', path, neighbours(file))
  const module = await loadModule(file)
  if (!Object.hasOwn(module, 'default')) {
    const others = Object.keys(module)
    throw fail(
      'TRAINING_FILE_EXPORT',
      shortPath(file),
      `has no default export${others.length > 0 ? ` (it exports ${others.join(', ')})` : ''}`,
    )
  }
  if (!isTraining(module.default)) throw fail('TRAINING_FILE_EXPORT', shortPath(file), 'has a default export that training() did not make')
  return module.default
}

/**
 * What a file of the user's exports, by its absolute path; loaded as a training file is.
 *
 * @throws TRAINING_FILE_SYNTAX, TRAINING_FILE_IMPORT, TRAINING_FILE_THROWS
 */
export async function loadModule(file: string): Promise<Record<string, unknown>> {
  resolveTutti()
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    throw explain(error, file)
  }
}

function explain(error: unknown, file: string): Error {
  if (error instanceof TuttiError) {
    const where = whereOf(error)
    return where === undefined ? error : failBecause(error, 'TRAINING_FILE_THROWS', where, error.message)
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    return failBecause(
      error,
      'TRAINING_FILE_IMPORT',
      importer(error) ?? shortPath(file),
      firstLine(messageOf(error)).replace(/ imported from .*$/, ''),
    )
  if (error instanceof SyntaxError || code?.includes('TYPESCRIPT') || code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return failBecause(
      error,
      'TRAINING_FILE_SYNTAX',
      placeIn((error as Error).stack ?? '') ?? placeByChecking() ?? shortPath(file),
      sentence(messageOf(error)),
    )
  return failBecause(error, 'TRAINING_FILE_THROWS', whereOf(error) ?? shortPath(file), messageOf(error))
}

/** V8 and the type stripper write 'file:line' above the offending line. */
function placeIn(stack: string): string | undefined {
  const found = /^(?:file:\/\/)?(\/.*|[A-Za-z]:\\.*):(\d+)$/m.exec(stack)
  return found ? `${shortPath(decodeURI(found[1] as string))}:${found[2]}` : undefined
}

/** Node keeps the line of some mistakes to itself, but `node --check` tells it; of TypeScript, once its types are gone. */
function placeByChecking(): string | undefined {
  for (const file of loadedFiles.slice(-10).reverse()) {
    const strip = `process.stdout.write(require('node:module').stripTypeScriptTypes(require('node:fs').readFileSync(0, 'utf8')))`
    const stripped = node(['--no-warnings', '--eval', strip], readFileSync(file, 'utf8'))
    const checked = stripped.status === 0 ? node(['--check', '--input-type=module', '-'], stripped.stdout) : stripped
    const line = /^\[stdin\]:(\d+)$/m.exec(checked.stderr)?.[1]
    if (line !== undefined) return `${shortPath(file)}:${line}`
  }
  return undefined
}

function node(args: readonly string[], input: string) {
  return spawnSync(process.execPath, args, { input, encoding: 'utf8' })
}

function importer(error: unknown): string | undefined {
  const found = / imported from (?:file:\/\/)?(.+)$/m.exec(messageOf(error))
  return found ? shortPath(found[1] as string) : undefined
}

function firstLine(text: string): string {
  return text.split('\n')[0] as string
}

function sentence(text: string): string {
  return firstLine(text.replace(/^\s*x\s+/m, ''))
    .trim()
    .replace(/\.$/, '')
}

/** Files of the same folder with nearly the same name. */
function neighbours(file: string): string[] {
  const folder = dirname(file)
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    if (existsSync(file))
      return readdirSync(file)
        .filter((name) => /^train\.[mc]?[jt]s$/.test(name))
        .map((name) => shortPath(join(file, name)))
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    return nearest(basename(file), names).map((name) => shortPath(join(folder, name)))
  } catch {
    return []
  }
}
