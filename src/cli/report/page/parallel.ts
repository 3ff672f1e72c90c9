/** Parallel coordinates: a line for each trial through an axis for each dimension, which may be brushed. */
import type { PageTrial } from '../pageData.ts'
import { dimensionAxis, type ParallelAxis, valueAxis } from './axes.ts'
import { h, s } from './dom.ts'
import { cut, formatCounted, formatValue, tipOf } from './format.ts'
import { type Page, partNote, type Section } from './section.ts'
import { betterBy, isShown, objectiveOf, thinned, type View, valueOfTrial } from './view.ts'

/** Of the drawing, in pixels: above the axes, their height, below them, beside the first and the last, between two at least. */
const [above, tall, below, beside, apart] = [50, 250, 34, 56, 92] as const
const mostLines = 1000

export function parallelSection(page: Page): Section {
  const { view } = page
  /** By axis, as parts of its height: a redraw must not lose them. */
  const brushes = new Map<string, readonly [number, number]>()
  return {
    id: 'parallel',
    title: 'Parallel coordinates',
    about:
      'A line is a trial: finished ones are coloured by how good they are, others are grey. Drag along an axis to keep what passes there; click beside it to let go.',
    draw(width) {
      const { svg, note, part } = drawLines(page, brushes, Math.max(width, apart * view.data.dimensions.length + 2 * beside))
      return h('div', {}, h('div', { class: 'scroll', tabindex: 0 }, svg), h('div', { class: 'under' }, legendOf(view), note, part))
    },
  }
}

function drawLines(
  page: Page,
  brushes: Map<string, readonly [number, number]>,
  width: number,
): { svg: SVGElement; note: HTMLElement; part: HTMLElement | '' } {
  const { view } = page
  const { trials, dimensions } = view.data
  const candidates = trials.filter((trial) => isShown(trial, view) && valueOfTrial(trial, view) !== null)
  const axes = [...dimensions.map(dimensionAxis), valueAxis(view, candidates)]
  const step = (width - 2 * beside) / Math.max(1, axes.length - 1)
  const ranks = ranksOf(view)
  // The best are drawn last, so that they lie on top.
  const rank = ({ number }: PageTrial) => ranks.get(number) ?? 2
  const shown = [...thinned(candidates, mostLines, view)].sort((a, b) => rank(b) - rank(a))
  const lines = shown.map((trial) => {
    const own = ranks.get(trial.number)
    return s(
      'path',
      {
        d: pathOf(trial, axes, step),
        class: own === undefined ? 'other' : 'ranked',
        stroke: own === undefined ? 'var(--waiting)' : rankColor(own, view.dark),
        onclick: () => page.pick(trial.number),
      },
      s('title', {}, tipOf(trial, view.data)),
    )
  })
  const label = `Parallel coordinates of ${axes.map(({ name }) => name).join(', ')}`
  const svg = s(
    'svg',
    { width, height: above + tall + below, role: 'img', class: 'parallel', 'aria-label': label },
    s('g', { class: 'lines', 'aria-label': 'trials' }, ...lines),
  )
  const note = h('p', { class: 'note', 'aria-live': 'polite' })
  const passes = (trial: PageTrial) =>
    axes.every((axis) => {
      const range = brushes.get(axis.name)
      const place = axis.place(trial)
      return range === undefined || (place !== undefined && place >= range[0] && place <= range[1])
    })
  const show = () => {
    const kept = brushes.size === 0 ? undefined : candidates.filter(passes)
    view.brushed = kept && new Set(kept.map(({ number }) => number))
    lines.forEach((line, i) => {
      const { number } = shown[i] as PageTrial
      line.classList.toggle('away', view.brushed !== undefined && !view.brushed.has(number))
      line.classList.toggle('picked', number === view.picked)
      if (number === view.picked) line.parentNode?.append(line)
    })
    note.textContent =
      kept === undefined ? '' : `${formatCounted(kept.length, 'trial')} between the brushes: the table below shows no others.`
  }
  axes.forEach((axis, i) => {
    const brushed = s('g', { class: 'brush' })
    svg.append(axisGroup(axis, beside + i * step, step, i % 2 === 1 && step < 120, brushed))
    const brush = d3.brushY().extent([
      [-13, above - 8],
      [13, above + 1.07 * tall + 10],
    ])
    const selection = d3.select(brushed).call(brush)
    const range = brushes.get(axis.name)
    if (range) brush.move(selection, [above + range[0] * tall, above + range[1] * tall])
    brush.on('start brush end', (event) => {
      if (event.selection === null) brushes.delete(axis.name)
      else brushes.set(axis.name, [(event.selection[0] - above) / tall, (event.selection[1] - above) / tall])
      show()
      page.refresh('trials')
    })
    selection.call(brush)
  })
  show()
  return { svg, note, part: partNote(shown, candidates) }
}

