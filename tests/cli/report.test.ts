import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import vm from 'node:vm'
import { pageData } from '../../src/cli/report/data.ts'
import { studyPage } from '../../src/cli/report/index.ts'
import type { PageData } from '../../src/cli/report/pageData.ts'
import { libraries, pageScript } from '../../src/cli/report/script.ts'
import type { StudyRecord } from '../../src/hpo/index.ts'
import { fixtureStudy, hostileStudy, tinyStudies } from '../hpo/fixtures/study.ts'
import fc from '../laws.ts'

const now = 1777900000000
const page = (study: StudyRecord) => studyPage(study, { now, version: '0.0.0' })
const data = (study: StudyRecord) => pageData(study, { now, version: '0.0.0', program: 'tutti' })
/** A study of one objective, `outcomes` of each trial; null did not finish. */
const ended = (outcomes: readonly (readonly number[] | null)[], directions: readonly ('maximize' | 'minimize')[]): StudyRecord => ({
  ...tinyStudies().empty,
  space: {},
  objectives: directions.map((direction, i) => ({ metric: `m${i}`, direction })),
  trials: outcomes.map((values, number) => ({
    ...(tinyStudies().one.trials[0] as StudyRecord['trials'][number]),
    number,
    state: values === null ? 'failed' : 'finished',
    values: values ?? undefined,
    reports: [],
  })),
})

/** What a browser would find in the page's elements of a kind: up to the first end tag, as HTML says of scripts. */
const elements = (html: string, tag: string) =>
  [...html.matchAll(new RegExp(`<${tag}(?<attributes>[^>]*)>(?<text>[\\s\\S]*?)</${tag}`, 'gi'))].map(({ groups }) => groups)

describe('the page', () => {
  test('has its data, and scripts that its policy names and no other', () => {
    for (const study of [fixtureStudy({ trials: 30 }), hostileStudy(), tinyStudies().empty]) {
      const html = page(study)
      const [first, ...scripts] = elements(html, 'script')
      assert.match(first?.attributes as string, /type="application\/json"/)
      assert.deepEqual(JSON.parse(first?.text as string), JSON.parse(JSON.stringify(data(study))))
      const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? ''
      const hashes = scripts.map(
        (script) =>
          `'sha256-${createHash('sha256')
            .update(script?.text as string)
            .digest('base64')}'`,
      )
      assert.equal(hashes.length, 3)
      assert.match(policy, /^default-src 'none'; /)
      assert.equal(
        policy.split('; ').find((rule) => rule.startsWith('script-src')),
        `script-src ${hashes.join(' ')}`,
      )
    }
  })

  test('is one file: nothing in its markup names an address', () => {
    const html = page(fixtureStudy({ trials: 30 }))
    const markup = html.replaceAll(/<script[^>]*>[\s\S]*?<\/script/gi, '')
    assert.doesNotMatch(markup, /https?:|src=|@import|url\(/)
    assert.deepEqual(
      [...markup.matchAll(/href="([^"]*)"/g)].map(([, address]) => address),
      ['data:,'],
    )
  })

  test('holds whatever text was named, and nothing of it as markup', () => {
    const tags = (html: string) => html.replaceAll(/<script[^>]*>[\s\S]*?<\/script/gi, '').match(/<[a-z!/][a-z]*/gi)
    const plain = tags(page(tinyStudies().one))
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('</script>', '<!--<script>', '</title><img src=x onerror=1>', '&lt;', '"><b>'),
    )
    fc.assert(
      fc.property(text, (name) => {
        const { one } = tinyStudies()
        const html = page({ ...one, id: name, name, file: name, sampler: name, objectives: [{ metric: name, direction: 'maximize' }] })
        assert.deepEqual(tags(html), plain)
        const told = JSON.parse(elements(html, 'script')[0]?.text as string) as PageData
        assert.deepEqual([told.facts.id, told.facts.file, told.objectives[0]?.metric], [name, name, name])
      }),
      { numRuns: 20 },
    )
  })

  test('does not tell where on the disk the training file was, only where it is from here', () => {
    const { facts } = data({ ...tinyStudies().one, file: resolve('examples/train.ts') })
    assert.equal(facts.file, join('examples', 'train.ts'))
  })

  test('the same study makes the same page', () => {
    assert.equal(page(fixtureStudy({ trials: 40 })), page(fixtureStudy({ trials: 40 })))
  })
})

