/** What studies cost on a Ray cluster of three nodes on this host, beside Ray Tune on the same one. */
import { partedSuite } from '../lib/parts.ts'
import { bookkeeping } from '../ray/bookkeeping.ts'
import { grid } from '../ray/grid.ts'
import { ready } from '../ray/ready.ts'
import { stop } from '../ray/stop.ts'

export const ray = partedSuite({
  about: 'workers, trials and a grid search on a Ray cluster that it starts on this host, against Ray Tune on the same one',
  goals: () =>
    'Medians over rounds; what stands beside was measured in the same run, on the same cluster: nodes with one CPU each, all on this host.',
  parts: { ready, bookkeeping, grid, stop },
})
