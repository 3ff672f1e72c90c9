/** What is told of studies that have ended, or that are looked at. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { studyListText, studyShowText } from '../../src/cli/display/studies.ts'
import { bestSoFar, bestTrial, countsOf, frontOf, waitText } from '../../src/cli/display/studyFacts.ts'
import { studyJsonOf, studyResultText } from '../../src/cli/display/studyResult.ts'
import { rangesText, trialStates } from '../../src/cli/display/studyWords.ts'
import { widthOf } from '../../src/cli/display/style.ts'
import { bestText, trialsText } from '../../src/cli/display/trials.ts'
import type { StudyRecord } from '../../src/hpo/index.ts'
import type { StudyResult, StudyStart } from '../../src/run/index.ts'
import { fixtureStudy, hostileStudy, tinyStudies } from '../hpo/fixtures/study.ts'
import fc from '../laws.ts'

const none = Object.fromEntries(trialStates.map((state) => [state, 0]))
const start = { store: '.tutti', file: '/far/away/train.ts' } as StudyStart

suite('how a study ended', () => {
  const options = (record: StudyRecord) => ({
    color: false,
    columns: 80,
    program: 'tutti',
    storeFlag: '',
    settings: { epochs: '3' },
    record,
  })
  const resultOf = (record: StudyRecord, about: Partial<StudyResult> = {}): StudyResult => {
    const best = bestTrial(record)
    return {
      ...{ study: record.id, status: 'finished', trials: countsOf(record.trials), seconds: 12.34567 },
      ...(best && { best: { number: best.number, config: best.config, metrics: best.metrics } }),
      ...about,
    }
  }

  test('for people: the best, and what to do with it', () => {
    const record = { ...fixtureStudy({ trials: 40 }), file: '/far/away/train.ts', seed: 3 }
    const text = studyResultText(resultOf(record), start, options(record))
    const best = bestTrial(record)!
    assert.match(text, /^Finished in 12\.3 s\. {2}\d+ finished/)
    assert.match(text, new RegExp(`^Best: trial ${best.number}\n  accuracy +0\\.\\d{4}\n  loss `, 'm'))
    assert.match(text, new RegExp(`^  learningRate  ${Number(Number(best.assignment.learningRate).toPrecision(4))}$`, 'm'))
    assert.match(text, /^Look {4}tutti studies show mnist-accuracy$/m)
    assert.match(text, /^Report {2}tutti report mnist-accuracy --html report\.html$/m)
    assert.match(
      text,
      new RegExp(
        `^Train   tutti train /far/away/train.ts --set epochs=3 .*--set learningRate=${best.assignment.learningRate} .*--seed 3$`,
        'm',
      ),
    )
    assert.match(text, /^Go on {3}tutti tune \/far\/away\/train\.ts --study mnist-accuracy --trials 80$/m)
    assert.doesNotMatch(text, /predict/)
    assert.match(
      studyResultText(resultOf(record), start, options({ ...record, model: 3 })),
      /^Use +tutti predict mnist-accuracy --input FILE$/m,
    )
    const interrupted = { ...record, wanted: { trials: 1000 } }
    const told = studyResultText(resultOf(record, { status: 'interrupted' }), start, options(interrupted))
    assert.match(told, /^Interrupted after 12\.3 s\./)
    assert.match(told, /--study mnist-accuracy$/m)
    const cut = studyResultText(resultOf(record), start, options({ ...record, wanted: { trials: 1000, timeout: 12 } }))
    assert.match(cut, /^The time was over after 12\.3 s\./)
    const inTime = studyResultText(resultOf(record), start, options({ ...record, wanted: { trials: 40, timeout: 12 } }))
    assert.match(inTime, /^Finished in 12\.3 s\./, 'all of its trials are done')
    const grid = studyResultText(resultOf(record), start, options({ ...record, wanted: {} }))
    assert.doesNotMatch(grid, /Go on/, 'all of a grid is all there is')
  })

  test('of two objectives: the trials that no other beats', () => {
    const record = fixtureStudy({ trials: 60, objectives: 2 })
    const text = studyResultText(resultOf(record), start, options(record))
    const [, rows = ''] = /every objective\)\ntrial .*\n((?: +\d.*\n)+)/.exec(text) ?? []
    const numbers = [...rows.matchAll(/^ +(\d+)/gm)].map(([, number]) => Number(number))
    assert.deepEqual(
      numbers,
      frontOf(record).map(({ number }) => number),
    )
    assert.ok(numbers.length > 1)
    for (const line of rows.split('\n')) assert.ok(widthOf(line) <= 80)
  })

  test('for programs: one line that always has the same keys', () => {
    const record = fixtureStudy({ trials: 12 })
    const found = JSON.parse(studyJsonOf(resultOf(record)))
    assert.deepEqual(Object.keys(found), ['study', 'status', 'trials', 'best', 'seconds'])
    assert.deepEqual(Object.keys(found.best), ['config', 'metrics'])
    assert.deepEqual(found.trials, countsOf(record.trials))
    assert.equal(found.seconds, 12.346)
    const failed = JSON.parse(studyJsonOf({ study: null, status: 'failed', seconds: 0, error: { message: 'no' } }))
    assert.deepEqual(failed, { study: null, status: 'failed', trials: none, best: null, seconds: 0, error: { message: 'no' } })
    assert.equal(studyJsonOf(resultOf(record)).includes('\n'), false)
  })
})

suite('facts of a study', () => {
  const dominates = (a: readonly number[], b: readonly number[]) =>
    // accuracy is maximized, parameters are minimized
    (a[0] as number) >= (b[0] as number) && (a[1] as number) <= (b[1] as number) && (a[0] !== b[0] || a[1] !== b[1])

  test('the best is what the driver would call the best; the curve to it never gets worse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(100), fc.boolean(), (trials, seed, minimize) => {
        const record = fixtureStudy({ trials, seed })
        const study = minimize ? { ...record, objectives: [{ metric: 'accuracy', direction: 'minimize' as const }] } : record
        const values = study.trials.filter(({ state }) => state === 'finished').map(({ values }) => values?.[0] as number)
        const best = values.length === 0 ? undefined : minimize ? Math.min(...values) : Math.max(...values)
        assert.equal(bestTrial(study)?.values?.[0], best)
        const curve = bestSoFar(study)
        assert.equal(curve.length, values.length)
        assert.equal(curve.at(-1), best)
        for (let i = 1; i < curve.length; i++) assert.ok(minimize ? curve[i]! <= curve[i - 1]! : curve[i]! >= curve[i - 1]!)
      }),
      { numRuns: 40 },
    )
  })

  test('no finished trial beats one of the front, and one of the front beats or equals every other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { minLength: 1, maxLength: 30 }), (points) => {
        const [like] = fixtureStudy({ trials: 1, objectives: 2 }).trials
        const trials = points.map((values, number) => ({ ...like!, number, state: 'finished' as const, values, ended: number }))
        const study = { trials, objectives: fixtureStudy({ trials: 1, objectives: 2 }).objectives }
        const front = frontOf(study)
        for (const { values } of front) for (const other of points) assert.ok(!dominates(other, values!))
        for (const other of points) assert.ok(front.some(({ values }) => dominates(values!, other) || String(values) === String(other)))
      }),
    )
  })

  test('why trials wait follows what their driver waits for, while there is one', () => {
    const study = fixtureStudy({ running: true, trials: 8 })
    const waiting = study.trials.at(-1)!
    const running = study.trials.find(({ state }) => state === 'running')!
    assert.equal(waitText(waiting, study), 'waiting for a worker')
    assert.equal(waitText({ ...waiting, state: 'preempted' }, study), 'preempted, waiting for a worker')
    assert.equal(waitText(running, study), undefined)
    assert.equal(waitText(study.trials[0]!, study), undefined)
    const gone = { ...study, status: 'lost' as const, waiting: 'for memory' }
    assert.equal(waitText({ ...waiting, waiting: 'for memory' }, gone), 'waiting for the study to go on')
    assert.equal(waitText(running, gone), 'was running when its driver was gone')
    assert.match(
      studyShowText(gone, { columns: 80, color: false, now: 0, program: 'tutti', storeFlag: '' }),
      /^now +its driver is gone: go on with tutti tune examples\/01-mnist\/train\.ts --study mnist-accuracy$/m,
    )
  })

  test('rising numbers as ranges', () => {
    assert.equal(rangesText([0, 1, 2, 5, 7, 8, 10, 11, 12]), '0-2, 5, 7, 8, 10-12')
    assert.equal(rangesText([]), '')
  })

  test('of the list the best is seen on a narrow screen: the name, which the study begins with, makes room', () => {
    const study = { ...fixtureStudy({ trials: 20 }), id: 'a-forest-on-covertype-3f9a2c', name: 'a forest on covertype' }
    const [wide, narrow] = [200, 80].map((columns) => studyListText([study], { columns, color: false, now: study.created + 1e6 }))
    assert.match(wide as string, /^study +name +mode .* best +began\n.* a forest on cov… +study /)
    assert.match(narrow as string, /^study +mode .* best +began\n.*-3f9a2c +study .* accuracy 0\.\d+ /)
  })

  test('every text of every study can be shown: small ones, wild ones, at any width', () => {
    const all = [
      ...Object.values(tinyStudies()),
      hostileStudy(),
      fixtureStudy({ trials: 30, objectives: 2 }),
      fixtureStudy({ running: true, trials: 30 }),
    ]
    for (const study of all) {
      for (const columns of [40, 80, 200]) {
        const look = { columns, color: false, now: study.created + 1e6, program: 'tutti', storeFlag: '' }
        const list = studyListText([study], look)
        const trials = trialsText(study.trials, study, { ...look, of: study.trials.length })
        for (const line of [...list.split('\n'), ...trials.split('\n')]) assert.ok(widthOf(line) <= columns, line)
        const texts = [list, trials, studyShowText(study, look), bestText(study, look)]
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the law
        for (const text of texts) assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f]|undefined|\[object/)
      }
    }
  })
})
