/** A study's page in a real browser: it draws all there is, is quiet, asks nobody, and nothing that was named breaks out. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { studyPage } from '../../src/cli/report/index.ts'
import type { StudyRecord, TrialRecord } from '../../src/hpo/index.ts'
import type { Scaling } from '../../src/run/index.ts'
import { fixtureStudy, hostileStudy, tinyStudies } from '../hpo/fixtures/study.ts'
import { type Browser, startChromium, type Tab } from './chromium.ts'

const root = resolve(import.meta.dirname, '../..')
const place = mkdtempSync(join(tmpdir(), 'tutti-report-'))
let browser: Browser

before(async () => {
  browser = await startChromium()
})
after(async () => {
  await browser?.[Symbol.asyncDispose]()
  rmSync(place, { recursive: true })
})

const now = 1777900000000
const hasValue = ({ values }: TrialRecord) => values !== undefined
const attempts = ({ trials }: StudyRecord) => trials.flatMap((trial) => trial.attempts)

async function show(study: StudyRecord, make = studyPage, size?: { width: number; height: number }): Promise<Tab & { url: string }> {
  const file = join(place, `${Math.abs(hashOf(study.id))}.html`)
  writeFileSync(file, make(study, { now, version: '0.0.0', program: 'npx tutti' }))
  const url = pathToFileURL(file).href
  return Object.assign(await browser.open(url, size), { url })
}

function hashOf(text: string): number {
  return [...text].reduce((hash, letter) => Math.imul(hash, 31) + (letter.codePointAt(0) as number), 7)
}

const count = (tab: Tab, selector: string) => tab.evaluate<number>(`document.querySelectorAll(${JSON.stringify(selector)}).length`)
const textOf = (tab: Tab, selector: string) => tab.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`)
const click = (tab: Tab, selector: string) => tab.evaluate<void>(`document.querySelector(${JSON.stringify(selector)}).click()`)

/** Nothing to complain of, and no address asked for but its own. */
function assertQuiet({ complaints, requests, url }: Tab & { url: string }): void {
  assert.deepEqual(complaints, [])
  assert.deepEqual(
    requests.filter((each) => each !== url && !each.startsWith('data:')),
    [],
  )
}

test('one objective: every trial is in every chart it belongs in', async () => {
  const study = fixtureStudy()
  const { trials, space } = study
  const tab = await show(study)
  assert.equal(await count(tab, '#history .trials > *'), trials.filter(hasValue).length)
  assert.equal(await count(tab, '#history .without-value > *'), trials.filter((trial) => !hasValue(trial)).length)
  assert.equal(await count(tab, '#importance .importance > *'), Object.keys(space).length)
  assert.equal(await count(tab, '#parallel .lines path'), trials.filter(hasValue).length)
  assert.equal(await count(tab, '#parallel .axis'), Object.keys(space).length + 1)
  assert.equal(await count(tab, '#slices svg'), Object.keys(space).length)
  const places = trials.filter(hasValue).reduce((sum, { assignment }) => sum + Object.keys(assignment).length, 0)
  assert.equal(await count(tab, '#slices .trials > *'), places)
  assert.equal(await count(tab, '#curves .curves path'), trials.filter(({ reports }) => reports.length > 0).length)
  assert.equal(await count(tab, '#timeline .attempts > *'), attempts(study).length)
  assert.equal(await count(tab, '#trials tbody tr'), 50)
  await tab.evaluate(`[...document.querySelectorAll('#trials .note button')].at(-1).click()`)
  assert.equal(await count(tab, '#trials tbody tr'), trials.length)
  const best = Math.max(...trials.filter(({ state }) => state === 'finished').map(({ values }) => values?.[0] as number))
  assert.match(await textOf(tab, 'header .big'), new RegExp(`^${Number(best.toPrecision(4))}`))
  assert.match(
    await textOf(tab, 'header code'),
    /^npx tutti train examples\/01-mnist\/train\.ts --set epochs=27 --set learningRate=0\.\d+ --set hidden=\d+ .* --seed 1\d+$/,
  )
  assert.equal(await tab.evaluate(`document.querySelectorAll('[d*=NaN], [x*=NaN], [y*=NaN], [cx*=NaN], [transform*=NaN]').length`), 0)
  assertQuiet(tab)
  await tab.close()
})

