/** Mistakes, told. */
import { messageOf, TuttiError } from '../core/errors.ts'
import { whereOf } from '../run/index.ts'
import type { Context } from './context.ts'
import { styleOf } from './display/style.ts'

/** An error as people read it: one sentence; what nobody foresaw with the line it came from; the stack for who asks. */
export function tell(error: unknown, { terminal, debug }: Pick<Context, 'terminal' | 'debug'>): void {
  const { red, dim } = styleOf(terminal.color)
  const foreseen = error instanceof TuttiError
  const where = foreseen ? undefined : whereOf(error)
  terminal.err(`${red('error')} ${where === undefined ? '' : `${where}: `}${messageOf(error)}${foreseen ? dim(` [${error.code}]`) : ''}\n`)
  if (debug) for (let at: unknown = error; at instanceof Error; at = at.cause) terminal.err(`${dim(at.stack ?? '')}\n`)
  else if (!foreseen) terminal.err(`${dim('Run it again with --debug to see the stack.')}\n`)
}
