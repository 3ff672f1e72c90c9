/** A search that shares its work whose processes are killed: it goes on where it was, and finds what it would have found. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { temporary } from '../place.ts'
import { killStudies } from '../trials/kills.ts'
import { placeIn } from '../trials/program.ts'

const file = join(import.meta.dirname, 'fixtures/stumped.ts')
const search = ['--sampler', 'grid', '--cv', '4', '--workers', '2', '--retries', '1000', '--set', 'pause=120']

suite('shared work in processes', { skip: process.platform !== 'linux' && 'workers are found through /proc' }, () => {
  test('drivers and workers are killed at random moments: the same trials, the same bits', async (t) => {
    const kills = await killStudies(4, 'families', { other: { file, args: search, again: 4 }, tell: (text) => t.diagnostic(text) })
    assert.ok(kills.workers + kills.drivers === 4)
  })

  /** The trials of a small grid whose workers die of every configuration with 3 buckets. */
  async function crashing(...fixed: string[]) {
    await using folder = await temporary()
    const place = await placeIn(folder, file)
    const set = fixed.flatMap((pair) => ['--set', pair])
    const program = place.tune('--sampler', 'grid', '--cv', '2', '--workers', '2', '--retries', '1', ...set)
    assert.equal(await program.exit, 0, program.stderr())
    const { trials } = await place.check()
    return trials
  }

  test('configurations whose workers die each time fail with a sentence, and the others finish', async () => {
    const trials = await crashing('crash=fitted', 'alpha=1')
    assert.equal(trials.length, 8)
    for (const { config, state, error } of trials) {
      assert.equal(state, config.buckets === 3 ? 'failed' : 'finished')
      if (config.buckets === 3) assert.match(error?.message ?? '', / workers died of it.*--no-share/)
    }
  })

  test('where none that can be made share a fit, trials are run one by one, and those that kill are lost', async () => {
    const trials = await crashing('crash=made', 'alpha=1', 'nEstimators=5')
    assert.deepEqual(trials.map(({ config, state }) => [config.buckets, state]).sort(), [
      [3, 'lost'],
      [4, 'finished'],
    ])
  })
})