test('two objectives: the front, and charts of either', async () => {
  const study = fixtureStudy({ objectives: 2 })
  const losses = study.trials
    .filter(hasValue)
    .map(({ values: [accuracy, parameters] = [] }) => [-(accuracy as number), parameters as number] as const)
  const front = losses.filter((own) => !losses.some((other) => other !== own && other[0] <= own[0] && other[1] <= own[1]))
  const tab = await show(study)
  assert.equal(await count(tab, '#pareto .best > *'), front.length)
  assert.equal(await count(tab, '#pareto .trials > *'), losses.length)
  assert.equal(await textOf(tab, '#history [aria-label="y-axis label"]'), 'accuracy')
  await tab.evaluate(
    `{ const select = document.querySelector('header select'); select.value = '1'; select.dispatchEvent(new Event('change')) }`,
  )
  assert.equal(await textOf(tab, '#history [aria-label="y-axis label"]'), 'parameters')
  assertQuiet(tab)
  await tab.close()
})

describe('it can be worked with', () => {
  let tab: Tab & { url: string }
  const rows = () => textOf(tab, '#trials .note')
  before(async () => {
    tab = await show(fixtureStudy(), studyPage, { width: 1200, height: 6000 })
  })
  after(() => assertQuiet(tab))

  test('states are hidden and shown again', async () => {
    const all = await count(tab, '#history .trials > *')
    await click(tab, 'header .chip:nth-child(2)')
    assert.equal(await count(tab, '#history .trials > *'), fixtureStudy().trials.filter(({ state }) => state === 'finished').length)
    await click(tab, 'header .chip:nth-child(2)')
    assert.equal(await count(tab, '#history .trials > *'), all)
  })

  test('a column sorts the table, either way', async () => {
    const values = () =>
      tab.evaluate<string[]>(`[...document.querySelectorAll('#trials tbody td:nth-child(3)')].map((cell) => cell.textContent)`)
    await click(tab, '#trials th:nth-child(3) button')
    const up = (await values()).map(Number)
    assert.deepEqual(
      up,
      up.toSorted((a, b) => a - b),
    )
    await click(tab, '#trials th:nth-child(3) button')
    const down = (await values()).map(Number)
    assert.deepEqual(
      down,
      down.toSorted((a, b) => b - a),
    )
    assert.notDeepEqual(up, down)
    await click(tab, '#trials th:nth-child(1) button')
  })

  test('a trial is marked everywhere, and Escape lets it go', async () => {
    await click(tab, '#trials tbody tr:nth-child(4) button')
    assert.match(await textOf(tab, '.picked-bar'), /^Trial 3finished.*--set learningRate=.*--seed 1003/)
    assert.equal(await count(tab, '#parallel .picked'), 1)
    assert.equal(await count(tab, '#trials tr.picked'), 1)
    await tab.key('Escape')
    assert.equal(await count(tab, '.picked-bar, .picked'), 0)
  })

  test('a brush on an axis keeps what passes there, also through a redraw', async () => {
    const [x, top, bottom] = await tab.evaluate<[number, number, number]>(
      `(() => { const { x, width, top, bottom } = document.querySelector('#parallel .axis line').getBoundingClientRect(); return [x + width / 2, top, bottom] })()`,
    )
    assert.match(await rows(), /^200 trials/)
    // The axis of learning rates, of four decades: the upper half is 0.01 to 1.
    await tab.drag([x, top - 4], [x, (top + bottom) / 2])
    const kept = fixtureStudy().trials.filter((trial) => hasValue(trial) && (trial.assignment.learningRate as number) >= 0.01).length
    const near = Number(/^(\d+)/.exec(await rows())?.[1])
    assert.ok(Math.abs(near - kept) <= 3, `${near} trials, about ${kept} were meant`)
    assert.equal(await count(tab, '#parallel .lines .away'), fixtureStudy().trials.filter(hasValue).length - near)
    await tab.dark(true)
    assert.equal(Number(/^(\d+)/.exec(await rows())?.[1]), near)
    await tab.dark(false)
    await tab.drag([x, bottom + 20], [x, bottom + 20])
    assert.match(await rows(), /^200 trials/)
  })

  test('the timeline is looked at closer', async () => {
    const [left, right, y] = await tab.evaluate<[number, number, number]>(
      `(() => { const { left, right, top, bottom } = document.querySelector('#timeline .overlay').getBoundingClientRect(); return [left, right, (top + bottom) / 2] })()`,
    )
    const all = await count(tab, '#timeline .attempts > *')
    await tab.drag([left + 5, y], [left + (right - left) / 5, y])
    const some = await count(tab, '#timeline .attempts > *')
    assert.ok(some > 0 && some < all / 2, `${some} of ${all}`)
    await click(tab, '#timeline .head button')
    assert.equal(await count(tab, '#timeline .attempts > *'), all)
  })

  test('importance by permutation, and axes near the best', async () => {
    await tab.evaluate(
      `{ const select = document.querySelector('#importance select'); select.value = 'permutation'; select.dispatchEvent(new Event('change')) }`,
    )
    assert.equal(await count(tab, '#importance .importance > *'), 8)
    assert.equal(await count(tab, '#importance .pairs > *'), 0)
    for (const box of ['#history', '#slices', '#curves']) await click(tab, `${box} input[type=checkbox]`)
    assert.equal(await count(tab, '#history .trials > *'), fixtureStudy().trials.filter(hasValue).length)
  })

  test('what is pointed at is told, readable in the light and in the dark', async () => {
    const [x, y] = await tab.evaluate<[number, number]>(
      `(() => { const { x, y, width, height } = document.querySelector('#history .trials > *').getBoundingClientRect(); return [x + width / 2, y + height / 2] })()`,
    )
    for (const dark of [true, false]) {
      await tab.dark(dark)
      await tab.drag([x - 1, y], [x, y])
      assert.match(await textOf(tab, '#history [aria-label=tip]'), /trial \d+ · \w+\W*accuracy: 0\.\d+\W*learningRate: /)
      const [tip, card] = await tab.evaluate<[string, string]>(
        `[getComputedStyle(document.querySelector('#history [aria-label=tip] path')).fill, getComputedStyle(document.querySelector('.card')).backgroundColor]`,
      )
      assert.equal(tip, card)
      await tab.key('Escape')
    }
  })

  test('a phone scrolls down only', async () => {
    await tab.resize(390, 800)
    assert.equal(await tab.evaluate('document.documentElement.scrollWidth'), 390)
    assert.ok((await tab.evaluate<number>(`document.querySelector('#history svg').getBoundingClientRect().width`)) <= 390)
    await tab.resize(1200, 6000)
  })

  test('charts say what they are to who cannot see them', async () => {
    assert.equal(
      await tab.evaluate(`[...document.querySelectorAll('.body svg')].filter((svg) => !svg.getAttribute('aria-label')).length`),
      0,
    )
  })
})

