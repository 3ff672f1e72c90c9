/** How a study stands, for whoever shows it. */
import type { Clock } from '../../core/clock.ts'
import type { Driver, SharedProgress, Study, StudyProgress, WorkerProgress } from '../../hpo/index.ts'

export interface ProgressSources {
  /** How many there are or are to be. */
  readonly workers: () => number
  /** Why some have no place yet. */
  readonly waiting: () => string | undefined
  readonly shared: () => SharedProgress | undefined
}

/** A function that tells how a study stands whenever it is asked. */
export function studyProgress(
  id: string,
  study: Study,
  driver: Driver,
  clock: Clock,
  { workers, waiting, shared }: ProgressSources,
): () => StudyProgress {
  const { ledger, settings } = study
  const began = clock.elapsed()
  const over = () => ledger.counts.finished + ledger.counts.pruned + ledger.counts.failed + ledger.counts.lost
  const before = over()
  const metric = settings.objectives[0]?.metric

  const workerAt = (rank: number): WorkerProgress => {
    const state = driver.workers.get(rank)
    if (!state) return { rank, state: 'starting', since: clock.elapsed() - began }
    const since = clock.elapsed() - state.since
    const { trial } = state
    const { node } = state.worker
    const who = { rank, ...(node !== undefined && { node }) }
    if (!trial) return { ...who, state: 'idle', since }
    const report = trial.reports.at(-1)
    const value = metric === undefined ? undefined : report?.metrics[metric]
    return {
      ...who,
      state: 'working',
      trial: trial.number,
      since,
      ...(report && { step: report.step }),
      ...(value !== undefined && { value }),
    }
  }

  return () => {
    const elapsed = clock.elapsed() - began
    const { best, counts } = ledger
    const { timeout } = settings.wanted
    const trials = study.wanted
    const done = over() - before
    const together = shared()
    const why = (together ?? driver).waiting ?? waiting()
    const etas = [
      ...(together ? [together.eta ?? []].flat() : trials !== undefined && done > 0 ? [((trials - over()) * elapsed) / done] : []),
      ...(timeout !== undefined ? [timeout * 1000 - elapsed] : []),
    ]
    return {
      id,
      counts,
      wanted: { ...(trials !== undefined && { trials }), ...(timeout !== undefined && { timeout }) },
      objectives: settings.objectives,
      ...(best && { best: { number: best.number, assignment: best.assignment, metrics: best.metrics } }),
      workers: Array.from({ length: workers() }, (_, rank) => workerAt(rank)),
      elapsed,
      ...(etas.length > 0 && { eta: Math.max(0, Math.min(...etas)) }),
      ...(why !== undefined && { waiting: why }),
      ...(together && { shared: together }),
    }
  }
}
