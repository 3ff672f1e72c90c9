/** Runs that are killed at random moments, and go on. */
import assert from 'node:assert/strict'
import { random } from '../../src/core/random.ts'
import { openStore } from '../../src/store/index.ts'
import { artifact, call, start, temporary, tiny } from './place.ts'

/**
 * Kills runs with SIGKILL at random moments of their lives, until so many were killed while they ran, and resumes them: the store opens
 * clean, and the final weights are the same bytes as those of a run that nobody disturbed.
 */
export async function killAndResume(moments: number, settings: readonly string[], seed: number | string): Promise<void> {
  await using folder = await temporary()
  const chance = random(seed)
  const args = ['train', tiny, ...settings, '--json']
  // The first of all takes longer, until its code is compiled: moments of its life would be after the end of others.
  assert.equal(await start([...args, '--store', `${folder.store}-first`]).exit, 0)
  const undisturbed = start([...args, '--store', folder.store])
  let [began, ended] = await lifeOf(undisturbed)
  assert.equal(await undisturbed.exit, 0, undisturbed.stderr)
  const whole = await artifact(folder.store, 'model.safetensors')
  let killed = 0
  for (let moment = 0; killed < moments; moment++) {
    assert.ok(moment < 3 * moments, `only ${killed} of ${moment} were killed while they ran`)
    const store = `${folder.store}-${moment}`
    const program = start([...args, '--store', store])
    const life = lifeOf(program)
    // From just before the run is in the store to just after its end.
    await new Promise((resolve) => setTimeout(resolve, began - 20 + chance.uniform() * (ended - began + 20)))
    program.process.kill('SIGKILL')
    const exit = await program.exit
    const runs = await runsOf(store)
    // The machine has less to do than it had before, or more.
    const change = exit !== 'SIGKILL' ? (await life)[1] / ended : runs.length === 0 ? 1.25 : 1
    began *= change
    ended *= change
    if (runs.length === 0) continue
    const { id, status } = runs[0] as (typeof runs)[number]
    if (exit === 'SIGKILL') {
      killed++
      if (status !== 'finished') {
        assert.equal(status, 'lost')
        const on = await call(['train', '--resume', id, '--store', store, '--quiet'])
        assert.equal(on.code, 0, on.stderr)
      }
    }
    assert.deepEqual(await artifact(store, 'model.safetensors', id), whole, `killed at moment ${moment}: other weights`)
    assert.equal((await runsOf(store))[0]?.status, 'finished')
  }
}

/** Milliseconds from the start of a process to its first word and to its end. */
async function lifeOf(program: ReturnType<typeof start>): Promise<[number, number]> {
  const clock = performance.now.bind(performance)
  const started = clock()
  const began = new Promise<number>((resolve) => program.process.stderr?.once('data', () => resolve(clock() - started)))
  await program.exit
  return [await began, clock() - started]
}

async function runsOf(path: string) {
  try {
    await using store = await openStore({ path, readOnly: true })
    return await store.runs()
  } catch (error) {
    // Killed before the store was there.
    assert.equal((error as { code?: string }).code, 'STORE_MISSING')
    return []
  }
}