for (const [name, study] of Object.entries({ ...tinyStudies(), running: fixtureStudy({ trials: 30, running: true }) })) {
  test(`of a study that is ${name} it shows what there is`, async () => {
    const tab = await show(study)
    assert.equal(await textOf(tab, 'h1'), study.id)
    assert.equal(await count(tab, '#trials tbody tr'), study.trials.length)
    assert.equal(await count(tab, '#timeline .attempts > *'), attempts(study).length)
    if (name === 'empty') assert.match(await textOf(tab, 'header'), /No trial was begun yet/)
    if (name === 'one') assert.match(await textOf(tab, '#importance'), /has 1 finished trial/)
    if (name === 'allFailed') assert.match(await textOf(tab, '#trials tbody'), /The file 'digits.csv' is not there/)
    if (name === 'noSpace') assert.equal(await count(tab, '#effects .effects > *'), 3)
    if (name === 'running') assert.match(await textOf(tab, '#trials tbody'), /waiting for a worker/)
    assertQuiet(tab)
    await tab.close()
  })
}

test('names that would break out stay names', async () => {
  const study = hostileStudy()
  const tab = await show(study)
  assert.equal(await tab.evaluate('document.title'), `${study.id.toWellFormed()} · tutti`)
  assert.equal(await textOf(tab, 'h1'), study.id)
  assert.equal(await count(tab, 'img'), 0)
  assert.equal(await count(tab, 'script'), 4)
  assert.equal(await count(tab, '#history .trials > *'), study.trials.filter(hasValue).length)
  await click(tab, '#trials tbody tr:nth-child(2) button')
  const said = await textOf(tab, '.picked-bar code')
  assertQuiet(tab)
  // A shell reads the command as it was meant: one word a setting.
  const words = spawnSync('bash', ['-c', `for word in ${said.slice('npx tutti train '.length)}; do printf '%s\\0' "$word"; done`], {
    encoding: 'utf8',
  })
  const { assignment } = study.trials[1] as TrialRecord
  const chosen = Object.entries(assignment).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const settings = ['--set', 'epochs=27', ...chosen, '--seed', '1001']
  assert.deepEqual(
    words.stdout.split('\0').slice(0, -1),
    [study.file as string, ...settings].map((word) => word.toWellFormed()),
  )
  await tab.close()
})

