/** Laws of how studies are shown while they go on. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { failureTeller, firstSentence, groupFailures } from '../../src/cli/display/failures.ts'
import { fit, printable } from '../../src/cli/display/fit.ts'
import { liveBlock } from '../../src/cli/display/liveBlock.ts'
import { studyDisplay } from '../../src/cli/display/study.ts'
import { studyLines } from '../../src/cli/display/studyLive.ts'
import { trialStates } from '../../src/cli/display/studyWords.ts'
import { styleOf, widthOf } from '../../src/cli/display/style.ts'
import { type Clock, virtualClock } from '../../src/core/clock.ts'
import { memoryTerminal } from '../../src/core/console.ts'
import type { StudyProgress, TrialState, WorkerProgress } from '../../src/hpo/index.ts'
import type { EndedTrial, StudyStart } from '../../src/run/index.ts'
import fc from '../laws.ts'
import { screen } from './screen.ts'

const none: Record<TrialState, number> = { waiting: 0, running: 0, pruned: 0, finished: 0, failed: 0, lost: 0, preempted: 0 }
const objectives = [{ metric: 'accuracy', direction: 'maximize' }] as const
const worker = (rank: number, about: Partial<WorkerProgress> = {}): WorkerProgress => ({
  ...{ rank, state: 'working', trial: 20 + rank, step: 3, value: 0.9712, since: 12_000 },
  ...about,
})
const progress = (about: Partial<StudyProgress> = {}): StudyProgress => ({
  id: 'mnist-7f3a2c',
  counts: { ...none, finished: 14, pruned: 6, failed: 1, running: 2 },
  wanted: { trials: 60 },
  objectives,
  best: { number: 17, assignment: { hidden: 256, learningRate: 0.031237162 }, metrics: { accuracy: 0.98123, loss: 0.1 } },
  workers: [worker(0), worker(1)],
  elapsed: 72_000,
  eta: 115_000,
  ...about,
})
const plain = styleOf(false)
const draw = (about: Partial<StudyProgress> = {}, size = { columns: 80, rows: 23 }) =>
  studyLines(progress(about), { ...size, style: plain })

const start = (about: Partial<StudyStart> = {}): StudyStart => ({
  ...{ study: 'mnist-7f3a2c', name: 'mnist', file: '/far/away/train.ts', resumed: false, seed: 3, sampler: 'tpe', pruner: 'median' },
  ...{ workers: 2, engine: 'processes', objectives, space: { hidden: { kind: 'int', low: 1, high: 9 } }, store: '.tutti' },
  progress: () => progress(),
  ...about,
})
const trial = (number: number, about: Partial<EndedTrial> = {}): EndedTrial => ({
  ...{ number, state: 'finished', config: { hidden: 8 }, assignment: { hidden: 8 }, metrics: { accuracy: 0.5 }, best: false },
  ...about,
})

/** Also halves of characters, and what terminals obey. */
const anything = fc.oneof(fc.nat(0xff), fc.nat(0xffff)).map((code) => String.fromCharCode(code))

suite('text of others', () => {
  test('cannot do anything to a terminal', () => {
    assert.equal(printable('a\x1b[2J\x1b]0;title\x07b\x1bc\r\nc\td\u202ee\ud800\u2028f'), 'ab c  de f')
    fc.assert(
      fc.property(fc.string({ unit: anything }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the law
        assert.doesNotMatch(printable(text), /[\x00-\x1f\x7f-\x9f]/)
      }),
    )
  })

  test('is cut to any width, and colors end where they would have', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.string())), fc.integer({ min: 1, max: 40 }), (parts, columns) => {
        const { red, bold } = styleOf(true)
        const paints = [red, bold, (text: string) => text, (text: string) => red(bold(text))]
        const line = parts.map(([paint, text]) => paints[paint]?.(printable(text))).join('')
        const cut = fit(line, columns)
        assert.ok(widthOf(cut) <= columns)
        if (widthOf(line) <= columns) assert.equal(cut, line)
        else assert.ok(cut.includes('…'))
        // biome-ignore lint/suspicious/noControlCharactersInRegex: color codes begin with one
        const codes = (text: string) => text.match(/\x1b\[\d+m/g) ?? []
        assert.deepEqual(codes(cut), codes(line))
      }),
    )
  })
})

