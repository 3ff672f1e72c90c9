/** What commands are handed: nothing in this room reaches for the real terminal, process or clock. */
import type { Clock } from '../core/clock.ts'
import type { Terminal } from '../core/console.ts'
import type { Host } from '../core/process.ts'

export interface Context {
  readonly terminal: Terminal
  readonly host: Host
  readonly clock: Clock
  /** How people call this program: 'tutti' or 'npx tutti'. */
  readonly program: string
  /** Shows stacks. */
  readonly debug: boolean
}
