/** The command line: finds the command, runs it, and tells mistakes in one sentence. */
import { realClock } from '../core/clock.ts'
import { processTerminal } from '../core/console.ts'
import { fail } from '../core/errors.ts'
import { processHost } from '../core/process.ts'
import { type Command, parse } from './command.ts'
import * as commands from './commands/index.ts'
import type { Context } from './context.ts'
import { exit, exitCodeOf } from './exit.ts'
import { helpOf, overview, versionLine } from './help.ts'
import { tell } from './tell.ts'

commands satisfies Record<string, Command>

/** Runs a command line in the real process; the promise is its exit code. */
export function runProcess(args: readonly string[], program = 'tutti'): Promise<number> {
  const debug = processHost.environment.TUTTI_DEBUG === '1'
  return main(args, { terminal: processTerminal, host: processHost, clock: realClock, program, debug })
}

/** Runs a command line; the promise is its exit code, and never fails. */
export async function main(args: readonly string[], surroundings: Context): Promise<number> {
  const context = { ...surroundings, debug: surroundings.debug || args.includes('--debug') }
  try {
    const [name, ...rest] = args.filter((arg, i) => i > 0 || arg !== '--debug')
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') return help(rest, context)
    if (name === '--version' || name === '-v') {
      context.terminal.out(versionLine())
      return exit.ok
    }
    const command = commandNamed(name)
    const input = parse(command, rest)
    if (input.options.help) return help([name], context)
    return await command.run(input, context)
  } catch (error) {
    tell(error, context)
    return exitCodeOf(error)
  }
}

function help([name]: readonly string[], { terminal, program }: Context): number {
  terminal.out(
    name === undefined || name.startsWith('-') ? overview(Object.values(commands), program) : helpOf(commandNamed(name), program),
  )
  return exit.ok
}

function commandNamed(name: string): Command {
  const found = Object.hasOwn(commands, name) ? (commands as Record<string, Command>)[name] : undefined
  if (!found) throw fail('CLI_COMMAND', name, [...Object.keys(commands), 'help'])
  return found
}