suite('a live block', () => {
  const action = fc.oneof(
    fc.record({ draw: fc.array(fc.stringMatching(/^[a-z][a-z ]{0,17}$/), { minLength: 1, maxLength: 6 }) }),
    fc.record({ print: fc.stringMatching(/^[A-Z]{1,50}$/) }),
  )

  test('stands below all that was printed, on a terminal of any size', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), fc.integer({ min: 8, max: 20 }), fc.boolean(), (actions, rows, clear) => {
        const shown = screen(20, rows)
        const block = liveBlock({ ...memoryTerminal({ interactive: true, columns: 20 }), rows, err: shown.write })
        const printed: string[] = []
        let drawn: string[] = []
        for (const each of actions) {
          if ('draw' in each) {
            drawn = each.draw
            block.draw(drawn)
          } else {
            printed.push(...(each.print.match(/.{1,20}/g) as string[]))
            block.print(each.print)
          }
        }
        if (clear) block.clear()
        else if (drawn.length > 0) block.draw(drawn)
        const want = clear ? printed : [...printed, ...drawn]
        assert.deepEqual(
          shown.lines(),
          want.map((line) => line.trimEnd()),
        )
        assert.ok(shown.cursorShown && shown.wraps)
      }),
    )
  })

  test('is drawn over after the terminal became narrower, and its lines broke', () => {
    const shown = screen(20, 12)
    const terminal = { ...memoryTerminal({ interactive: true, columns: 20 }), rows: 12, err: shown.write }
    const block = liveBlock(terminal)
    block.print('above')
    block.draw(['a line of 18 signs', 'short'])
    terminal.columns = 10
    shown.resize(10)
    block.draw(['narrow', 'too'])
    assert.deepEqual(shown.lines(), ['above', 'narrow', 'too'])
  })

  test('is one write a drawing, and leaves nothing switched off', () => {
    const writes: string[] = []
    const block = liveBlock({ ...memoryTerminal({ interactive: true }), err: (text) => void writes.push(text) })
    block.draw(['one', 'two'])
    block.print('stays')
    block.draw(['three'])
    block.clear()
    assert.equal(writes.length, 3)
    for (const text of writes)
      assert.ok(text.endsWith('\x1b[?25h') && text.indexOf('\x1b[?7l') < text.indexOf('\x1b[?7h'), JSON.stringify(text))
  })

  test('elsewhere lines are printed and nothing is drawn', () => {
    const terminal = memoryTerminal()
    const block = liveBlock(terminal)
    block.draw(['one'])
    block.print('stays')
    block.clear()
    assert.equal(terminal.stderr, 'stays\n')
  })
})

