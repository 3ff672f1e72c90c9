import { Worker } from 'node:worker_threads'
import { messageOf } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { ClusterEngine, WorkerHandle } from '../engine.ts'
import { environmentOf, type WorkerEnvironment } from '../worker/environment.ts'
import { specText } from '../worker/spec.ts'

/**
 * Each worker is a thread of the driver's process: quick to start and light, but a crash of native code ends the whole
 * process, and a frozen thread cannot be told from a busy one.
 */
export function threads(options: WorkerEnvironment = {}): ClusterEngine {
  checkOptions('the engine threads', options, ['environment'])
  return {
    name: 'threads',
    summary: "a thread of the driver's process for each worker",
    parallel: true,
    launch(spec): WorkerHandle {
      const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
      const thread = new Worker(new URL(`../worker/thread.${ending}`, import.meta.url), {
        workerData: specText(spec),
        env: environmentOf(options),
        stdout: true,
        stderr: true,
      })
      const id = thread.threadId
      const exit = new Promise<string>((resolve) => {
        let reason: string | undefined
        thread.on('error', (error) => {
          reason = error instanceof Error && !/^(Tutti)?Error$/.test(error.name) ? `${error.name}: ${error.message}` : messageOf(error)
        })
        thread.on('exit', (code) => resolve(reason ?? `exit code ${code}`))
      })
      return {
        title: `thread ${id}`,
        exit,
        stop: () => thread.postMessage('stop'),
        kill: () => void thread.terminate(),
        memory: () => undefined,
        onOutput(callback) {
          for (const stream of [thread.stdout, thread.stderr]) stream.setEncoding('utf8').on('data', callback)
        },
      }
    },
  }
}
