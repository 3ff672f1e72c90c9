/** What a comparison of several numbers of workers looks like, wherever it is read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scalingText } from '../../src/cli/display/scaling.ts'
import { widthOf } from '../../src/cli/display/style.ts'
import type { Scaling } from '../../src/run/index.ts'

const run = (workers: number, shared: boolean, seconds: number) => ({
  ...{ study: `s-${workers}`, workers, shared, seconds, speedUp: 12 / seconds, efficiency: 12 / seconds / workers },
})
const metrics = { accuracy: 0.68241, accuracyStd: 0.0038, logLoss: 0.879, logLossStd: 0.005 }
const scaling: Scaling = {
  ...{ metric: 'accuracy', trials: 64, cores: 2, engine: 'processes', same: true },
  standard: { study: 's-default', config: { maxDepth: 0, nEstimators: 100 }, metrics },
  best: { study: 's-1', trial: 56, config: {}, assignment: { maxDepth: 4, nEstimators: 150 }, metrics },
  runs: [run(1, true, 12), run(2, true, 8), run(1, false, 120), run(2, false, 70)],
}
const look = { color: false, program: 'tutti', html: 'page.html', store: '.tutti', storeFlag: '', seconds: 90 }
const rows = (columns: number) => scalingText(scaling, { ...look, columns }).split('\n')

test('where there is room, a row for each number of workers', () => {
  const lines = rows(200)
  assert.ok(
    lines.some((line) => /^workers +shared s +speed-up +efficiency +not shared s +speed-up +efficiency +sharing is faster$/.test(line)),
  )
  assert.ok(lines.some((line) => /^ +2 +8\.00 +1\.50 +75 % +70\.00 +0\.17 +9 % +8\.8 times$/.test(line)))
})

test('in a terminal of 80 columns no row breaks, and no run is left out', () => {
  const lines = rows(80)
  const from = lines.findIndex((line) => line.startsWith('workers'))
  assert.match(lines[from] as string, /^workers +work +seconds +speed-up +efficiency$/)
  assert.deepEqual(
    lines.slice(from + 1, from + 5).map((line) => line.trim().split(/ {2,}/).slice(0, 3).join()),
    ['1,shared,12.00', '2,shared,8.00', '1,not shared,120.00', '2,not shared,70.00'],
  )
  for (const line of lines.slice(0, from + 5)) assert.ok(widthOf(line) <= 80, line)
  assert.match(lines.find((line) => line.startsWith('Best')) as string, /accuracy 0\.6824 ± 0\.0038/)
})
