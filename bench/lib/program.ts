/** The measuring side of a long-lived child process that speaks JSON lines. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Command, EpochTime, Prepared, Steps } from './workload.ts'

/** How a program is started. */
export interface ProgramSpec {
  /** 'tutti', 'pytorch', 'tfjs-wasm', ... */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Program {
  readonly name: string
  /** Sends a command and waits for its answer. @throws when the program answers with an error, dies, or takes too long. */
  ask(command: Extract<Command, { do: 'prepare' }>): Promise<Prepared>
  ask(command: Extract<Command, { do: 'steps' }>): Promise<Steps>
  ask(command: Extract<Command, { do: 'losses' }>): Promise<{ readonly losses: readonly number[] }>
  ask(command: Extract<Command, { do: 'epoch' }>): Promise<EpochTime>
  ask(command: { readonly do: 'memory' }): Promise<{ readonly peak: number }>
  close(): Promise<void>
}

/** No single command of any workload takes this long; a program that does is stuck. */
const patience = 240_000

export function start({ name, command, args, env }: ProgramSpec): Program {
  const child: ChildProcessWithoutNullStreams = spawn(command, [...args], { env: { ...process.env, ...env } })
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = []
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000)
  })
  const ended = new Promise<void>((resolve) => {
    const fail = (why: string) => {
      for (const { reject } of waiting.splice(0)) reject(new Error(`${name} ${why}. ${lastLines(errors)}`))
      resolve()
    }
    child.on('error', (error) => fail(`did not start: ${error.message}`))
    child.on('close', (code, signal) => fail(`ended with ${signal ?? `code ${code}`}`))
  })
  // Libraries print what they like; only lines of JSON are answers.
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) waiting.shift()?.resolve(line)
  })
  child.stdin.on('error', () => undefined)

  return {
    name,
    async ask(request: Command) {
      if (child.exitCode !== null) throw new Error(`${name} has ended. ${lastLines(errors)}`)
      const line = await new Promise<string>((resolve, reject) => {
        const timer = setTimeout(() => {
          child.kill('SIGKILL')
          reject(new Error(`${name} gave no answer to '${request.do}' within ${patience / 1000} s`))
        }, patience)
        const settled =
          <T>(pass: (value: T) => void) =>
          (value: T) => {
            clearTimeout(timer)
            pass(value)
          }
        waiting.push({ resolve: settled(resolve), reject: settled(reject) })
        child.stdin.write(`${JSON.stringify(request)}\n`)
      })
      const answer = JSON.parse(line) as { error?: string; stack?: string }
      if (answer.error !== undefined) throw new Error(answer.error, { cause: answer.stack })
      // biome-ignore lint/suspicious/noExplicitAny: the overloads above say what each command is answered with
      return answer as any
    },
    async close() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
      await ended
      clearTimeout(timer)
    },
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ')
}
