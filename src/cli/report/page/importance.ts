/** Bars of what mattered. */
import type { PageShare } from '../pageData.ts'
import { h, selectOf } from './dom.ts'
import { cut, formatPercent } from './format.ts'
import { chartStyle, type Page, type Section } from './section.ts'
import { objectiveOf } from './view.ts'

type Method = 'fanova' | 'permutation'

const notes: Readonly<Record<Method, string>> = {
  fanova:
    'Parts of the variance over the whole space, not only near the best. The light bars are what two do together, beyond what each does alone.',
  permutation:
    'How much worse the forest foretells trials it has not seen when this dimension is shuffled: 100 % is the variance of the objective.',
}
const mostPairs = 4

const methods = [
  { value: 'fanova', text: 'variance (fANOVA)' },
  { value: 'permutation', text: 'permutation' },
]

export function importanceSection(page: Page): Section {
  const { view } = page
  let method: Method = 'fanova'
  const choose = selectOf('by', methods, method, (value) => {
    method = value as Method
    page.refresh('importance')
  })
  return {
    id: 'importance',
    title: 'What mattered',
    half: view.data.objectives.length > 1,
    about: 'How much the objective depends on each dimension, as a random forest learned it from the finished trials.',
    controls: [choose],
    draw(width) {
      const { importance, metric } = objectiveOf(view)
      choose.hidden = importance === undefined || 'problem' in importance
      if (importance === undefined || 'problem' in importance)
        return h('p', { class: 'empty' }, importance?.problem ?? 'There is nothing to choose.')
      return h(
        'div',
        {},
        importanceBars(
          importance[method],
          method === 'fanova' ? importance.pairs.slice(0, mostPairs) : [],
          width,
          `What mattered for ${metric}`,
        ),
        h('p', { class: 'note' }, notes[method]),
      )
    },
  }
}

function importanceBars(single: readonly PageShare[], pairs: readonly PageShare[], width: number, label: string): Element {
  const shares = [...single, ...pairs].sort((a, b) => b.share - a.share)
  const longest = Math.max(...shares.map(({ name }) => [...name].length))
  const letters = Math.min(longest, Math.floor(width / 20))
  const bar = {
    ...{ y: 'name', x1: 0, x2: ({ share }: PageShare) => Math.max(0, share), rx2: 3 },
    title: ({ name, share, deviation }: PageShare) => `${name}: ${formatPercent(share)}, ± ${formatPercent(deviation)} from tree to tree`,
  }
  return Plot.plot({
    ...{
      width,
      height: 34 + 26 * shares.length,
      marginLeft: 16 + 7 * letters,
      marginRight: 60,
      marginTop: 4,
      marginBottom: 30,
      style: chartStyle,
    },
    ariaLabel: label,
    x: {
      label: null,
      domain: [0, Math.max(0.01, ...shares.map(({ share }) => share))],
      tickFormat: (part: number) => `${Number((100 * part).toPrecision(3))} %`,
      ticks: width / 110,
      grid: true,
    },
    y: {
      label: null,
      domain: shares.map(({ name }) => name),
      tickFormat: (name: string) => cut(name, letters),
      tickSize: 0,
      padding: 0.28,
    },
    marks: [
      Plot.barX(single, { ...bar, fill: 'var(--finished)', className: 'importance' }),
      Plot.barX(pairs, { ...bar, fill: 'var(--preempted)', fillOpacity: 0.6, className: 'pairs' }),
      Plot.text(shares, {
        ...{
          y: 'name',
          x: ({ share }: PageShare) => Math.max(0, share),
          dx: 6,
          textAnchor: 'start',
          text: ({ share }: PageShare) => formatPercent(Math.max(0, share)),
        },
      }),
      Plot.ruleX([0], { stroke: 'var(--line)' }),
    ],
  })
}