function axisGroup({ name, title, ticks }: ParallelAxis, x: number, step: number, low: boolean, brush: SVGElement): SVGElement {
  const y = (place: number) => above + place * tall
  return s(
    'g',
    { class: 'axis', transform: `translate(${x},0)` },
    s('line', { y1: above, y2: above + tall }),
    ...ticks.flatMap(({ place, text }) => [
      s('line', { x1: -4, x2: 0, y1: y(place), y2: y(place) }),
      s('text', { x: -7, y: y(place), dy: '0.32em', 'text-anchor': 'end' }, text),
    ]),
    s(
      'text',
      { class: 'label', y: low ? 32 : 16, 'text-anchor': 'middle' },
      cut(name, Math.max(9, Math.floor(step / (step < 120 ? 4 : 7)))),
      s('title', {}, title),
    ),
    brush,
  )
}

function pathOf(trial: PageTrial, axes: readonly ParallelAxis[], step: number): string {
  const points = axes.flatMap((axis, i) => {
    const place = axis.place(trial)
    return place === undefined ? [] : [`${(beside + i * step).toFixed(1)},${(above + place * tall).toFixed(1)}`]
  })
  return `M${points.join('L')}`
}

/** Finished trials from 0, the best, to 1. Ranks and not values, so that one exploded loss does not take all the colours. */
export function ranksOf(view: View): ReadonlyMap<number, number> {
  const objective = objectiveOf(view)
  const finished = view.data.trials.filter((trial) => trial.state === 'finished' && valueOfTrial(trial, view) !== null)
  finished.sort((a, b) => betterBy(valueOfTrial(b, view) as number, valueOfTrial(a, view) as number, objective))
  return new Map(finished.map(({ number }, i) => [number, i / Math.max(1, finished.length - 1)]))
}

/** Viridis, told apart by all eyes: the best stands out most from the page. */
function rankColor(rank: number, dark: boolean): string {
  return d3.interpolateViridis(dark ? 1 - 0.85 * rank : 0.92 * rank)
}

function legendOf(view: View): HTMLElement {
  const ranks = ranksOf(view)
  const values = view.data.trials
    .filter(({ number }) => ranks.has(number))
    .map((trial) => [ranks.get(trial.number) as number, valueOfTrial(trial, view)] as const)
  if (values.length < 2) return h('div', {})
  const at = (rank: number) => values.reduce((a, b) => (Math.abs(b[0] - rank) < Math.abs(a[0] - rank) ? b : a))[1]
  const colors = [0, 0.25, 0.5, 0.75, 1].map((rank) => rankColor(rank, view.dark))
  return h(
    'div',
    { class: 'ramp' },
    `best ${formatValue(at(0))}`,
    h('span', { class: 'bar', style: `background: linear-gradient(to right, ${colors.join(', ')})` }),
    `worst ${formatValue(at(1))}, median ${formatValue(at(0.5))}`,
  )
}
