/**
 * Installs what tutti is measured against, into folders beside this file that git ignores: `.venv` (PyTorch, with
 * python3 and pip) and `node_modules` (TensorFlow.js, jax-js). Versions are pinned in requirements.txt and package-lock.json.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { python } from '../lib/programs.ts'

const here = import.meta.dirname
let failed = false

run('JavaScript peers', 'npm', ['ci', '--ignore-scripts'])
if (!existsSync(python)) run('a Python environment', 'python3', ['-m', 'venv', '.venv'])
if (existsSync(python)) {
  process.stdout.write('PyTorch from pip is several gigabytes where it comes with its GPU libraries; only its CPU part is used.\n')
  run('Python peers', python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'])
}
process.stdout.write(failed ? 'Some peers are missing; benchmarks run without them.\n' : 'All peers are installed.\n')
process.exitCode = failed ? 1 : 0

function run(what: string, command: string, args: string[]): void {
  process.stdout.write(`Installing ${what}: ${command} ${args.join(' ')}\n`)
  // npm hands its own settings down; an inner npm must not take this package's folder for its own.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_(config_local_prefix|package_)/i.test(key)))
  const { status, error } = spawnSync(command, args, { cwd: here, stdio: 'inherit', env, shell: process.platform === 'win32' })
  if (status === 0) return
  failed = true
  process.stdout.write(`That failed (${error?.message ?? `exit code ${status}`}).\n`)
}
