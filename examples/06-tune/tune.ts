/**
 * Example 01, tuned: `npm run example -- examples/06-tune/tune.ts`. Its training file is the one that `tutti train` runs, unchanged.
 * `npx tutti studies show last` shows the study afterwards, and `npx tutti report last --html report.html` draws it.
 */
import { tune } from 'tutti'
import mnist from '../01-mnist/train.ts'

const { hidden, learningRate, batchSize } = mnist.config

const { study, best, record, trials, seconds } = await tune(new URL('../01-mnist/train.ts', import.meta.url), {
  // Few digits and three epochs, none of them shifted: a small job, for which other values are best than for the whole of MNIST.
  settings: { source: 'digits', epochs: '3', shift: '0' },
  sampler: 'tpe',
  pruner: { kind: 'asha', eta: 3 },
  trials: 16,
  workers: 2,
  // The first trial: what is to be beaten.
  enqueue: [{ hidden, learningRate, batchSize }],
})

const [first] = record.trials
const accuracy = { defaults: first?.metrics.accuracy ?? 0, best: best?.metrics.accuracy ?? 0 }
console.log(`${study}: ${trials.finished} trials finished and ${trials.pruned} were pruned in ${seconds.toFixed(0)} s`)
console.log('defaults', accuracy.defaults, first?.assignment)
console.log('best    ', accuracy.best, best && record.trials[best.number]?.assignment)

if (!(accuracy.best > accuracy.defaults)) throw new Error('the study found nothing better than the defaults')
