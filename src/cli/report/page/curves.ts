/** Learning curves of all trials, and where the pruned ones were stopped. */
import type { PageTrial } from '../pageData.ts'
import { numberTicks } from './axes.ts'
import { h, selectOf, toggleOf } from './dom.ts'
import { cut, formatTick, tipOf } from './format.ts'
import { chartStyle, type Page, partNote, pickable, type Section, tipStyle } from './section.ts'
import { colorOf, endsOf, finishedLast, isShown, objectiveOf, rangeOf, symbolOf, thinned } from './view.ts'

interface CurvePoint {
  readonly trial: PageTrial
  readonly x: number
  readonly y: number
}

const mostCurves = 500

export function curvesSection(page: Page): Section {
  const { view } = page
  const { metrics, trials, thinned: left } = view.data
  let metric: string | undefined
  let near = false
  let log = false
  const choose = selectOf(
    'metric',
    metrics.map((name) => ({ value: name, text: cut(name, 40) })),
    metrics[0] ?? '',
    (value) => {
      metric = value
      page.refresh('curves')
    },
  )
  const closer = toggleOf('near the best', near, (on) => {
    near = on
    page.refresh('curves')
  })
  const toggle = toggleOf('log scale', log, (on) => {
    log = on
    page.refresh('curves')
  })
  return {
    id: 'curves',
    title: 'Learning curves',
    about: 'What each trial reported step by step. A mark at the end tells how it ended, if it did not finish.',
    controls: [choose, ...(view.data.objectives.length > 0 ? [closer] : []), toggle],
    draw(width) {
      const objective = objectiveOf(view)
      const name = metric ?? (metrics.includes(objective.metric) ? objective.metric : metrics[0])
      if (name === undefined) return h('p', { class: 'empty' }, 'Nothing was reported step by step.')
      const index = metrics.indexOf(name)
      const direction = view.data.objectives.find((each) => each.metric === name)?.direction
      const all = trials.filter((trial) => isShown(trial, view) && trial.curves !== undefined)
      const shown = finishedLast(thinned(all, mostCurves, view))
      const curves = shown.map((trial): CurvePoint[] => {
        const { steps = [], values = [] } = trial.curves ?? {}
        return steps.flatMap((x, i) => {
          const y = values[index]?.[i] ?? null
          return y === null ? [] : [{ trial, x, y }]
        })
      })
      const points = curves.flat()
      const ys = points.map(({ y }) => y)
      const ends = endsOf(ys, direction, near)
      const useLog = log && ys.every((y) => y > 0)
      const stops = curves.flatMap((curve) => (curve.at(-1)?.trial.state === 'finished' ? [] : curve.slice(-1)))
      const of = (number: number | undefined) => points.filter(({ trial }) => trial.number === number)
      const [from, to] = rangeOf(points.map(({ x }) => x))
      const chart = Plot.plot({
        ...{
          width,
          height: Math.min(360, Math.max(250, width * 0.42)),
          marginLeft: 58,
          marginRight: 16,
          marginBottom: 38,
          style: chartStyle,
        },
        ariaLabel: `Learning curves of ${name}`,
        x: {
          label: 'step',
          labelArrow: 'none',
          domain: [from, Math.max(to, from + 1)],
          tickFormat: formatTick,
          ticks: numberTicks({ kind: 'int', log: false }, [from, Math.max(to, from + 1)], width / 80),
        },
        y: {
          ...{
            label: cut(name, width / 9),
            labelArrow: 'none',
            grid: true,
            clamp: true,
            ticks: 6,
            tickFormat: formatTick,
            type: useLog ? 'log' : 'linear',
          },
          domain: useLog && !(near && ends[0] > 0) ? rangeOf(ys) : ends,
        },
        symbol: { domain: Object.keys(symbolOf), range: Object.values(symbolOf) },
        marks: [
          Plot.line(points, {
            ...{ x: 'x', y: 'y', z: ({ trial }: CurvePoint) => trial.number, strokeWidth: 1.2, className: 'curves' },
            stroke: ({ trial }: CurvePoint) => colorOf(trial.state),
            strokeOpacity: shown.length > 60 ? 0.38 : 0.7,
          }),
          Plot.dot(stops, {
            ...{ x: 'x', y: 'y', r: 3, strokeWidth: 1.6, fill: 'none', className: 'ends' },
            symbol: ({ trial }: CurvePoint) => trial.state,
            stroke: ({ trial }: CurvePoint) => colorOf(trial.state),
          }),
          Plot.line(of(objective.best), { x: 'x', y: 'y', stroke: 'var(--accent)', strokeWidth: 2.5, className: 'best' }),
          Plot.line(of(view.picked), { x: 'x', y: 'y', stroke: 'currentColor', strokeWidth: 2.5 }),
          Plot.tip(
            points,
            Plot.pointer({
              x: 'x',
              y: 'y',
              title: (point: CurvePoint) => `step ${point.x}: ${formatTick(point.y)}\n${tipOf(point.trial, view.data)}`,
              ...tipStyle,
            }),
          ),
        ],
      })
      const lines = [
        ...(points.length > 0 ? [] : ['No value of it is a number.']),
        ...(left ? ['Long curves were thinned, so that the page stays small.'] : []),
      ]
      return h('div', {}, pickable(chart, page), partNote(shown, all), ...lines.map((line) => h('p', { class: 'note' }, line)))
    },
  }
}
