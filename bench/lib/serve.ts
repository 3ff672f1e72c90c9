/** The measured program's side: answers commands from stdin, one JSON line each. */
import { createInterface } from 'node:readline'
import type { Command } from './workload.ts'

type Answer = object
export type Handlers = { [K in Command['do']]: (command: Extract<Command, { do: K }>) => Answer | Promise<Answer> }

/** Serves until stdin closes. An error is an answer too: a peer that lacks an operator says so and lives on. */
export async function serve(handlers: Omit<Handlers, 'memory'>): Promise<void> {
  const all: Handlers = { ...handlers, memory: () => ({ peak: process.resourceUsage().maxRSS / 1024 }) }
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as Command
    const answer = await Promise.resolve()
      .then(() => all[command.do](command as never))
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error), stack: (error as Error)?.stack }))
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
  process.exit(0)
}

/** Times steps one by one, after some that are not measured. */
export async function timeSteps(count: number, warm: number, step: () => Promise<unknown>): Promise<number[]> {
  for (let i = 0; i < warm; i++) await step()
  const times: number[] = []
  let last = performance.now()
  for (let i = 0; i < count; i++) {
    await step()
    const now = performance.now()
    times.push(now - last)
    last = now
  }
  return times
}
