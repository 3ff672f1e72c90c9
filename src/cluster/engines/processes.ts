import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Duplex, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { checkOptions } from '../../core/registry.ts'
import type { ClusterEngine, WorkerHandle } from '../engine.ts'
import { environmentOf, type WorkerEnvironment } from '../worker/environment.ts'
import { specText } from '../worker/spec.ts'

/**
 * Each worker is a process of its own: it may crash, run out of memory, freeze or be killed, and nobody else is hurt. It dies
 * with the driver, however the driver ends.
 */
export function processes(options: WorkerEnvironment = {}): ClusterEngine {
  checkOptions('the engine processes', options, ['environment'])
  return {
    name: 'processes',
    summary: 'a process for each worker',
    parallel: true,
    launch(spec): WorkerHandle {
      const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
      const child = spawn(process.execPath, [fileURLToPath(new URL(`../worker/process.${ending}`, import.meta.url))], {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        env: environmentOf(options),
      })
      const [, stdout, stderr, line] = (child.stdio ?? []) as unknown as [null?, Readable?, Readable?, Duplex?]
      // A child that is gone already: its exit tells why.
      line?.on('error', () => undefined)
      line?.write(specText(spec))
      let gone = false
      const exit = new Promise<string>((resolve) => {
        child.on('error', (error) => resolve(`it could not be started: ${error.message}`))
        child.on('exit', (code, signal) => {
          gone = true
          const reason = signal ?? `exit code ${code}`
          // What it wrote last is still on its way, unless a child of its own keeps the pipe open.
          child.once('close', () => resolve(reason))
          setTimeout(() => resolve(reason), 200).unref()
        })
      })
      return {
        title: `process ${child.pid}`,
        pid: child.pid,
        exit,
        stop: () => void child.kill('SIGTERM'),
        kill: () => void child.kill('SIGKILL'),
        memory: () => (gone || child.pid === undefined ? undefined : residentMemory(child.pid)),
        onOutput(callback) {
          for (const stream of [stdout, stderr]) stream?.setEncoding('utf8').on('data', callback)
        },
        onLife: (callback) => void line?.on('data', callback),
      }
    },
  }
}

/** Bytes, where /proc tells. */
function residentMemory(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
