/** What each component of an ablation is worth: its effect, and how sure that is. */
import type { PageEffect } from '../pageData.ts'
import { h } from './dom.ts'
import { cut, formatTick, formatValue } from './format.ts'
import { chartStyle, type Page, type Section } from './section.ts'
import { objectiveOf } from './view.ts'

export function effectsSection({ view }: Page): Section {
  return {
    id: 'effects',
    title: 'What each part is worth',
    about:
      'How much worse the objective is without it: right of zero it is worth having. Lines are 95 % intervals over seeds; filled dots exclude zero.',
    draw(width) {
      const { metric, ablation } = objectiveOf(view)
      const rows = ablation?.rows ?? []
      if (rows.length === 0)
        return h(
          'p',
          { class: 'empty' },
          'Nothing can be compared yet: it takes a trial with everything, and one without, of the same seed.',
        )
      const longest = Math.max(...rows.map(({ name }) => [...name].length))
      const letters = Math.min(longest, Math.floor(width / 20))
      const ends = rows.flatMap(({ effect, interval }) => [effect, ...(interval ?? [])])
      const color = ({ sure, effect }: PageEffect) => (!sure ? 'var(--waiting)' : effect > 0 ? 'var(--finished)' : 'var(--failed)')
      return Plot.plot({
        ...{
          width,
          height: 46 + 26 * rows.length,
          marginLeft: 20 + 7 * letters,
          marginRight: 24,
          marginTop: 6,
          marginBottom: 38,
          style: chartStyle,
        },
        ariaLabel: `What each part is worth for ${metric}`,
        x: {
          ...{ label: `how much worse ${cut(metric, 40)} gets without it`, labelArrow: 'none', grid: true, nice: true, ticks: width / 90 },
          ...{ domain: [Math.min(0, ...ends), Math.max(0, ...ends)], tickFormat: formatTick },
        },
        y: {
          label: null,
          type: 'point',
          domain: rows.map(({ name }) => name),
          tickFormat: (name: string) => cut(name, letters),
          tickSize: 0,
        },
        marks: [
          Plot.ruleX([0], { strokeOpacity: 0.6 }),
          Plot.ruleY(
            rows.filter(({ interval }) => interval !== undefined),
            {
              y: 'name',
              x1: ({ interval }: PageEffect) => interval?.[0],
              x2: ({ interval }: PageEffect) => interval?.[1],
              stroke: color,
              strokeWidth: 2.5,
              className: 'intervals',
            },
          ),
          Plot.dot(rows, {
            ...{ y: 'name', x: 'effect', r: 5, stroke: color, strokeWidth: 2, className: 'effects' },
            fill: (row: PageEffect) => (row.sure ? color(row) : 'var(--card)'),
            title: tipOfEffect,
          }),
        ],
      })
    },
  }
}

function tipOfEffect({ name, effect, interval, seeds }: PageEffect): string {
  const range = interval ? `, 95 % interval ${formatValue(interval[0])} to ${formatValue(interval[1])}` : ''
  return `${name}: ${formatValue(effect)}${range}, ${seeds} seed${seeds === 1 ? '' : 's'}`
}
