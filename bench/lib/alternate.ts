/** Measures programs against each other: A B C A B C ..., so that whatever else the machine does falls on all of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Program, type ProgramSpec, start } from './program.ts'
import { mean, median } from './statistics.ts'
import type { Prepared, Workload } from './workload.ts'

export interface Pace {
  /** Turns of each program. */
  readonly rounds: number
  /** Milliseconds of measured steps in a turn; one step at least. */
  readonly turn: number
  /** Milliseconds a slow program may take in all turns together: it gets fewer of them. */
  readonly limit: number
}

export interface Measured {
  readonly name: string
  readonly prepared: Prepared
  /** Milliseconds a step took, mean over a turn's steps: what is paid only now and then, such as collecting garbage, counts. */
  readonly turns: readonly number[]
  /** The same inside the numeric library, by part. */
  readonly inside: Readonly<Record<string, readonly number[]>>
  /** Losses of the first steps from the same weights on the same batch. */
  readonly losses: readonly number[] | undefined
  /** Megabytes the process held at most. */
  readonly peak: number
}

/** A program that cannot do the workload, and why. */
export interface Refused {
  readonly name: string
  readonly reason: string
}

interface Runner {
  readonly program: Program
  readonly prepared: Prepared
  readonly count: number
  readonly rounds: number
  readonly turns: number[]
  readonly inside: Record<string, number[]>
}

/** A program whose first step takes this long, and that compiles nothing, is measured by that one step. */
const hopeless = 15_000
/** Lets the threads of the program before go to sleep: they wait busily for some milliseconds. */
const pause = 100
const lossSteps = 4

/** All programs live at the same time; each that fails becomes a `Refused` and does not disturb the others. */
export async function alternate(
  specs: readonly ProgramSpec[],
  workload: Workload,
  threads: number,
  pace: Pace,
): Promise<{ measured: Measured[]; refused: Refused[] }> {
  const refused: Refused[] = []
  const runners: Runner[] = []
  const all: Program[] = []
  for (const spec of specs) {
    const program = start(spec)
    all.push(program)
    try {
      runners.push(await prepare(program, workload, threads, pace))
    } catch (error) {
      refused.push({ name: spec.name, reason: (error as Error).message })
    }
  }
  for (let round = 0; round < pace.rounds; round++) {
    for (const runner of [...runners]) {
      if (round >= runner.rounds) continue
      await sleep(pause)
      await turn(runner).catch((error: Error) => {
        refused.push({ name: runner.program.name, reason: error.message })
        runners.splice(runners.indexOf(runner), 1)
      })
    }
  }
  const measured: Measured[] = []
  for (const { program, prepared, turns, inside } of runners) {
    try {
      const { peak } = await program.ask({ do: 'memory' })
      const slow = median(turns) > 1500
      const losses = slow ? undefined : (await program.ask({ do: 'losses', count: lossSteps })).losses
      measured.push({ name: program.name, prepared, turns, inside, losses, peak })
    } catch (error) {
      refused.push({ name: program.name, reason: (error as Error).message })
    }
  }
  await Promise.all(all.map((program) => program.close()))
  return { measured, refused }
}

async function turn({ program, count, turns, inside }: Runner): Promise<void> {
  const warm = count > 1 ? Math.ceil(count / 10) : 0
  const answer = await program.ask({ do: 'steps', warm, count })
  turns.push(mean(answer.times))
  for (const [part, values] of Object.entries(answer.inside ?? {})) (inside[part] ??= []).push(mean(values))
}

async function prepare(program: Program, workload: Workload, threads: number, pace: Pace): Promise<Runner> {
  const prepared = await program.ask({ do: 'prepare', workload, threads })
  const runner = { program, prepared, inside: {} }
  if (prepared.firstStep > hopeless && !prepared.compiles) return { ...runner, count: 0, rounds: 0, turns: [prepared.firstStep] }
  const probe = await program.ask({ do: 'steps', warm: prepared.firstStep < 1000 ? 20 : 0, count: prepared.firstStep < 1000 ? 5 : 1 })
  const step = median(probe.times)
  const count = Math.max(1, Math.round(pace.turn / step))
  const rounds = Math.min(pace.rounds, Math.floor(pace.limit / (count * step)))
  return { ...runner, count, rounds, turns: rounds === 0 ? [step] : [] }
}
