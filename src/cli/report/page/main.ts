/** Draws the page of a study from the data that stands in it. */
import type { PageData } from '../pageData.ts'
import { curvesSection } from './curves.ts'
import { h } from './dom.ts'
import { effectsSection } from './effects.ts'
import { header, pickedBar } from './header.ts'
import { historySection } from './history.ts'
import { importanceSection } from './importance.ts'
import { parallelSection } from './parallel.ts'
import { paretoSection } from './pareto.ts'
import { scalingSection } from './scaling.ts'
import type { Page, Section } from './section.ts'
import { slicesSection } from './slices.ts'
import { timelineSection } from './timeline.ts'
import { trialsSection } from './trials.ts'
import type { View } from './view.ts'

showPage(JSON.parse(document.getElementById('data')?.textContent ?? '') as PageData)

function showPage(data: PageData): void {
  const main = document.getElementById('page') as HTMLElement
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const view: View = { data, objective: 0, hidden: new Set(), brushed: undefined, picked: undefined, dark: scheme.matches }
  const drawings = new Map<string, () => void>()
  const foot = h('div', {})
  const page: Page = {
    view,
    refresh(section) {
      for (const [id, draw] of drawings) if (section === undefined || section === id) draw()
    },
    pick(number) {
      view.picked = view.picked === number ? undefined : number
      foot.replaceChildren(...[pickedBar(page)].filter((bar) => bar !== undefined))
      page.refresh()
    },
  }
  main.append(header(page))
  for (const section of sectionsOf(page)) {
    const { card, draw } = cardOf(section)
    main.append(card)
    drawings.set(section.id, draw)
  }
  main.append(foot)
  page.refresh()
  scheme.addEventListener('change', ({ matches }) => {
    view.dark = matches
    page.refresh()
  })
  let width = main.clientWidth
  new ResizeObserver(() => {
    if (main.clientWidth === width) return
    width = main.clientWidth
    page.refresh()
  }).observe(main)
  addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && view.picked !== undefined) page.pick(undefined)
  })
}

/** Only those that have something to show. */
function sectionsOf(page: Page): Section[] {
  const { trials, dimensions, objectives, metrics, facts } = page.view.data
  if (trials.length === 0) return []
  const searched = dimensions.length > 0
  const ablation = facts.mode === 'ablation'
  const valued = objectives.length > 0 && trials.some(({ values }) => values.some((value) => value !== null))
  return [
    ...(page.view.data.scaling ? [scalingSection(page.view.data.scaling)] : []),
    ...(ablation && valued ? [effectsSection(page)] : []),
    ...(valued && !ablation ? [historySection(page)] : []),
    ...(valued && !ablation && objectives.length > 1 ? [paretoSection(page)] : []),
    ...(searched && objectives.length > 0 ? [importanceSection(page)] : []),
    ...(searched && valued ? [parallelSection(page), slicesSection(page)] : []),
    ...(metrics.length > 0 ? [curvesSection(page)] : []),
    timelineSection(page),
    trialsSection(page),
  ]
}

function cardOf({ id, title, about, controls = [], half, draw }: Section): { card: HTMLElement; draw: () => void } {
  const body = h('div', { class: 'body' })
  const card = h(
    'section',
    { id, class: half ? 'card half' : 'card', 'aria-labelledby': `${id}-title` },
    h('div', { class: 'head' }, h('h2', { id: `${id}-title` }, title), h('div', { class: 'controls' }, ...controls)),
    h('p', { class: 'about' }, about),
    body,
  )
  return {
    card,
    draw() {
      // Its height stays while it is redrawn, so that the page does not jump.
      body.style.minHeight = `${body.offsetHeight}px`
      body.replaceChildren(draw(Math.max(240, body.clientWidth)))
      body.style.minHeight = ''
    },
  }
}
