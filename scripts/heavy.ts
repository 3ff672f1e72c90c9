/**
 * The tests that need real data sets, Python or a browser: `npm run test:heavy -- --data-dir DIR`. Installs what they need into
 * `.cache/python` first, and Chromium from Debian where it may. Anything missing is a failure: in CI nothing may be skipped.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findChromium } from '../tests/heavy/chromium.ts'

const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } } })
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
run(process.execPath, ['--test', '--test-concurrency=1', 'tests/heavy/**/*.test.ts'], {
  TUTTI_DATA: dataDir,
  TUTTI_PYTHON: resolve(python, 'bin/python'),
})

/** The tests that need it say how to get it. */
function hasChromium(): boolean {
  try {
    findChromium()
    return true
  } catch {
    return false
  }
}

function run(command: string, args: string[], env: Record<string, string> = {}): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (error) stop(`${command} could not be started: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

function stop(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}
