/** A card of the page. */
import type { PageTrial } from '../pageData.ts'
import { h } from './dom.ts'
import { formatCounted, formatValue } from './format.ts'
import type { View } from './view.ts'

export interface Section {
  readonly id: string
  readonly title: string
  /** What there is to see, in a sentence. */
  readonly about: string
  /** Switches of it alone. */
  readonly controls?: readonly HTMLElement[]
  /** Half a row where there is room. */
  readonly half?: boolean
  draw(width: number): Node
}

/** What sections get: what is shown, and how to change it. */
export interface Page {
  readonly view: View
  /** Draws everything anew, or one section. */
  refresh(section?: string): void
  pick(number: number | undefined): void
}

/** Picks the trial under the pointer, which Plot tells as the chart's value. */
export function pickable(chart: Element, { pick }: Page): Element {
  chart.addEventListener('click', () => {
    const { value } = chart as Element & { readonly value?: { readonly trial?: PageTrial } | null }
    if (value?.trial) pick(value.trial.number)
  })
  return chart
}

/** A word on trials that were left out of a chart, where there were. */
export function partNote(drawn: readonly PageTrial[], all: readonly PageTrial[]): HTMLElement | '' {
  return drawn.length < all.length
    ? h('p', { class: 'note' }, `${formatCounted(drawn.length, 'trial')} of ${formatValue(all.length)} are drawn.`)
    : ''
}

/** What all charts have in common. */
export const chartStyle = { fontSize: '12px', overflow: 'visible' } as const
export const tipStyle = { fontSize: 12, lineHeight: 1.25, lineWidth: 22, textPadding: 9, maxRadius: 24, stroke: 'var(--line)' } as const
