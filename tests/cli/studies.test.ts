/** `tutti studies`, on studies that the real driver made. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { widthOf } from '../../src/cli/display/style.ts'
import { realClock } from '../../src/core/clock.ts'
import { type Pruner, pruners, readStudy, type Sampler, type StudyRecord } from '../../src/hpo/index.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { call, type Folder, temporary } from '../run/place.ts'
import { begin } from './studies-drive.ts'

let folder: Folder
let store: Store
let main: StudyRecord
before(async () => {
  folder = await temporary()
  store = await openStore({ path: folder.store, clock: realClock })
  await (await begin(store, { id: 'first' })).end()
  main = await readStudy(store, 'first')
})
after(async () => {
  await store[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const studies = (...args: string[]) => call(['studies', ...args, '--store', folder.store], { columns: 80 })
const json = async (...args: string[]) => JSON.parse((await studies(...args, '--json')).stdout)
/** Pauses every trial for ever, after its first report, but one that runs on. */
const pausing: Pruner = {
  name: 'pausing',
  begin: () => ({
    judge: ({ number }) => (number === 0 ? 'go' : 'pause'),
    next: (_, more) => (more ? { kind: 'sample' } : { kind: 'wait', reason: 'for a rung' }),
  }),
}
const until = async (holds: () => boolean) => {
  for (let i = 0; !holds(); i++) {
    assert.ok(i < 2000, `never: ${holds}`)
    await realClock.sleep(5)
  }
}
const finished = () => main.trials.filter(({ state }) => state === 'finished')

