/** The plotting libraries, which are on the page before this script. D3 has no types of its own: here is what is used of it. */
import type * as ObservablePlot from '@observablehq/plot'

declare global {
  const Plot: typeof ObservablePlot
  const d3: D3
}

interface D3 {
  scaleLinear(domain: readonly number[], range: readonly number[]): Scale
  scaleLog(domain: readonly number[], range: readonly number[]): Scale
  brushX(): Brush
  brushY(): Brush
  select(node: Element): Selection
  interpolateViridis(t: number): string
}

interface Scale {
  ticks(count: number): number[]
}

type Pixels = readonly [number, number]

interface Brush {
  (selection: Selection): void
  extent(corners: readonly [Pixels, Pixels]): Brush
  on(events: string, listen: (event: { readonly selection: Pixels | null }) => void): Brush
  move(selection: Selection, range: Pixels | null): void
}

interface Selection {
  call(apply: (selection: Selection) => void): Selection
}
