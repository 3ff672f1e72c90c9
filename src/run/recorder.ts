/** Writes what happens in a run to the store, and passes it on to whoever watches. */
import type { RunWriter } from '../store/index.ts'
import type { Metrics, Observer, Progress } from '../train/index.ts'
import type { Watcher } from './mode.ts'

/** Metrics a run records of itself are under this prefix, so that they never meet those that it reports. */
export const ownPrefix = 'train/'

/**
 * Reported metrics keep their key and step. Losses along the way are 'train/loss' and 'train/epochLoss' by batch; those of
 * a second fit in the same run are 'train2/...', since its batches count from 0 again.
 */
export function record(writer: RunWriter, watcher: Watcher): Observer {
  let prefix = ownPrefix
  let current: Progress | undefined
  return {
    report(step, metrics) {
      writer.metric(step, metrics)
      watcher.report(step, metrics)
    },
    curve(step, metrics) {
      const named: Record<string, number> = {}
      for (const key in metrics) named[prefix + key] = metrics[key] as number
      writer.metric(step, named)
      watcher.curve(step, metrics)
    },
    log(level, text) {
      writer.log(level, text)
      watcher.log(level, text)
    },
    progress(progress) {
      if (progress !== current) {
        current = progress
        prefix = progress.fit === 0 ? ownPrefix : `train${progress.fit + 1}/`
      }
      watcher.progress(progress)
    },
  }
}

/** Metrics that the training function reported, the last of each. */
export function reportedOf(points: readonly { key: string; value: number }[]): Metrics {
  return Object.fromEntries(points.filter(({ key }) => !/^train\d*\//.test(key)).map(({ key, value }) => [key, value]))
}
