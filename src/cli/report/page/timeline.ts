/** The timeline of workers: a bar for each time that one had a trial. */
import type { PageData, PageTrial } from '../pageData.ts'
import { h, s } from './dom.ts'
import { formatPercent, formatSpan, spanTicks, tipOf } from './format.ts'
import { chartStyle, type Page, pickable, type Section, tipStyle } from './section.ts'
import { colorOf, isShown } from './view.ts'

interface Bar {
  readonly trial: PageTrial
  readonly worker: number
  readonly begin: number
  readonly end: number
  readonly how: string | null
}

/** A time when no worker had anything to do. */
interface Pause {
  readonly begin: number
  readonly end: number
}

/** Milliseconds after the beginning, without the pauses; of a pause only so much is drawn. */
interface WorkedTime {
  of(time: number): number
  readonly pauses: readonly Pause[]
  readonly drawn: number
}

const sharedAbout =
  'Trials shared their work: one after another they waited for what workers measured for many at once, and a bar is how long one did. Drag to look closer.'
const marginLeft = 74

export function timelineSection(page: Page): Section {
  const { view } = page
  /** Ends in worked time: what was dragged over. */
  let zoom: readonly [number, number] | undefined
  const reset = h('button', { class: 'small', onclick: () => zoomTo(undefined) }, 'Show all')
  const zoomTo = (ends: readonly [number, number] | undefined) => {
    zoom = ends
    page.refresh('timeline')
  }
  return {
    id: 'timeline',
    title: 'Workers',
    about: view.data.facts.shared
      ? sharedAbout
      : 'Which worker had which trial when, coloured by how it ended. Drag to look closer. Pauses in which nobody worked are cut short.',
    controls: [reset],
    draw(width) {
      reset.hidden = zoom === undefined
      const bars = barsOf(view.data)
      if (bars.length === 0) return h('p', { class: 'empty' }, 'No worker had a trial yet.')
      const worked = workedTime(bars)
      const last = Math.max(...bars.map(({ end }) => worked.of(end)))
      const domain = zoom ?? [0, Math.max(last, 1)]
      const workers = [...new Set(bars.map(({ worker }) => worker))].sort((a, b) => a - b)
      const shown = bars.filter((bar) => isShown(bar.trial, view) && worked.of(bar.end) >= domain[0] && worked.of(bar.begin) <= domain[1])
      const name = (worker: number) => `worker ${worker}`
      const tall = Math.max(10, Math.min(30, 400 / workers.length))
      const ends = {
        x1: ({ begin }: Bar) => Math.max(domain[0], worked.of(begin)),
        x2: ({ end }: Bar) => Math.min(domain[1], worked.of(end)),
        y: ({ worker }: Bar) => name(worker),
      }
      const chart = Plot.plot({
        ...{ width, height: 50 + tall * workers.length, marginLeft, marginRight: 16, marginTop: 6, marginBottom: 40, style: chartStyle },
        ariaLabel: 'Timeline of workers',
        x: {
          domain,
          label: 'time worked',
          labelArrow: 'none',
          tickFormat: formatSpan,
          ticks: spanTicks(...domain, width / 90),
          grid: true,
        },
        y: { domain: workers.map(name), label: null, tickSize: 0, padding: 0.22 },
        marks: [
          Plot.ruleX(
            worked.pauses.map(({ begin }) => worked.of(begin) + worked.drawn / 2).filter((time) => time > domain[0] && time < domain[1]),
            { stroke: 'currentColor', strokeDasharray: '3,3', strokeOpacity: 0.6 },
          ),
          Plot.barX(shown, {
            ...ends,
            fill: ({ how }: Bar) => colorOf(how),
            inset: 0,
            insetRight: 0.4,
            rx: 1.5,
            className: 'attempts',
          }),
          Plot.barX(
            shown.filter(({ trial }) => trial.number === view.picked),
            { ...ends, fill: 'none', stroke: 'currentColor', strokeWidth: 2 },
          ),
          Plot.tip(
            shown,
            Plot.pointerX({
              x: (bar: Bar) => (ends.x1(bar) + ends.x2(bar)) / 2,
              y: ends.y,
              title: (bar: Bar) => tipOfBar(bar, view.data),
              ...tipStyle,
            }),
          ),
        ],
      })
      brushZoom(chart, width, 50 + tall * workers.length, domain, zoomTo)
      return h('div', {}, pickable(chart, page), h('p', { class: 'note' }, summaryOf(bars, worked, workers.length, view.data)))
    },
  }
}

