/** Help, made from the commands' own data. */
import { version } from '../core/version.ts'
import { type Command, common, flagOf, type Option, type Options } from './command.ts'

export function versionLine(): string {
  return `tutti ${version}\n`
}

export function overview(commands: readonly Command[], program: string): string {
  return `tutti ${version}: machine learning that is written once and runs everywhere.

Usage: ${program} COMMAND [options]

${columns([...commands.map(({ name, summary }) => [name, summary] as const), ['help', 'Explain a command: tutti help train']])}

Begin with: ${program} train examples/01-mnist/train.ts --set source=digits
`
}

export function helpOf(command: Command, program: string): string {
  const { usage, summary, options, details } = command
  const lines = usage.map((form, i) => `${i === 0 ? 'Usage: ' : '       '}${program} ${form}`)
  return `${lines.join('\n')}

${summary}.${details === undefined ? '' : `\n\n${details}`}

${columns(Object.entries({ ...options, ...common } as Options).map(([name, option]) => [labelOf(name, option), option.summary] as const))}
`
}

function labelOf(name: string, { type, value }: Option): string {
  const what = type === 'flag' ? '' : type === 'settings' ? ' KEY=VALUE' : ` ${value ?? (type === 'whole' ? 'N' : 'TEXT')}`
  return `${flagOf(name)}${what}`
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`).join('\n')
}
