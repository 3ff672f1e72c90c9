/** What surrounds a program: environment, processors, signals. Commands get it handed in, so tests can make their own. */
import { availableParallelism } from 'node:os'

export type StopSignal = 'SIGINT' | 'SIGTERM'

export interface Host {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Processors this process may use. */
  readonly cores: number
  /** Calls back at every signal that asks the process to end, which it then does not do by itself, until stopped. */
  onStop(callback: (signal: StopSignal) => void): { stop(): void }
  /** Ends the process at once, without another word. */
  exit(code: number): void
}

export const processHost: Host = {
  environment: process.env,
  get cores() {
    return availableParallelism()
  },
  onStop(callback) {
    const signals: StopSignal[] = ['SIGINT', 'SIGTERM']
    for (const signal of signals) process.on(signal, callback)
    return {
      stop: () => {
        for (const signal of signals) process.off(signal, callback)
      },
    }
  },
  exit: (code) => process.exit(code),
}

/** A host for tests: nothing of the real process, and signals sent by hand. */
export function memoryHost(options: { environment?: Record<string, string | undefined>; cores?: number } = {}): Host & {
  send(signal: StopSignal): void
  exited: number | undefined
} {
  const listeners = new Set<(signal: StopSignal) => void>()
  return {
    environment: options.environment ?? {},
    cores: options.cores ?? 2,
    exited: undefined,
    onStop(callback) {
      listeners.add(callback)
      return { stop: () => void listeners.delete(callback) }
    },
    exit(code) {
      this.exited ??= code
    },
    send(signal) {
      for (const listener of [...listeners]) listener(signal)
    },
  }
}
