/** The optimization history: each trial's value, and the best so far. */
import type { PageTrial } from '../pageData.ts'
import { type Choice, h, selectOf, toggleOf } from './dom.ts'
import { cut, formatSpan, formatTick, formatValue, spanTicks, tipOf } from './format.ts'
import { chartStyle, type Page, partNote, pickable, type Section, tipStyle } from './section.ts'
import { betterBy, colorOf, endsOf, finishedLast, isShown, objectiveOf, rangeOf, symbolOf, thinned, valueOfTrial } from './view.ts'

interface Point {
  readonly trial: PageTrial
  readonly x: number
  readonly y: number
}

const axes: readonly Choice[] = [
  { value: 'number', text: 'trial number' },
  { value: 'time', text: 'time it ended' },
]
/** More dots than these can neither be told apart nor drawn at once. */
const mostDots = 3000

export function historySection(page: Page): Section {
  const { view } = page
  const { trials } = view.data
  let along = 'number'
  let near = false
  let log = false
  const xOf = (trial: PageTrial) => (along === 'number' ? trial.number : (endOf(trial) ?? 0))
  return {
    id: 'history',
    title: 'Optimization history',
    about: 'Every trial, and the best finished so far. Trials that ended without a value stand at the bottom.',
    controls: [
      selectOf('by', axes, along, (value) => {
        along = value
        page.refresh('history')
      }),
      toggleOf('near the best', near, (on) => {
        near = on
        page.refresh('history')
      }),
      toggleOf('log scale', log, (on) => {
        log = on
        page.refresh('history')
      }),
    ],
    draw(width) {
      const objective = objectiveOf(view)
      const all = trials.filter((trial) => isShown(trial, view))
      const shown = finishedLast(thinned(all, mostDots, view))
      const withValue = (trial: PageTrial): Point[] => {
        const y = valueOfTrial(trial, view)
        return y === null ? [] : [{ trial, x: xOf(trial), y }]
      }
      const points = shown.flatMap(withValue)
      const others = shown.filter((trial) => valueOfTrial(trial, view) === null && trial.state !== 'waiting')
      const finished = trials.filter(({ state }) => state === 'finished').flatMap(withValue)
      finished.sort((a, b) => a.x - b.x || a.trial.number - b.trial.number)
      const steps: Point[] = []
      for (const point of finished) {
        const last = steps.at(-1)
        if (last === undefined || betterBy(point.y, last.y, objective) > 0) steps.push(point)
      }
      const lastX = Math.max(...trials.map(xOf), 0)
      const line = steps.length > 0 ? [...steps, { ...(steps.at(-1) as Point), x: lastX }] : []
      const useLog = log && points.every(({ y }) => y > 0)
      const ends = endsOf(
        points.map(({ y }) => y),
        objective.direction,
        near,
      )
      const domain = useLog && !(near && (ends[0] as number) > 0) ? rangeOf(points.map(({ y }) => y)) : ends
      const floor = domain[0] as number
      const rug: Point[] = others.map((trial) => ({ trial, x: xOf(trial), y: floor }))
      const picked = [...points, ...rug].filter(({ trial }) => trial.number === view.picked)
      const chart = Plot.plot({
        ...{
          width,
          height: Math.min(360, Math.max(240, width * 0.42)),
          marginLeft: 58,
          marginRight: 16,
          marginBottom: 38,
          style: chartStyle,
        },
        ariaLabel: `Optimization history of ${objective.metric}`,
        x: {
          label: along === 'number' ? 'trial' : 'after',
          labelArrow: 'none',
          domain: [along === 'number' ? -0.5 : 0, Math.max(lastX, 1) + (along === 'number' ? 0.5 : 0)],
          tickFormat: along === 'number' ? formatTick : formatSpan,
          ticks: along === 'number' ? Math.min(width / 90, lastX + 1) : spanTicks(0, lastX, width / 90),
        },
        y: {
          label: cut(objective.metric, width / 9),
          type: useLog ? 'log' : 'linear',
          domain,
          clamp: true,
          grid: true,
          tickFormat: formatTick,
          ticks: 6,
          labelArrow: 'none',
        },
        symbol: { domain: Object.keys(symbolOf), range: Object.values(symbolOf) },
        marks: [
          Plot.dot(points, {
            ...{ x: 'x', y: 'y', r: shown.length > 1000 ? 2.4 : 3.2, strokeWidth: 1.6, className: 'trials' },
            symbol: (point: Point) => point.trial.state,
            fill: (point: Point) => (point.trial.state === 'finished' ? colorOf('finished') : 'none'),
            fillOpacity: 0.65,
            stroke: (point: Point) => colorOf(point.trial.state),
            strokeOpacity: (point: Point) => (point.trial.state === 'finished' ? 0.9 : 0.75),
          }),
          Plot.dot(rug, {
            ...{ x: 'x', y: 'y', dy: 2, r: 3, fill: (point: Point) => colorOf(point.trial.state), className: 'without-value' },
            symbol: (point: Point) => point.trial.state,
            stroke: (point: Point) => colorOf(point.trial.state),
          }),
          Plot.line(line, { x: 'x', y: 'y', curve: 'step-after', stroke: 'var(--accent)', strokeWidth: 2, className: 'best-so-far' }),
          Plot.dot(steps.slice(-1), { x: 'x', y: 'y', r: 6, stroke: 'var(--accent)', strokeWidth: 2, className: 'best' }),
          Plot.text(steps.slice(-1), {
            ...{ x: () => lastX, y: 'y', textAnchor: 'end', lineAnchor: objective.direction === 'maximize' ? 'bottom' : 'top' },
            ...{ dy: objective.direction === 'maximize' ? -6 : 6, text: (point: Point) => `best ${formatValue(point.y)}` },
            ...{ fontWeight: 600, fill: 'var(--accent)', stroke: 'var(--card)', strokeWidth: 4 },
          }),
          Plot.dot(picked, { x: 'x', y: 'y', r: 8, stroke: 'currentColor', strokeWidth: 2 }),
          Plot.tip(
            [...points, ...rug],
            Plot.pointer({ x: 'x', y: 'y', title: (point: Point) => tipOf(point.trial, view.data), ...tipStyle }),
          ),
        ],
      })
      return h('div', {}, pickable(chart, page), partNote(shown, all))
    },
  }
}

/** Milliseconds after the study was made. */
export function endOf({ attempts }: PageTrial): number | undefined {
  return attempts.at(-1)?.[2] ?? attempts.at(-1)?.[1]
}
