/** One search with several numbers of workers: what it found, and how long it took. */
import type { PageScaling } from '../pageData.ts'
import { h } from './dom.ts'
import { formatTick } from './format.ts'
import { chartStyle, type Section } from './section.ts'

export function scalingSection({ metric, standard, best, about, runs, rows }: PageScaling): Section {
  const kindOf = ({ shared }: { readonly shared: boolean }) => (shared ? 'shared' : 'not shared')
  const [head = [], ...lines] = rows
  const compared = [['default', ...standard], ...(best ? [['best', ...best]] : [])]
  return {
    id: 'scaling',
    title: 'Workers and shared work',
    about,
    draw(width) {
      const counts = [...new Set(runs.map(({ workers }) => workers))].sort((a, b) => a - b)
      const chart = Plot.plot({
        ...{ width: Math.min(width, 560), height: 220, marginLeft: 56, marginTop: 24, marginBottom: 40, style: chartStyle },
        ariaLabel: 'Seconds by number of workers',
        x: { type: 'point', domain: counts, label: 'workers', labelArrow: 'none' },
        y: { label: 'seconds', labelArrow: 'none', zero: true, grid: true, nice: true, tickFormat: formatTick, ticks: 5 },
        color: { domain: ['shared', 'not shared'], range: ['var(--finished)', 'var(--running)'], legend: true },
        marks: [
          Plot.line(runs, { x: 'workers', y: 'seconds', stroke: kindOf, strokeWidth: 2 }),
          Plot.dot(runs, { x: 'workers', y: 'seconds', fill: kindOf, r: 4 }),
        ],
      })
      return h(
        'div',
        {},
        tableOfTexts(['', 'parameters', metric], compared, 2),
        h('p', { class: 'note' }),
        tableOfTexts(head, lines, head.length),
        chart,
      )
    },
  }
}

/** The first `plain` columns stand left where they are words. */
function tableOfTexts(head: readonly string[], rows: readonly (readonly string[])[], plain: number): HTMLElement {
  const isNumber = (column: number) => plain === head.length || column >= plain
  return h(
    'div',
    { class: 'scroll table', tabindex: 0 },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...head.map((text, i) => h('th', { scope: 'col', class: isNumber(i) ? 'number' : undefined }, text)))),
      h(
        'tbody',
        {},
        ...rows.map((row) => h('tr', {}, ...row.map((text, i) => h('td', { class: isNumber(i) ? 'number' : undefined }, text)))),
      ),
    ),
  )
}
