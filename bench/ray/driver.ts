/** A driver of its own process, as people start it, that is stopped in the middle of a study. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningCluster } from '../../scripts/cluster/index.ts'
import { watchOver } from './watch.ts'

const root = join(import.meta.dirname, '../..')

export interface Stopped {
  /** Seconds from the signal until nothing of it was left on the cluster. */
  readonly gone: number
  /** Seconds until the driver itself was gone. */
  readonly driver: number
  readonly last: string
}

/** Sends it a signal while trials that do nothing run on so many workers. */
export async function stopDriver(cluster: RunningCluster, workers: number, signal: NodeJS.Signals): Promise<Stopped> {
  const store = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  const watch = watchOver(cluster)
  const child = spawn(
    process.execPath,
    [
      ...[join(root, 'bin/tutti.js'), 'tune', join(root, 'bench/studies/trivial.ts'), '--engine', 'ray', '--ray-address', cluster.address],
      ...['--workers', String(workers), '--sampler', 'random', '--pruner', 'none', '--trials', '1000000', '--store', store, '--quiet'],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-5000)))
  const exit = once(child, 'exit')
  try {
    const until = performance.now() + 60_000
    while (watch.workers() < workers) {
      if (child.exitCode !== null || performance.now() > until) throw new Error(`the driver did not come to ${workers} workers: ${said}`)
      await sleep(50)
    }
    // Trials are on their way then.
    await sleep(2000)
    const asked = performance.now()
    child.kill(signal)
    const driver = exit.then(() => (performance.now() - asked) / 1000)
    const { at, last } = await watch.untilGone()
    return { gone: (at - asked) / 1000, driver: await driver, last }
  } finally {
    child.kill('SIGKILL')
    await exit
    rmSync(store, { recursive: true, force: true })
  }
}
