/** What a run's result may depend on besides its configuration: the machine, the versions, the state of the code. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import type { Config } from './store.ts'

/**
 * The facts, plain data: `{ os, cpu, cores, memory (bytes), node, packages, git? }`.
 *
 * @param cwd the training file's folder; `git` (`{ commit, branch, dirty }`) is of the repository around it, if there is one.
 */
export async function systemFacts({ cwd = '.' }: { cwd?: string } = {}): Promise<Config> {
  const git = await gitFacts(cwd)
  return {
    os: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    node: process.version,
    packages: packageVersions(),
    ...(git && { git }),
  }
}

async function gitFacts(cwd: string): Promise<Config | undefined> {
  // Without optional locks, looking does not disturb a git command that runs beside it.
  const options = { cwd, timeout: 10_000, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' }, maxBuffer: 64 * 1024 * 1024 }
  const git = (...args: string[]) =>
    new Promise<string | undefined>((resolve) => {
      execFile('git', args, options, (error, output) => resolve(error ? undefined : output.trim()))
    })
  const [commit, branch, changes] = await Promise.all([
    git('rev-parse', '--verify', 'HEAD'),
    git('rev-parse', '--abbrev-ref', 'HEAD'),
    git('status', '--porcelain', '--', '.'),
  ])
  if (commit === undefined) return undefined
  return { commit, branch, dirty: changes === undefined ? null : changes !== '' }
}

/** Tutti's own version, and those of the packages it stands on. */
function packageVersions(): Record<string, string> {
  const own = manifestOf('.', import.meta.url)
  const versions: Record<string, string> = { tutti: own.version ?? 'unknown' }
  for (const name of Object.keys(own.dependencies ?? {})) {
    const { version } = manifestOf(name, import.meta.url)
    if (version !== undefined) versions[name] = version
  }
  return versions
}

function manifestOf(specifier: string, base: string): { version?: string; dependencies?: Record<string, string> } {
  try {
    const path = findPackageJSON(specifier, base)
    return path === undefined ? {} : JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}
