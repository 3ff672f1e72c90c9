/**
 * What example 04 learns from: `npm run example -- examples/07-ablate/ablate.ts`. Its training file is the one that `tutti train`
 * runs, unchanged. The census data is fetched once, or found in the folder that TUTTI_DATA names.
 */
import { ablate } from 'tutti'

// Some columns tell the same in other words, so that one alone is not missed: they go together.
const family = 'feature:marital-status+relationship'
const gains = 'feature:capital-*'
const schooling = 'feature:education+education-num'

const { study, table, trials, seconds } = await ablate(new URL('../04-adult/train.ts', import.meta.url), {
  settings: { epochs: '3' },
  components: [family, gains, schooling, 'feature:age', 'feature:sex', 'layer:hidden2'],
  seeds: 3,
  workers: 2,
})

const effects = new Map(table.rows.map(({ without, effect }) => [without.join(), effect]))
console.log(`${study}: ${trials.finished} trials in ${seconds.toFixed(0)} s, with everything ${table.base.mean?.toFixed(4)}`)
for (const [name, effect] of effects) {
  const [low = Number.NaN, high = Number.NaN] = effect?.interval ?? []
  console.log(`${name.padEnd(36)} ${effect?.mean.toFixed(4)}  [${low.toFixed(4)}, ${high.toFixed(4)}] ${effect?.sure ? '*' : ''}`)
}

// Of the area under the ROC curve, beyond the chance of seeds.
for (const [name, least] of [
  [family, 0.03],
  [gains, 0.01],
  [schooling, 0.004],
] as const) {
  const worth = effects.get(name)
  if (!(worth?.sure && worth.mean > least)) throw new Error(`${name} is worth ${worth?.mean}, and should be worth more than ${least}`)
}
const sex = effects.get('feature:sex')
if (sex === undefined || Math.abs(sex.mean) > 0.002) throw new Error(`sex is worth ${sex?.mean}, which others should tell as well`)
