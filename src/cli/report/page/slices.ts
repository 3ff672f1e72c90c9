/** Slices: for each dimension a scatter of the objective over it. */
import type { PageDimension, PageTrial } from '../pageData.ts'
import { numberTicks } from './axes.ts'
import { h, toggleOf } from './dom.ts'
import { cut, formatTick, formatValue, tipOf } from './format.ts'
import { chartStyle, type Page, partNote, pickable, type Section, tipStyle } from './section.ts'
import { colorOf, endsOf, finishedLast, isShown, jitter, objectiveOf, symbolOf, thinned, valueOfTrial } from './view.ts'

interface Dot {
  readonly trial: PageTrial
  readonly x: number
  readonly y: number
}

const mostSliceDots = 1000
const [narrowest, gap] = [215, 16] as const

export function slicesSection(page: Page): Section {
  const { view } = page
  let near = false
  return {
    id: 'slices',
    title: 'Slices',
    controls: [
      toggleOf('near the best', near, (on) => {
        near = on
        page.refresh('slices')
      }),
    ],
    about: 'The objective over one dimension at a time, for trials where it counts. The ring is the best.',
    draw(width) {
      const { trials, dimensions } = view.data
      const all = trials.filter((trial) => isShown(trial, view) && valueOfTrial(trial, view) !== null)
      const shown = finishedLast(thinned(all, mostSliceDots, view))
      const fit = Math.max(1, Math.floor((width + gap) / (narrowest + gap)))
      // Rows of about the same length.
      const columns = Math.ceil(dimensions.length / Math.ceil(dimensions.length / fit))
      const each = Math.floor((width - gap * (columns - 1)) / columns)
      const charts = dimensions.map((dimension, i) => sliceOf(dimension, i, shown, each, near, page))
      return h('div', {}, h('div', { class: 'slices' }, ...charts), partNote(shown, all))
    },
  }
}

function sliceOf(dimension: PageDimension, index: number, shown: readonly PageTrial[], width: number, near: boolean, page: Page): Element {
  const { view } = page
  const { metric, direction, best } = objectiveOf(view)
  const { name, values = [], range, log, text } = dimension
  const dots = shown.flatMap((trial): Dot[] => {
    const at = trial.at[index] ?? null
    const y = valueOfTrial(trial, view) as number
    if (at === null) return []
    if (range !== undefined) return typeof at === 'number' ? [{ trial, x: at, y }] : []
    const place = values.indexOf(at)
    // Beside each other: of one value there are many.
    return place < 0 ? [] : [{ trial, x: place + 0.56 * (jitter(trial.number) - 0.5), y }]
  })
  const room = Math.max(4, Math.floor((width - 70) / 7 / values.length))
  const x =
    range === undefined
      ? {
          domain: [-0.5, values.length - 0.5],
          ticks: values.map((_, i) => i),
          tickFormat: (i: number) => cut(formatValue(values[i]), room),
          grid: false,
        }
      : {
          domain: range,
          type: log ? ('log' as const) : ('linear' as const),
          tickFormat: formatTick,
          ticks: numberTicks(dimension, range, 4),
          grid: true,
        }
  const marked = (number: number | undefined) => dots.filter(({ trial }) => trial.number === number)
  const chart = Plot.plot({
    ...{ width, height: 190, marginLeft: 50, marginRight: 10, marginTop: 12, marginBottom: 38, style: chartStyle },
    ariaLabel: `${metric} over ${name}, ${text}`,
    x: {
      ...x,
      label: cut(name, Math.floor(width / 8)),
      labelAnchor: 'center',
      labelArrow: 'none',
      clamp: true,
      insetLeft: 4,
      insetRight: 4,
    },
    y: {
      ...{ label: null, grid: true, ticks: 4, tickFormat: formatTick, clamp: true },
      domain: endsOf(
        shown.map((trial) => valueOfTrial(trial, view) as number),
        direction,
        near,
      ),
    },
    symbol: { domain: Object.keys(symbolOf), range: Object.values(symbolOf) },
    marks: [
      Plot.dot(dots, {
        ...{ x: 'x', y: 'y', r: 2.8, strokeWidth: 1.3, fillOpacity: 0.55, strokeOpacity: 0.7, className: 'trials' },
        symbol: ({ trial }: Dot) => trial.state,
        fill: ({ trial }: Dot) => (trial.state === 'finished' ? colorOf('finished') : 'none'),
        stroke: ({ trial }: Dot) => colorOf(trial.state),
      }),
      Plot.dot(marked(best), { x: 'x', y: 'y', r: 6, stroke: 'var(--accent)', strokeWidth: 2, className: 'best' }),
      Plot.dot(marked(view.picked), { x: 'x', y: 'y', r: 8, stroke: 'currentColor', strokeWidth: 2 }),
      Plot.tip(dots, Plot.pointer({ x: 'x', y: 'y', title: ({ trial }: Dot) => tipOf(trial, view.data), ...tipStyle })),
    ],
  })
  return pickable(chart, page)
}
