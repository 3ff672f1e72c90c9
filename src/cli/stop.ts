/** Ctrl-C: the first asks a run to stop, the second ends the process. */
import type { Clock } from '../core/clock.ts'
import { fail } from '../core/errors.ts'
import type { Host, StopSignal } from '../core/process.ts'
import { exit } from './exit.ts'

/** A terminal, npm and the launcher may each pass the same Ctrl-C on; no finger is as fast as that. */
const samePress = 400

export interface Stopper extends Disposable {
  readonly signal: AbortSignal
  /** The exit code for a run that was stopped. */
  exitCode(): number
}

/** Listens until it is disposed. `asked` is called when the run has been asked to stop. */
export function stopper(host: Host, clock: Clock, asked: () => void): Stopper {
  const controller = new AbortController()
  let first: { signal: StopSignal; at: number } | undefined
  const listening = host.onStop((signal) => {
    if (!first) {
      first = { signal, at: clock.elapsed() }
      asked()
      controller.abort(fail('INTERRUPTED'))
    } else if (clock.elapsed() - first.at > samePress) host.exit(codeOf(signal))
  })
  return {
    signal: controller.signal,
    exitCode: () => codeOf(first?.signal ?? 'SIGINT'),
    [Symbol.dispose]: () => listening.stop(),
  }
}

function codeOf(signal: StopSignal): number {
  return signal === 'SIGTERM' ? exit.terminated : exit.interrupted
}
