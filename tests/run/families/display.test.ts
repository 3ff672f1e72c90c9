/** How shared work looks while it goes on. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { studyLines } from '../../../src/cli/display/studyLive.ts'
import { measuredNames, measuredText, objectiveText, stageText } from '../../../src/cli/display/studyWords.ts'
import { styleOf } from '../../../src/cli/display/style.ts'
import type { SharedProgress, StudyProgress } from '../../../src/hpo/index.ts'
import { call, temporary } from '../place.ts'

const shared: SharedProgress = {
  ...{
    planning: false,
    families: 3,
    familiesDone: 0,
    family: 0,
    folds: 5,
    foldsDone: 2,
    units: 15,
    unitsDone: 6,
    elapsed: 9000,
    eta: 13_000,
  },
  workers: [
    { rank: 0, state: 'working', since: 1500, family: 1, fold: 2, members: 64, done: 50, total: 200 },
    { rank: 1, state: 'planning', since: 100 },
    { rank: 2, state: 'idle', since: 100 },
    { rank: 3, state: 'starting', since: 100 },
  ],
}
const progress: StudyProgress = {
  ...{
    id: 's',
    wanted: { trials: 64 },
    objectives: [{ metric: 'accuracy', direction: 'maximize' }],
    workers: [],
    elapsed: 9000,
    eta: 13_000,
  },
  counts: { waiting: 0, running: 1, pruned: 0, finished: 0, failed: 0, lost: 0, preempted: 0 },
  shared,
}
const style = styleOf(false)

suite('shared work on the screen', () => {
  test('a bar of its folds, and what each worker measures', () => {
    const lines = studyLines(progress, { columns: 90, rows: 20, style })
    assert.match(lines[0] ?? '', /family 1\/3, fold 2\/5 .*elapsed 0:09 .*ETA 0:13/)
    assert.deepEqual(
      lines.slice(-5).map((line) => line.trim().split(/ {2,}/)),
      [
        ['worker', 'family', 'fold', 'configs', 'fit', 'time'],
        ['0', '2', '3', '64', '25 %', '0:02'],
        ['1', 'finds out what trials share'],
        ['2', 'idle'],
        ['3', 'starting'],
      ],
    )
    for (const columns of [20, 40, 200])
      for (const line of studyLines(progress, { columns, rows: 6, style })) assert.ok(line.length < columns)
  })

  test('before the families are known it says what is done', () => {
    assert.equal(stageText({ ...shared, planning: true }), 'finding out what trials share')
  })

  test('elsewhere a line a fold', async () => {
    await using folder = await temporary()
    const file = new URL('./fixtures/stumped.ts', import.meta.url).pathname
    const { stderr } = await call(['tune', file, '--engine', 'inline', '--sampler', 'grid', '--cv', '3', '--store', folder.store])
    const told = stderr.split('\n').filter((line) => line.startsWith('family'))
    assert.equal(told.length, 6, stderr)
    assert.match(told.at(-1) ?? '', /^family [12]\/2, fold 3\/3$/)
    assert.match(told[0] ?? '', /^family 1\/2, fold 1\/3, ETA \d:\d\d$/)
  })

  test('a mean has its deviation beside it, and not below', () => {
    const metrics = { accuracy: 0.5, accuracyStd: 0.25, lossStd: 1, loss: 2, ownStd: 3 }
    assert.equal(measuredText(metrics, 'accuracy'), '0.5000 ± 0.2500')
    assert.deepEqual(measuredNames(metrics), ['accuracy', 'loss', 'ownStd'])
    assert.equal(objectiveText(progress.objectives, metrics, style), 'accuracy 0.5000 ± 0.2500')
    assert.equal(measuredText({ accuracy: 0.5 }, 'accuracy'), '0.5000')
  })
})