suite('tutti studies', () => {
  test('the study that these tests read has trials of all sorts', () => {
    for (const state of ['finished', 'pruned', 'failed'])
      assert.ok(
        main.trials.some((trial) => trial.state === state),
        state,
      )
    assert.equal(main.trials.length, 30)
  })

  test('list: the newest first, a row each, and one that cannot be read does not hide the others', async () => {
    await (await begin(store, { id: 'second', trials: 2, workers: 1 })).end()
    // A driver that was killed before it wrote a word.
    await (await store.createRun({ id: 'torn', name: 'pretended', mode: 'study', seed: 0, config: {} })).finish('interrupted')
    await (await store.createRun({ id: 'single-1', name: 'pretended', mode: 'single', seed: 0, config: {} })).finish('finished')
    const { stdout, code } = await studies('list')
    assert.equal(code, 0)
    const [title, ...lines] = stdout.trimEnd().split('\n')
    assert.match(title ?? '', /^study +name +mode +status +trials +best +began$/)
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['torn', 'second', 'first'],
    )
    assert.match(lines[0] ?? '', /unreadable/)
    assert.match(lines[1] ?? '', /pretended +study +finished +2\/2 +accuracy 0\.\d+ +\d+ s ago$/)
    for (const line of lines) assert.ok(widthOf(line) <= 80, line)
    assert.equal((await studies()).stdout.split('\n').length, stdout.split('\n').length)
    const [torn, second, first] = await json('list')
    assert.match(torn.problem, /never opened/)
    assert.equal(second.trials.finished, 2)
    assert.equal(first.study, 'first')
    assert.deepEqual(Object.keys(first.trials).toSorted(), ['failed', 'finished', 'lost', 'preempted', 'pruned', 'running', 'waiting'])
    assert.deepEqual((await json('list', '--limit', '1')).length, 1)
    await studies('delete', 'torn', 'second')
  })

  test('show: what it searches, what was found, and the failures by their reasons', async () => {
    const { stdout } = await studies('show', 'first')
    assert.match(stdout, /^first {2}finished\n/)
    const failed = main.trials.filter(({ state }) => state === 'failed')
    for (const pattern of [
      /^goal +maximize accuracy$/m,
      /^seed +0$/m,
      /^sampler +random$/m,
      new RegExp(`^trials +30 of 30 {2}${finished().length} finished {2}\\d+ pruned {2}${failed.length} failed$`, 'm'),
      /^learningRate +\S+ +0\.1 +a number from 0\.0001 to 1 \(log\)$/m,
      /^momentum .* a number from 0 to 0\.99, where optimizer is sgd$/m,
      /^best {2}trial \d+ {2}accuracy 0\.\d{4}$/m,
      /^so far .*[▁▂▃▄▅▆▇█]{3}/m,
      // All have the same reason but for their numbers.
      new RegExp(`^${failed.length} failed {2}The loss became NaN at step 1 with 0\\.\\d+\\.$`, 'm'),
    ])
      assert.match(stdout, pattern)
    assert.doesNotMatch(stdout, /waiting|^now/m)
    const found = await json('show', 'fir')
    assert.equal(found.failures.length, 1)
    assert.deepEqual(
      found.failures[0].trials,
      failed.map(({ number }) => number),
    )
    assert.equal(found.best.metrics.accuracy, Math.max(...finished().map(({ metrics }) => metrics.accuracy as number)))
  })

  test('show: who drives it and what runs, while it does; how to go on, afterwards', async () => {
    const study = await begin(store, {
      id: 'going',
      trials: 8,
      workers: 3,
      pruner: pruners.threshold({ lower: -10 }),
      ends: (trial) => trial < 2,
    })
    const { counts, entries } = study.study.ledger
    await until(() => counts.running === 3 && counts.finished === 2 && entries.slice(2).every(({ reports }) => reports.length === 3))
    await study.writer.flush()
    const driven = (await studies('show', 'going')).stdout
    assert.match(driven, new RegExp(`^now +being driven by process ${process.pid} on host`, 'm'))
    assert.match(driven, /^running +worker +step +accuracy +time$/m)
    assert.match(driven, /^ +2 +\d +3 +0\.\d+ +0:0\d {2}learningRate=/m)
    assert.match((await studies('delete', 'going')).stderr, /going/)
    await study.leave()
    const left = (await studies('show', 'going')).stdout
    assert.match(left, /^going {2}interrupted$/m)
    assert.match(left, /^now +interrupted: go on with tutti tune \S*tiny\.ts --study going --store /m)
    assert.match(left, /^waiting for the study to go on {2}3 trials: 2-4$/m)
    assert.equal((await json('show', 'going')).trials.preempted, 3)
    assert.equal((await studies('delete', 'going')).stdout, 'deleted going\n')
  })

  test('show: trials wait for a rung, and for memory, and it is said', async () => {
    const study = await begin(store, { id: 'paused', trials: 5, workers: 2, pruner: pausing, ends: () => false })
    await until(() => study.study.ledger.counts.waiting === 4)
    study.study.emit({ kind: 'waiting', reason: 'for memory' })
    await study.writer.flush()
    const { stdout } = await studies('show', 'paused')
    assert.match(stdout, /^waiting for a rung {2}4 trials: 1-4$/m)
    assert.match(stdout, /^now +being driven by .*, waiting for memory$/m)
    assert.equal((await json('show', 'paused')).waiting, 'for memory')
    for (const { trial, waiting } of await json('trials', 'paused')) assert.equal(waiting, trial === 0 ? undefined : 'waiting for a rung')
    await study.leave()
    // Nobody waits for memory who is not there.
    assert.equal((await json('show', 'paused')).waiting, undefined)
    await studies('delete', 'paused')
  })

  test('best: settings that make the trial again, to the last digit', async () => {
    const { stdout } = await studies('best', 'first')
    const found = await json('best', 'first')
    const best = finished().reduce((a, b) => ((b.values?.[0] as number) > (a.values?.[0] as number) ? b : a))
    assert.equal(found.trial, best.number)
    const [, line = ''] = /^(tutti train .*)$/m.exec(stdout) ?? []
    const settings = [...line.matchAll(/--set (?:'([^']+)'|(\S+))/g)].map(([, quoted, plain]) => (quoted ?? plain) as string)
    const values = Object.fromEntries(settings.map((text) => text.split('=')))
    assert.deepEqual(
      values,
      Object.fromEntries(Object.entries({ ...main.fixed, ...best.assignment }).map(([key, value]) => [key, String(value)])),
    )
    assert.equal(Number(values.learningRate), best.assignment.learningRate)
  })

  test('trials: all or some, by number or by value, in aligned columns', async () => {
    const { stdout } = await studies('trials', 'first')
    const [title, ...lines] = stdout.trimEnd().split('\n')
    assert.match(title ?? '', /^trial +state +accuracy +reports +took +learningRate/)
    assert.deepEqual(
      lines.filter((line) => /^ +\d/.test(line)).map((line) => Number.parseInt(line, 10)),
      main.trials.map(({ number }) => number),
    )
    assert.match(stdout, /^ {7}The loss became NaN at step 1/m)
    for (const line of lines) assert.ok(widthOf(line) <= 80, line)
    const numbers = async (...args: string[]) => (await json('trials', 'first', ...args)).map(({ trial }: { trial: number }) => trial)
    assert.deepEqual(await numbers('--limit', '3'), [27, 28, 29])
    const failed = main.trials.filter(({ state }) => state === 'failed').map(({ number }) => number)
    assert.deepEqual(await numbers('--state', 'failed'), failed)
    const sorted = await json('trials', 'first', '--sort', 'value')
    const values: (number | undefined)[] = sorted.map(({ values }: { values?: number[] }) => values?.[0])
    const known = values.filter((value) => value !== undefined)
    assert.deepEqual(
      known,
      known.toSorted((a, b) => b - a),
    )
    assert.deepEqual(values.slice(0, known.length), known, 'those without a value come last')
    assert.match((await studies('trials', 'first', '--limit', '3')).stdout, /\n3 of 30: --limit 30 shows all\n$/)
    assert.match((await studies('trials', 'first', '--state', 'dead')).stderr, /--state cannot be 'dead'/)
    assert.match((await studies('trials', 'first', '--sort', 'age')).stderr, /--sort cannot be 'age'/)
  })

  test('importance: by both methods, what mattered first', async () => {
    for (const method of ['fanova', 'permutation']) {
      const found = await json('importance', 'first', '--method', method)
      assert.equal(found.method, method)
      assert.equal(found.importance.length, 4)
      assert.deepEqual(found.importance[0].names, ['learningRate'])
      const { stdout } = await studies('importance', 'first', '--method', method)
      const [, ...lines] = stdout.trimEnd().split('\n')
      assert.match(lines[0] ?? '', /^learningRate {2}━+ {2}\d\.\d{3} ± \d\.\d{3}$/)
      for (const line of lines) assert.ok(widthOf(line) <= 80, line)
    }
    assert.ok((await json('importance', 'first', '--pairs')).importance.some(({ names }: { names: string[] }) => names.length === 2))
    assert.match((await studies('importance', 'first', '--method', 'guess')).stderr, /must be fanova or permutation/)
    assert.match((await studies('importance', 'first', '--objective', 'loss')).stderr, /--objective cannot be 'loss'/)
  })

  test('replay: the same seed and the same order of arrival give the same study; another sampler does not', async () => {
    const { stdout, code } = await studies('replay', 'first')
    assert.equal(code, 0)
    const reports = main.trials.reduce((sum, trial) => sum + trial.reports.length, 0)
    assert.equal(stdout, `30 suggestions and ${reports} verdicts came out the same.\n`)
    // One that calls itself random, and is not what that name means.
    const other: Sampler = {
      name: 'random',
      begin: ({ space }) => ({ ask: () => ({ kind: 'point', assignment: space.fromUnit([0.1, 0.1, 0.1, 0.1]) }) }),
    }
    await (await begin(store, { id: 'forged', trials: 3, workers: 1, sampler: other })).end()
    const forged = await studies('replay', 'forged')
    assert.equal(forged.code, 1)
    assert.match(forged.stdout, /^Of 3 suggestions and \d+ verdicts, 3 came out otherwise:\ntrial 0: /)
    assert.equal((await json('replay', 'forged')).differences.length, 3)
    await studies('delete', 'forged')
  })

  test('export: a line a trial, or all there is', async () => {
    const to = join(folder.path, 'trials.csv')
    assert.equal((await studies('export', 'first', '--to', to)).stdout, '')
    const rows = parse(await readFile(to, 'utf8'), { columns: true }) as Record<string, string>[]
    assert.equal(rows.length, 30)
    for (const [i, row] of rows.entries()) {
      const trial = main.trials[i] as StudyRecord['trials'][number]
      assert.equal(row.trial, String(i))
      assert.equal(row.state, trial.state)
      assert.equal(row['config.epochs'], '3')
      assert.equal(Number(row['config.learningRate']), trial.config.learningRate)
      if (trial.metrics.accuracy !== undefined) assert.equal(Number(row['metrics.accuracy']), trial.metrics.accuracy)
      assert.equal(row.error, trial.error?.message ?? '')
    }
    const whole = JSON.parse((await studies('export', 'first', '--format', 'json')).stdout)
    assert.equal(whole.trials.length, 30)
    assert.equal(Date.parse(whole.created), main.created)
    assert.equal(Date.parse(whole.trials[0].reports[0].time), main.trials[0]?.reports[0]?.time)
    assert.equal((await studies('export', 'first', '--format', 'xml')).code, 2)
  })

  test('an ablation: what each trial went without', async () => {
    const reports = (config: Readonly<Record<string, unknown>>) => ({
      accuracy: (config.without as string[]).includes('layer a') ? 0.5 : 0.9,
    })
    await (await begin(store, { id: 'parts', mode: 'ablation', plan: [[], ['layer a'], ['layer a', 'column b']], reports, steps: 1 })).end()
    const { stdout } = await studies('show', 'parts')
    assert.match(stdout, /^mode +ablation$/m)
    assert.match(stdout, /^ +0 +finished +0 +0\.9000 {2}with everything$/m)
    assert.match(stdout, /^ +2 +finished +2 +0\.5000 {2}without layer a and column b$/m)
    assert.match((await studies('trials', 'parts')).stdout, /layer a and column b$/m)
    assert.match((await studies('list')).stdout, /^parts +pretended +ablation/m)
    assert.deepEqual((await json('trials', 'parts'))[1].without, ['layer a'])
    await studies('delete', 'parts')
  })

  test('what is not there, and what is no study', async () => {
    await (await store.createRun({ id: 'single-2', name: 'pretended', mode: 'single', seed: 0, config: {} })).finish('finished')
    const trouble = async (pattern: RegExp, ...args: string[]) => assert.match((await studies(...args)).stderr, pattern)
    await trouble(/no study 'firts'.*Did you mean 'first'/s, 'show', 'firts')
    await trouble(/'single-2' is no study but a run of mode 'single'/, 'show', 'single-2')
    await trouble(/'tutti studies show' needs a study/, 'show')
    await trouble(/no command 'tutti studies shwo'/, 'shwo')
    await trouble(/does not know what to do with 'second'/, 'show', 'first', 'second')
    assert.equal((await studies('delete', 'first', 'nobody')).code, 1)
    assert.equal((await readStudy(store, 'first')).id, 'first', 'none of those named, where one is not there')
  })

  test('help names every action and every option', async () => {
    const { stdout } = await call(['help', 'studies'])
    for (const action of ['list', 'show', 'best', 'trials', 'importance', 'replay', 'export', 'delete'])
      assert.match(stdout, new RegExp(`tutti studies ${action} `))
    for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line)
    assert.equal((await studies('nothing')).code, 2)
  })

  test('delete', async () => {
    await (await begin(store, { id: 'short', trials: 1, workers: 1 })).end()
    assert.equal((await studies('delete', 'short')).stdout, 'deleted short\n')
    await assert.rejects(readStudy(store, 'short'), { code: 'STUDY_UNKNOWN' })
  })
})