function barsOf({ trials, facts }: PageData): Bar[] {
  const now = (facts.ended ?? facts.made) - facts.created
  return trials.flatMap((trial) =>
    trial.attempts.map(([worker, begin, end, how]) => ({ trial, worker, begin, end: end ?? Math.max(begin, now), how })),
  )
}

/** A pause counts where it is long beside the work: a study may be gone on with the next day. */
function workedTime(bars: readonly Bar[]): WorkedTime {
  const sorted = [...bars].sort((a, b) => a.begin - b.begin)
  const gaps: Pause[] = []
  let busyUntil = 0
  for (const { begin, end } of sorted) {
    if (begin > busyUntil) gaps.push({ begin: busyUntil, end: begin })
    busyUntil = Math.max(busyUntil, end)
  }
  const worked = busyUntil - gaps.reduce((sum, { begin, end }) => sum + end - begin, 0)
  const drawn = 0.01 * worked
  const pauses = gaps.filter(({ begin, end }) => end - begin > 0.08 * worked)
  return {
    of: (time) =>
      time -
      pauses.reduce(
        (sum, { begin, end }) =>
          sum + (time >= end ? end - begin - drawn : time > begin ? (time - begin) * (1 - drawn / (end - begin)) : 0),
        0,
      ),
    pauses,
    drawn,
  }
}

function summaryOf(bars: readonly Bar[], { pauses }: WorkedTime, workers: number, { facts }: PageData): string {
  const busy = bars.reduce((sum, { begin, end }) => sum + end - begin, 0)
  const longest = pauses.map(({ begin, end }) => formatSpan(end - begin)).slice(0, 4)
  // What drivers were there for; of a study whose drivers were killed, not less than what its workers did.
  const there = Math.max(facts.busy, busy / workers)
  const part = there > 0 ? ` They worked ${formatPercent(busy / workers / there)} of ${formatSpan(there)}.` : ''
  return `${workers === 1 ? 'One worker' : `${workers} workers`}.${part}${longest.length > 0 ? ` Cut short: ${longest.length === 1 ? 'a pause' : 'pauses'} of ${longest.join(', ')}.` : ''}`
}

function tipOfBar({ trial, worker, begin, end, how }: Bar, data: PageData): string {
  return `worker ${worker} · ${how ?? 'running'} · ${formatSpan(end - begin)}\n${tipOf(trial, data)}`
}

/** What is dragged over becomes all there is to see. */
function brushZoom(
  chart: Element,
  width: number,
  height: number,
  domain: readonly [number, number],
  zoomTo: (ends: readonly [number, number]) => void,
): void {
  const group = s('g', { class: 'brush' })
  // Below the tip.
  chart.insertBefore(group, chart.lastElementChild)
  const [left, right] = [marginLeft, width - 16]
  const timeAt = (pixel: number) => domain[0] + ((pixel - left) / (right - left)) * (domain[1] - domain[0])
  const brush = d3.brushX().extent([
    [left, 0],
    [right, height - 34],
  ])
  brush.on('end', ({ selection }) => {
    if (selection !== null && selection[1] - selection[0] > 3) zoomTo([timeAt(selection[0]), timeAt(selection[1])])
  })
  d3.select(group).call(brush)
}
