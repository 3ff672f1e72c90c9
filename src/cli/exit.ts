/** Exit codes; docs/reference/cli.md lists them for people. */
import { TuttiError } from '../core/errors.ts'

export const exit = {
  ok: 0,
  /** The training, the data, the store or a file was wrong. */
  failed: 1,
  /** The command line was wrong: nothing was done. */
  usage: 2,
  /** Ctrl-C: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const

export function exitCodeOf(error: unknown): number {
  const usage = error instanceof TuttiError && (/^(CLI|CONFIG)_/.test(error.code) || error.code === 'RESUME_SETTINGS')
  return usage ? exit.usage : exit.failed
}
