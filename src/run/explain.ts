import { fail, messageOf, TuttiError } from '../core/errors.ts'
import { whereOf } from './where.ts'

/** A mistake that tutti names is a sentence already; what the user's own code threw is told with its line. */
export function explain(error: unknown): { code?: string; message: string } {
  if (error instanceof TuttiError) return { code: error.code, message: error.message }
  const where = whereOf(error)
  const { code, message } = fail('USER_CODE', where ?? (error instanceof Error ? error.name : 'The training function'), messageOf(error))
  return { code, message }
}