test('its policy lets nothing out and no other script in', async (t) => {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    response.setHeader('access-control-allow-origin', '*').end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  // A failure below must not leave it open, or the tests never end.
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const tab = await show(fixtureStudy({ trials: 3 }))
  assert.equal(await tab.evaluate(`fetch('${address}').then(() => 'sent', () => 'refused')`), 'refused')
  const added = { script: `textContent: 'document.title = "broken"'`, img: `src: '${address}'`, iframe: `src: '${address}'` }
  for (const [tag, property] of Object.entries(added))
    await tab.evaluate(`document.body.append(Object.assign(document.createElement('${tag}'), { ${property} })), 0`)
  await tab.evaluate(`import('${address}').catch(() => 0).then(() => 0)`)
  assert.notEqual(await tab.evaluate('document.title'), 'broken')
  assert.equal(asked, 0)
  assert.ok(tab.complaints.filter((text) => text.includes('Content Security Policy')).length >= 5, 'one each at least')
  // The same server is heard by a page without a policy: the silence above was the policy's.
  await fetch(address)
  assert.equal(asked, 1)
  await tab.close()
})

test('the built package makes the same page', async () => {
  // Inside the checkout, where its dependencies are found.
  const folder = join(root, '.cache/report')
  const out = join(folder, 'dist')
  rmSync(folder, { recursive: true, force: true })
  const built = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json', '--outDir', out], {
    cwd: root,
    encoding: 'utf8',
  })
  assert.equal(built.error, undefined)
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  const { studyPage: make } = (await import(join(out, 'cli/report/index.js'))) as { studyPage: typeof studyPage }
  const study = fixtureStudy({ trials: 40 })
  const drawings: string[] = []
  for (const each of [studyPage, make]) {
    const tab = await show(study, each)
    assertQuiet(tab)
    // Charts tell their styles apart by random names.
    drawings.push((await tab.evaluate<string>(`document.querySelector('main').outerHTML`)).replaceAll(/plot-[0-9a-z]+|clip-\d+/g, ''))
    await tab.close()
  }
  assert.ok((drawings[0] as string).length > 100_000)
  assert.equal(drawings[0], drawings[1])
  rmSync(folder, { recursive: true })
})

test('a large study is drawn in good time, and in part where it says so', async () => {
  const study = fixtureStudy({ trials: 5000, workers: 16, steps: 40 })
  const tab = await show(study)
  const dots = await count(tab, '#history .trials > *, #history .without-value > *')
  assert.ok(dots >= 3000 && dots < 3200, `${dots} dots`)
  for (const section of ['history', 'parallel', 'slices', 'curves']) {
    const note = await textOf(tab, `#${section} .body`)
    assert.match(note, /[\d,]+ trials of [\d,]+ are drawn/, section)
  }
  assert.equal(await count(tab, '#trials tbody tr'), 50)
  assertQuiet(tab)
  await tab.close()
})

test('a search with several numbers of workers: its figures as a table, and a line for each kind of run', async () => {
  const scaling: Scaling = {
    ...{ metric: 'accuracy', trials: 4, cores: 2, engine: 'processes', same: true },
    standard: { study: 's-default', config: { depth: 8 }, metrics: { accuracy: 0.8, accuracyStd: 0.01 } },
    best: { study: 's-1', trial: 2, config: { depth: 4 }, assignment: { depth: 4 }, metrics: { accuracy: 0.7, accuracyStd: 0.02 } },
    runs: [1, 2].flatMap((workers) =>
      [true, false].map((shared) => {
        const seconds = (shared ? 3 : 60) / workers
        return { study: `s-${workers}`, workers, shared, seconds, speedUp: workers, efficiency: 1 }
      }),
    ),
  }
  const tab = await show(fixtureStudy(), (study, options) => studyPage(study, { ...options, scaling }))
  assert.match(await textOf(tab, '#scaling'), /depth=8.*0\.8000 ± 0\.0100.*depth=4.*0\.7000 ± 0\.0200.*3\.00.*60\.00.*20\.0 times/)
  assert.equal(await count(tab, '#scaling [aria-label="line"] path'), 2)
  assert.equal(await count(tab, '#scaling [aria-label="dot"] circle'), 4)
  assertQuiet(tab)
  await tab.close()
})
