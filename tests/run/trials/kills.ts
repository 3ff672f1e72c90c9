/** Studies whose driver and workers are killed at random moments, and that are gone on with until they are finished. */
import assert from 'node:assert/strict'
import { random } from '../../../src/core/random.ts'
import { temporary } from '../place.ts'
import { placeIn, reportsOf, rest } from './program.ts'

export interface Kills {
  readonly drivers: number
  readonly workers: number
}

const common = ['--workers', '2', '--seed', '3', '--retries', '1000', '--set', 'epochs=5', '--set', 'pause=40']
const plain = ['--sampler', 'random', '--pruner', 'none', '--trials', '6']

export interface KillOptions {
  /** How many in one study; default 6. */
  readonly each?: number
  /** Instead of random points that run through, which are the same trials, bit by bit, whoever was killed. */
  readonly search?: readonly string[]
  /** Another training file, with all that it is run with: the same trials, bit by bit, whoever was killed. */
  readonly other?: { readonly file: string; readonly args: readonly string[]; readonly again: number }
  readonly tell?: (progress: string) => void
}

/** Kills so many processes in all, in as many studies as that takes. */
export async function killStudies(moments: number, seed: string, { each = 6, search, other, tell }: KillOptions = {}): Promise<Kills> {
  const chance = random(seed)
  const args = other ? [...other.args] : [...common, ...(search ?? plain)]
  const expected = search ? undefined : await undisturbed(args, other?.file)
  const kills = { drivers: 0, workers: 0 }
  while (kills.drivers + kills.workers < moments) {
    await using folder = await temporary()
    const place = await placeIn(folder, other?.file)
    let left = Math.min(each, moments - kills.drivers - kills.workers)
    for (let code: number | string | undefined; code !== 0; ) {
      const program = place.tune(...args)
      code = undefined
      program.exit.then((found) => {
        code = found
      })
      while (code === undefined) {
        await rest(50 + chance.uniform() * 1100)
        const workers = program.workers()
        if (left === 0 || code !== undefined) continue
        const driver = chance.uniform() < 0.4
        const pid = driver ? program.process.pid : workers[chance.int(Math.max(1, workers.length))]
        if (pid === undefined || !kill(pid)) continue
        kills[driver ? 'drivers' : 'workers']++
        left--
        if (driver) await program.exit
      }
      assert.ok(code === 0 || code === 'SIGKILL', `it ended with ${code}: ${program.stderr()}`)
    }
    const found = await place.check(undefined, other?.again)
    assert.equal(found.status, 'finished')
    if (expected) assert.deepEqual(reportsOf(found), expected, 'the same trials, the same bits')
    tell?.(`${kills.drivers} drivers and ${kills.workers} workers killed by now`)
  }
  return kills
}

async function undisturbed(args: readonly string[], file?: string): Promise<ReturnType<typeof reportsOf>> {
  await using folder = await temporary()
  const place = await placeIn(folder, file)
  const program = place.tune(...args)
  assert.equal(await program.exit, 0, program.stderr())
  return reportsOf(await place.check())
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}
