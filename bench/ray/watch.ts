/** Which processes of a Ray cluster are there because of us. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningCluster, Seen } from '../../scripts/cluster/index.ts'

export interface Watch {
  /** Those that came since. */
  ours(): Seen[]
  /** How many of those are Node. */
  workers(): number
  /** Waits until there is none, and gives when that was, as of `performance.now()`, and what was the last to go. @throws Error after a minute */
  untilGone(): Promise<{ readonly at: number; readonly last: string }>
}

/**
 * From now on: all that comes is ours but for Ray's own stock of Python processes, which it fills up by itself. A process of that
 * stock that becomes an actor of ours changes its title, and is ours from then on.
 */
export function watchOver(cluster: RunningCluster): Watch {
  const keyOf = ({ pid, start }: Seen) => `${pid} ${start}`
  const before = new Map(cluster.processes().map((one) => [keyOf(one), one.name]))
  const ours = () =>
    cluster.processes().filter((one) => {
      if (before.get(keyOf(one)) === one.name) return false
      const command = commandOf(one.pid)
      return command !== '' && !/^ray::IDLE|default_worker\.py/.test(command)
    })
  return {
    ours,
    workers: () => ours().filter(({ pid }) => /^\S*\bnode /.test(commandOf(pid))).length,
    async untilGone() {
      const began = performance.now()
      let last = 'nothing'
      for (;;) {
        const left = ours()
        if (left.length === 0) return { at: performance.now(), last }
        last = left.map(({ pid, name }) => `${name} (${commandOf(pid).slice(0, 60)})`).join(', ')
        if (performance.now() - began > 60_000) throw new Error(`still there after a minute: ${last}`)
        await sleep(20)
      }
    },
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}
