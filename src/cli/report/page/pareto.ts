/** Two objectives against each other: what cannot be bettered in one without giving up some of the other. */
import type { PageTrial } from '../pageData.ts'
import { h, selectOf } from './dom.ts'
import { cut, formatTick, formatValue, tipOf } from './format.ts'
import { chartStyle, type Page, pickable, type Section, tipStyle } from './section.ts'
import { colorOf, endsOf, isShown, symbolOf, thinned } from './view.ts'

interface Outcome {
  readonly trial: PageTrial
  readonly x: number
  readonly y: number
}

export function paretoSection(page: Page): Section {
  const { view } = page
  const { objectives, trials, front } = view.data
  let [across, up] = [0, 1]
  const choices = objectives.map(({ metric }, i) => ({ value: String(i), text: cut(metric, 30) }))
  const controls = [
    selectOf('across', choices, '0', (value) => {
      across = Number(value)
      page.refresh('pareto')
    }),
    selectOf('up', choices, '1', (value) => {
      up = Number(value)
      page.refresh('pareto')
    }),
  ]
  return {
    id: 'pareto',
    title: 'Trade-off',
    half: true,
    about: 'The joined trials are the best: no other is as good in every objective.',
    controls: objectives.length > 2 ? controls : [],
    draw(width) {
      const shown = trials.filter((trial) => isShown(trial, view))
      const outcomes = thinned(shown, 3000, view).flatMap((trial): Outcome[] => {
        const [x, y] = [trial.values[across] ?? null, trial.values[up] ?? null]
        return x === null || y === null ? [] : [{ trial, x, y }]
      })
      const best = outcomes.filter(({ trial }) => front.includes(trial.number)).sort((a, b) => a.x - b.x || a.y - b.y)
      const axis = (index: number, pick: (outcome: Outcome) => number) => {
        const { metric, direction } = objectives[index] as (typeof objectives)[number]
        return {
          ...{ label: `${cut(metric, 30)} (${direction}d)`, labelArrow: 'none' as const, grid: true, clamp: true, tickFormat: formatTick },
          domain: endsOf(outcomes.map(pick), direction),
        }
      }
      const chart = Plot.plot({
        ...{
          width,
          height: Math.min(380, Math.max(260, width * 0.6)),
          marginLeft: 58,
          marginRight: 16,
          marginBottom: 38,
          style: chartStyle,
        },
        ariaLabel: `${objectives[up]?.metric} against ${objectives[across]?.metric}`,
        x: { ...axis(across, ({ x }) => x), ticks: width / 90 },
        y: axis(up, ({ y }) => y),
        symbol: { domain: Object.keys(symbolOf), range: Object.values(symbolOf) },
        marks: [
          Plot.dot(outcomes, {
            ...{ x: 'x', y: 'y', r: 3, strokeWidth: 1.5, fillOpacity: 0.45, strokeOpacity: 0.6, className: 'trials' },
            symbol: ({ trial }: Outcome) => trial.state,
            fill: ({ trial }: Outcome) => (trial.state === 'finished' ? colorOf('finished') : 'none'),
            stroke: ({ trial }: Outcome) => colorOf(trial.state),
          }),
          // With more than two objectives the front is no line.
          ...(objectives.length === 2
            ? [Plot.line(best, { x: 'x', y: 'y', stroke: 'var(--accent)', strokeWidth: 1.5, strokeOpacity: 0.7, className: 'front' })]
            : []),
          Plot.dot(best, { x: 'x', y: 'y', r: 5, fill: 'var(--card)', stroke: 'var(--accent)', strokeWidth: 2, className: 'best' }),
          Plot.dot(
            outcomes.filter(({ trial }) => trial.number === view.picked),
            { x: 'x', y: 'y', r: 8, stroke: 'currentColor', strokeWidth: 2 },
          ),
          Plot.tip(outcomes, Plot.pointer({ x: 'x', y: 'y', title: ({ trial }: Outcome) => tipOf(trial, view.data), ...tipStyle })),
        ],
      })
      const chips = best.map(({ trial }) =>
        h(
          'button',
          { class: 'chip', 'aria-pressed': String(trial.number === view.picked), onclick: () => page.pick(trial.number) },
          `${trial.number}: ${trial.values.map(formatValue).join(', ')}`,
        ),
      )
      return h('div', {}, pickable(chart, page), h('div', { class: 'chips' }, ...chips))
    },
  }
}
