/** How fast forests and boosting fit and predict, how good they are, and what a shared grid search saves, against scikit-learn, LightGBM and XGBoost. */
import { partedSuite } from '../lib/parts.ts'
import { accuracy } from '../trees/accuracy.ts'
import { boost } from '../trees/boost.ts'
import { fit10k, fit100k } from '../trees/fit.ts'
import { growth } from '../trees/growth.ts'
import { predict } from '../trees/predict.ts'
import { startPeer } from '../trees/programs.ts'
import { grid } from '../trees/search.ts'

export const trees = partedSuite({
  about: 'forests, boosting and grid search, against scikit-learn, LightGBM and XGBoost',
  goals: async () =>
    `Medians over rounds in which all take turns, quartiles of the ratio in brackets; what stands beside was measured in the same run. ${await versions()}`,
  parts: { fit100k, fit10k, predict, boost, grid, accuracy, growth },
})

async function versions(): Promise<string> {
  const peer = await startPeer(1)
  if ('reason' in peer) return `No peers: ${peer.reason}.`
  await peer.close()
  const known = Object.entries(peer.versions).map(([name, version]) => (version === null ? `no ${name}` : `${name} ${version}`))
  return `${known.join(', ')}.`
}
