import { engines } from '../../cluster/index.ts'
import { fail } from '../../core/errors.ts'
import type { StudyJob } from '../study.ts'

/** Where the trials of a job run, and on how many workers. @throws UNKNOWN_KIND, ENGINE_NEEDS_FILE, BAD_OPTION */
export function engineOf({ engine, workers, file, threads = 1 }: StudyJob, cores: number): { engine: string; workers: number } {
  const kind = engine ?? (file === undefined ? 'inline' : 'processes')
  if (!Object.hasOwn(engines, kind)) throw fail('UNKNOWN_KIND', 'engine', kind, Object.keys(engines))
  if (kind === 'inline') {
    if ((workers ?? 1) > 1)
      throw fail('BAD_OPTION', 'engine inline', 'workers', workers, '1: it runs trials in this process, one after another')
    return { engine: kind, workers: 1 }
  }
  // A function cannot travel to another thread or process, a file can.
  if (file === undefined) throw fail('ENGINE_NEEDS_FILE', kind)
  return { engine: kind, workers: workers ?? Math.max(1, Math.floor(cores / threads)) }
}