describe('its script', () => {
  test('is one that browsers read: no types, no imports, no name twice', () => {
    const script = pageScript()
    assert.doesNotThrow(() => new vm.Script(script))
    assert.doesNotMatch(script, /^\s*(import|export)\s/m)
    assert.throws(() => new vm.Script(script.replace(/\n}\n$/, '\nfunction historySection() {}\n}\n')), /already been declared/)
  })

  test('comes after the libraries it calls', () => {
    const browser = vm.createContext({})
    vm.runInContext('globalThis.self = globalThis', browser)
    for (const library of libraries()) vm.runInContext(library, browser)
    assert.equal(vm.runInContext('typeof Plot.plot + typeof d3.brushY', browser), 'functionfunction')
  })
})

describe('its data', () => {
  test('the best is the first of the best finished, in either direction', () => {
    const outcomes = [[3], null, [1], [5], [1], [5], [Number.NaN]]
    assert.equal(data(ended(outcomes, ['maximize'])).objectives[0]?.best, 3)
    assert.equal(data(ended(outcomes, ['minimize'])).objectives[0]?.best, 2)
    assert.equal(data(ended([null], ['minimize'])).objectives[0]?.best, undefined)
    assert.deepEqual(data(ended([null], ['minimize'])).front, [])
  })

  test('the front is what no other trial beats', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }))
    fc.assert(
      fc.property(fc.array(point, { maxLength: 30 }), (points) => {
        const { front } = data(ended(points, ['minimize', 'maximize']))
        const beats = (a: readonly number[], b: readonly number[]) => a[0]! <= b[0]! && a[1]! >= b[1]! && (a[0] !== b[0] || a[1] !== b[1])
        const best = points.filter((own) => !points.some((other) => beats(other, own))).map(String)
        assert.deepEqual(new Set(front.map((number) => String(points[number]))), new Set(best))
        assert.equal(front.length, new Set(best).size, 'equal ones stand there once')
      }),
      { numRuns: 50 },
    )
  })

  test('numbers that JSON has not are null, and what does not count is', () => {
    const { trials, dimensions, metrics } = data(hostileStudy())
    const first = trials[0]
    assert.equal(first?.at.length, dimensions.length)
    assert.equal(metrics.length, 1)
    const sgd = data(fixtureStudy({ trials: 30 }))
    const momentum = sgd.dimensions.findIndex(({ name }) => name === 'momentum')
    for (const { at, number } of sgd.trials) assert.equal(at[momentum] === null, at[4] !== 'sgd', `trial ${number}`)
    const odd = ended([[Number.POSITIVE_INFINITY]], ['minimize'])
    assert.deepEqual(data(odd).trials[0]?.values, [null])
  })

  test('long curves are thinned, and keep their ends', () => {
    const study = fixtureStudy({ trials: 60, steps: 2000 })
    const made = data(study)
    assert.equal(made.thinned, true)
    const points = made.trials.reduce((sum, { curves }) => sum + (curves?.steps.length ?? 0) * made.metrics.length, 0)
    assert.ok(points <= 70_000, `${points} points`)
    for (const [i, { curves }] of made.trials.entries()) {
      const { reports } = study.trials[i] as StudyRecord['trials'][number]
      assert.equal(curves?.steps.at(-1), reports.at(-1)?.step)
      assert.equal(curves?.steps[0], reports[0]?.step)
    }
    assert.equal(data(fixtureStudy({ trials: 10 })).thinned, false)
  })

  test('why nothing can be said of what mattered is said', () => {
    const { importance } = data(tinyStudies().one).objectives[0] ?? {}
    assert.match(importance && 'problem' in importance ? importance.problem : '', /fewer than 10/)
    const many = data(fixtureStudy()).objectives[0]?.importance
    assert.equal(many && 'fanova' in many ? many.fanova.length : 0, 8)
  })
})