suite('the live table of a study', () => {
  test('at 80 columns it has all that matters', () => {
    assert.deepEqual(draw(), [
      '━━━━━━━━━━━─────────────────────  21/60 trials  elapsed 1:12  ETA 1:55',
      '14 finished  6 pruned  2 running  1 failed',
      'best  accuracy 0.9812  trial 17',
      '  hidden=256 learningRate=0.03124',
      'worker   trial   step   accuracy   time',
      '     0      20      3     0.9712   0:12',
      '     1      21      3     0.9712   0:12',
    ])
  })

  test('what workers without a trial do, and why', () => {
    const workers = [worker(0), worker(1, { state: 'idle' }), worker(2, { state: 'starting' }), worker(3, { state: 'lost' })]
    assert.deepEqual(draw({ workers, waiting: 'for memory' }).slice(-3), [
      '     1   idle, waiting for memory',
      '     2   starting',
      '     3   lost',
    ])
    assert.match(draw({ waiting: 'for memory' })[1] ?? '', /waiting for memory$/)
    assert.match(draw({ workers, wanted: { trials: 23 } }).join('\n'), /1 {3}idle, nothing is left to begin/)
  })

  test('of many workers those that have been busy for the longest, and a count', () => {
    const workers = Array.from({ length: 1000 }, (_, rank) =>
      worker(rank, { state: rank < 960 ? 'working' : 'idle', since: 1000 * (rank % 900) }),
    )
    const lines = draw({ workers })
    assert.equal(lines.length, 4 + 1 + 8 + 1)
    assert.match(lines[5] ?? '', /^ +899 +919 /)
    assert.equal(lines.at(-1), 'and 992 more: 952 working, 40 idle')
  })

  test('before anything has finished; against the clock; without an end', () => {
    const early = draw({ counts: none, best: undefined as never, eta: undefined as never })
    assert.equal(early[0]?.includes('ETA'), false)
    assert.deepEqual(early.slice(1, 3), ['no trial yet', 'no trial has finished yet'])
    assert.match(draw({ wanted: { timeout: 144 } })[0] ?? '', /^━{16}─{16} {2}21 trials {2}elapsed 1:12 of 2:24 {2}ETA 1:55$/)
    assert.equal(draw({ wanted: {}, eta: undefined as never })[0], '21 trials  elapsed 1:12')
  })

  test('it fits any terminal, whatever is in it', () => {
    const name = fc.string({ unit: anything, maxLength: 30 })
    const value = fc.oneof(fc.double(), name, fc.boolean())
    const someWorker = fc.record({
      rank: fc.nat(2000),
      state: fc.constantFrom('starting', 'idle', 'working', 'lost') as fc.Arbitrary<WorkerProgress['state']>,
      trial: fc.nat(),
      step: fc.integer(),
      value: fc.double(),
      since: fc.double({ min: 0 }),
    })
    fc.assert(
      fc.property(
        fc.record({
          counts: fc.record(Object.fromEntries(trialStates.map((state) => [state, fc.nat()]))) as fc.Arbitrary<StudyProgress['counts']>,
          wanted: fc.record({ trials: fc.integer({ min: 1 }), timeout: fc.double({ min: 1, noNaN: true }) }, { requiredKeys: [] }),
          best: fc.record({ number: fc.nat(), assignment: fc.dictionary(name, value), metrics: fc.dictionary(name, fc.double()) }),
          objectives: fc.array(fc.record({ metric: name, direction: fc.constant('minimize' as const) }), { minLength: 1, maxLength: 3 }),
          workers: fc.array(someWorker, { maxLength: 40 }),
          elapsed: fc.double({ min: 0 }),
          waiting: name,
        }),
        fc.integer({ min: 8, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        (about, columns, rows, color) => {
          const lines = studyLines(progress(about), { columns, rows, style: styleOf(color) })
          assert.ok(lines.length >= 1 && lines.length <= rows)
          for (const line of lines) assert.ok(widthOf(line) < columns && !/[\r\n]/.test(line), line)
        },
      ),
    )
  })
})

suite('following a study', () => {
  test('on a terminal: a header that stays, a table a few times a second, nothing left of it in the end', async () => {
    const shown = screen(80, 24)
    const time = virtualClock()
    let timers = 0
    const every: Clock['every'] = (milliseconds, callback) => {
      const timer = time.every(milliseconds, callback)
      timers++
      const stop = () => {
        timers--
        timer.stop()
      }
      return { stop }
    }
    const clock = { ...time, every }
    let writes = 0
    const err = (text: string) => {
      writes++
      shown.write(text)
    }
    const display = studyDisplay({ ...memoryTerminal({ interactive: true }), rows: 24, err }, clock)
    display.begin(start())
    assert.match(shown.lines()[0] ?? '', /^mnist · study mnist-7f3a2c · tpe · median · seed 3 · 2 × processes$/)
    assert.equal(shown.lines()[1], 'maximize accuracy over hidden')
    assert.match(shown.lines()[2] ?? '', /21\/60 trials/)
    const before = writes
    await clock.advance(2000)
    assert.ok(writes - before >= 8 && writes - before <= 11, `${writes - before} drawings in 2 s`)
    const quick = writes
    for (let number = 0; number < 5000; number++) display.ended(trial(number))
    assert.ok(writes - quick <= 2, 'trials that take no time cost no drawing')
    display.ended(trial(6000, { best: true, metrics: { accuracy: 0.9 } }))
    display.output(1, 'a word\x1b[2J of\na worker\n')
    display.say('Stopping.')
    const stays = ['trial 6000  accuracy 0.9000  best so far  hidden=8', '[worker 1] a word of', '[worker 1] a worker', 'Stopping.']
    assert.deepEqual(shown.lines().slice(2, 6), stays)
    display.close()
    assert.deepEqual(shown.lines().slice(2), stays)
    assert.equal(timers, 0)
  })

  test('elsewhere: a line a trial, with a mark for the best', () => {
    const terminal = memoryTerminal()
    const display = studyDisplay(terminal, virtualClock())
    display.begin(start({ resumed: true }))
    display.ended(trial(7, { best: true }))
    display.ended(trial(12, { state: 'pruned', metrics: {} }))
    display.ended(trial(13, { without: ['layer a'], assignment: {} }))
    display.close()
    assert.deepEqual(terminal.stderr.trimEnd().split('\n').slice(1), [
      'goes on after 14 finished, 6 pruned, 2 running, 1 failed · maximize accuracy over hidden',
      'trial  7  finished  accuracy 0.5000  best so far  hidden=8',
      'trial 12  pruned    hidden=8',
      'trial 13  finished  accuracy 0.5000  without layer a',
    ])
  })

  test('elsewhere: of thousands of trials some two hundred, but every best one', () => {
    for (const trials of [100_000, undefined]) {
      const terminal = memoryTerminal()
      const counts = { ...none }
      const wanted = trials === undefined ? {} : { trials }
      const display = studyDisplay(terminal, virtualClock())
      display.begin(start({ progress: () => progress({ counts, wanted }) }))
      for (let number = 0; number < 100_000; number++) {
        counts.finished++
        display.ended(trial(number, { best: number % 9973 === 17 }))
      }
      const lines = terminal.stderr.trimEnd().split('\n').slice(2)
      const best = lines.filter((line) => line.includes('best so far')).length
      assert.equal(best, 11)
      assert.ok(lines.length > 150 && lines.length < 700, `${lines.length} lines, ${trials} wanted`)
      if (trials !== undefined) assert.ok(lines.length - best <= 200)
    }
  })

  test('failures: the first of a kind is told in full, the others are counted', () => {
    const terminal = memoryTerminal()
    const display = studyDisplay(terminal, virtualClock())
    display.begin(start())
    const failed = (number: number, message: string) => display.ended(trial(number, { state: 'failed', metrics: {}, error: { message } }))
    failed(0, 'The loss became NaN at step 3. Try a smaller learning rate.\nsecond line')
    for (let number = 1; number < 25; number++)
      failed(number, `The loss became NaN at step ${number}. Try a smaller learning rate.\nsecond line`)
    failed(30, 'Something else.')
    display.ended(trial(31, { state: 'lost', metrics: {}, error: { code: 'TRIAL_LOST', message: 'Trial 31 is lost.' } }))
    display.close()
    assert.deepEqual(terminal.stderr.trimEnd().split('\n').slice(2), [
      'trial 0  failed  The loss became NaN at step 3. Try a smaller learning rate.',
      '  second line',
      '10 trials failed like trial 0 by now',
      'trial 30  failed  Something else.',
      'trial 31  lost  Trial 31 is lost.',
      '25 trials failed like trial 0 by now',
    ])
  })

  test('failures: reasons that are never twice the same do not fill the screen', () => {
    const teller = failureTeller()
    const word = (number: number) =>
      String.fromCharCode(97 + (number % 26), 97 + (Math.floor(number / 26) % 26), 97 + Math.floor(number / 676))
    const told = Array.from({ length: 10_000 }, (_, number) =>
      teller.tell({ number, state: 'failed', error: { message: `no ${word(number)}` } }),
    )
    assert.equal(told.filter((each) => each !== undefined).length, 51)
    assert.deepEqual(teller.close(), ['9950 more failed for other reasons'])
  })

  test('failures are grouped by what they have in common', () => {
    const failed = (number: number, message: string) => ({ number, state: 'failed', error: { message } })
    const groups = groupFailures([
      failed(1, 'no file. Look.'),
      failed(2, 'NaN at 0.5'),
      failed(3, 'NaN at 1e-7'),
      { number: 4, state: 'finished' },
    ])
    assert.deepEqual(groups, [
      { state: 'failed', reason: 'NaN at 0.5', trials: [2, 3] },
      { state: 'failed', reason: 'no file.', trials: [1] },
    ])
    assert.equal(firstSentence('A file of 3.5 MiB is missing. Bring it back.'), 'A file of 3.5 MiB is missing.')
  })
})
