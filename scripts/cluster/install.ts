/** Ray from its pip package, into a virtual environment that git ignores. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Trouble } from './trouble.ts'

const root = join(import.meta.dirname, '../..')
const requirements = join(root, 'scripts/requirements-ray.txt')

export interface Installed {
  /** Its interpreter. */
  readonly python: string
  /** Folder of its programs. */
  readonly bin: string
}

/**
 * Installs what `scripts/requirements-ray.txt` names, unless that was done already: about a minute, and a gigabyte on the disk.
 *
 * @throws Trouble when there is no python3, or pip fails
 */
export async function installRay(progress: (text: string) => void = () => {}, folder = join(root, '.cache/ray')): Promise<Installed> {
  const bin = join(folder, 'bin')
  const installed = { python: join(bin, 'python'), bin }
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  const marker = join(folder, 'installed')
  if (existsSync(join(bin, 'ray')) && existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return installed
  progress('Installing Ray with pip; this is done once and takes about a minute.')
  mkdirSync(dirname(folder), { recursive: true })
  if (!existsSync(installed.python)) {
    const made = await run('python3', ['-m', 'venv', folder])
    if (made === 'missing')
      throw new Trouble(
        'There is no python3 on PATH, and Ray is a Python package. Install Python 3.10 or later (Debian: apt-get install python3 python3-venv).',
      )
    if (made !== undefined) {
      // Half an environment would be taken for a whole one.
      rmSync(folder, { recursive: true, force: true })
      throw new Trouble(`python3 could not make a virtual environment in ${folder} (Debian: apt-get install python3-venv):\n${made}`)
    }
  }
  const failed = await run(installed.python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  if (failed !== undefined) throw new Trouble(`pip could not install what ${requirements} names:\n${failed}`)
  writeFileSync(marker, wanted)
  return installed
}

/** Undefined when all went well, else its last lines; 'missing' when there is no such program. */
async function run(command: string, args: readonly string[]): Promise<string | undefined> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-20_000)))
  try {
    const [code, signal] = await once(child, 'close')
    return code === 0 ? undefined : [...said.trim().split('\n').slice(-8), `(${signal ?? `exit code ${code}`})`].join('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
    throw error
  }
}
