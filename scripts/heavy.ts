/**
 * The tests that need real data sets, Python or a browser: `npm run test:heavy -- --data-dir DIR [FILE...]`. Installs what they need into
 * `.cache/python` first, and Chromium from Debian where it may. Anything missing is a failure: in CI nothing may be skipped. One file
 * after the other, each ended at a limit: a test that hangs fails alone, and by name.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findChromium } from '../tests/heavy/chromium.ts'

/** Milliseconds that a file, and one test of it, may take: several times what the longest takes on a busy machine. */
const fileLimit = 25 * 60_000
const testLimit = 20 * 60_000

const { values, positionals } = read()
const dataDir = resolve(values['data-dir'] ?? process.env.TUTTI_DATA ?? '')
if (!values['data-dir'] && !process.env.TUTTI_DATA) stop('Give the folder of the data sets: --data-dir DIR or TUTTI_DATA.')
if (!existsSync(resolve(dataDir, 'mnist'))) stop(`The data sets are not in ${dataDir}: it has no folder 'mnist'.`)

const root = resolve(import.meta.dirname, '..')
const python = resolve(root, '.cache/python')
if (!existsSync(resolve(python, 'bin/python'))) run('python3', ['-m', 'venv', python])
run(resolve(python, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '-r', resolve(root, 'scripts/requirements.txt')])
if (!hasChromium() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  run('apt-get', ['update', '-qq'])
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
}
const files = positionals.length > 0 ? positionals : globSync('tests/heavy/**/*.test.ts', { cwd: root }).sort()
const failed = files.filter((file) => !passes(file))
process.stdout.write(`\n${files.length - failed.length} of ${files.length} files of heavy tests passed\n`)
for (const file of failed) process.stdout.write(`  failed: ${file}\n`)
process.exitCode = failed.length > 0 ? 1 : 0

function passes(file: string): boolean {
  process.stdout.write(`\n${file}\n`)
  const { status, signal, error } = spawnSync(process.execPath, ['--test', `--test-timeout=${testLimit}`, file], {
    ...{ cwd: root, stdio: 'inherit', timeout: fileLimit },
    env: { ...process.env, TUTTI_DATA: dataDir, TUTTI_PYTHON: resolve(python, 'bin/python') },
  })
  if (error) process.stdout.write(`${file} was ended: ${error.message}\n`)
  // Interrupted by hand: the rest is not wanted either.
  if (signal === 'SIGINT') process.exit(130)
  return status === 0
}

function read() {
  try {
    return parseArgs({ options: { 'data-dir': { type: 'string' } }, allowPositionals: true })
  } catch (error) {
    return stop(`${(error as Error).message} Known: --data-dir DIR [FILE...]`)
  }
}

/** The tests that need it say how to get it. */
function hasChromium(): boolean {
  try {
    findChromium()
    return true
  } catch {
    return false
  }
}

function run(command: string, args: string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) stop(`${command} could not be started: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

function stop(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}
