/** What a measurement depends on besides the code that is measured. */
import { execFileSync } from 'node:child_process'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'

export interface Facts {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memory: string
  readonly os: string
  readonly node: string
  readonly commit: string
  /** Processes that wanted a core in the minute before; 0 on an idle machine. */
  readonly load: number
}

export function facts(): Facts {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    os: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    commit: commit(),
    load: loadavg()[0] as number,
  }
}

/** `+` after the commit: there are changes that are not in it. */
function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    return git('rev-parse', '--short', 'HEAD').trim() + (git('status', '--porcelain', '--', '../../src', '..').trim() === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}
