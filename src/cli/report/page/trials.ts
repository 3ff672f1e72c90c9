/** The table of trials: sorted by any column, and only of what is shown elsewhere. */
import type { PageTrial } from '../pageData.ts'
import { h } from './dom.ts'
import { cut, durationOf, formatCounted, formatSpan, formatValue, valueText } from './format.ts'
import type { Page, Section } from './section.ts'
import { colorOf, isShown, states, type View } from './view.ts'

interface TableColumn {
  readonly name: string
  readonly numeric: boolean
  /** By what it is sorted; what has none stands last. */
  key(trial: PageTrial): number | string | null
  cell(trial: PageTrial): Node | string
}

const firstRows = 50

export function trialsSection(page: Page): Section {
  const { view } = page
  let sorted = { column: 0, down: false }
  let most = firstRows
  const columns = columnsOf(page)
  return {
    id: 'trials',
    title: 'Trials',
    about: 'Click a heading to sort, and a number to mark that trial in every chart.',
    draw() {
      const shown = view.data.trials.filter((trial) => isShown(trial, view) && (view.brushed?.has(trial.number) ?? true))
      const { key } = columns[sorted.column] as TableColumn
      const rows = [...shown].sort((a, b) => compareKeys(key(a), key(b), sorted.down) || a.number - b.number)
      const heading = ({ name, numeric }: TableColumn, column: number) => {
        const is = sorted.column === column
        const sort = () => {
          sorted = { column, down: is ? !sorted.down : false }
          page.refresh('trials')
        }
        return h(
          'th',
          { scope: 'col', class: numeric ? 'number' : undefined, 'aria-sort': is ? (sorted.down ? 'descending' : 'ascending') : undefined },
          h(
            'button',
            { onclick: sort, title: name },
            cut(name, 24),
            h('span', { 'aria-hidden': 'true' }, is ? (sorted.down ? ' ▾' : ' ▴') : ''),
          ),
        )
      }
      const more = () => {
        most = most > firstRows ? firstRows : Number.POSITIVE_INFINITY
        page.refresh('trials')
      }
      return h(
        'div',
        {},
        h(
          'div',
          { class: 'scroll table', tabindex: 0 },
          h(
            'table',
            {},
            h('thead', {}, h('tr', {}, ...columns.map(heading))),
            h('tbody', {}, ...rows.slice(0, most).map((trial) => rowOf(trial, columns, view))),
          ),
        ),
        h(
          'p',
          { class: 'note' },
          `${formatCounted(rows.length, 'trial')}${shown.length < view.data.trials.length ? ` of ${view.data.trials.length}` : ''}. `,
          rows.length > firstRows &&
            h('button', { class: 'small', onclick: more }, most > firstRows ? `Show the first ${firstRows}` : 'Show all'),
        ),
      )
    },
  }
}

function rowOf(trial: PageTrial, columns: readonly TableColumn[], view: View): HTMLElement {
  const classes = [trial.number === view.picked && 'picked', view.data.front.includes(trial.number) && 'best'].filter(
    (name) => name !== false,
  )
  return h(
    'tr',
    { class: classes.length > 0 ? classes.join(' ') : undefined },
    ...columns.map(({ numeric, cell }) => h('td', { class: numeric ? 'number' : undefined }, cell(trial))),
  )
}

function columnsOf({ view, pick }: Page): TableColumn[] {
  const { data } = view
  const { objectives, dimensions, trials } = data
  const numeric = (name: string, key: (trial: PageTrial) => number | null, text: (value: number) => string = formatValue): TableColumn => ({
    ...{ name, numeric: true, key },
    cell(trial) {
      const value = key(trial)
      return value === null ? '–' : text(value)
    },
  })
  const text = (name: string, key: (trial: PageTrial) => string | null): TableColumn => ({
    ...{ name, numeric: false, key },
    cell: (trial) => cut(key(trial) ?? '–', 80),
  })
  return [
    {
      ...numeric('trial', ({ number }) => number),
      cell: ({ number }) => h('button', { class: 'link', onclick: () => pick(number) }, number),
    },
    {
      ...{ name: 'state', numeric: false, key: ({ state }) => states.indexOf(state) },
      cell: ({ state, waiting }) =>
        h('span', { class: 'state', style: `--state: ${colorOf(state)}` }, waiting === undefined ? state : `${state} ${waiting}`),
    },
    ...objectives.map(({ metric }, i) => ({
      ...numeric(metric, ({ values }) => values[i] ?? null),
      cell: (trial: PageTrial) => (trial.values[i] === null ? '–' : valueText(trial, i)),
    })),
    ...(trials.some(({ without }) => without !== undefined)
      ? [text('without', ({ without }) => (without === undefined ? null : without.length === 0 ? 'nothing' : without.join(', ')))]
      : []),
    ...dimensions.map(({ name, range }, i) =>
      range !== undefined
        ? numeric(name, ({ at }) => (typeof at[i] === 'number' ? at[i] : null))
        : text(name, ({ at }) => (at[i] === null || at[i] === undefined ? null : formatValue(at[i]))),
    ),
    numeric('last step', ({ step }) => step ?? null),
    numeric('time', (trial) => (trial.attempts.length > 0 ? durationOf(trial, data) : null), formatSpan),
    text('worker', ({ attempts }) => (attempts.length > 0 ? [...new Set(attempts.map(([worker]) => worker))].join(', ') : null)),
    ...(trials.some(({ origin }) => origin !== trials[0]?.origin)
      ? [text('from', ({ origin, parent }) => (parent === undefined ? origin : `trial ${parent}`))]
      : []),
    ...(trials.some(({ error }) => error !== undefined) ? [text('error', ({ error }) => error ?? null)] : []),
  ]
}

function compareKeys(a: number | string | null, b: number | string | null, down: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true })
  return down ? -order : order
}
