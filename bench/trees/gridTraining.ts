/** What the grid search searches, as a person would write it: a forest on the rows of two .npy files. */
import { readFileSync } from 'node:fs'
import { table } from '../../src/data/index.ts'
import { npy } from '../../src/tensor/index.ts'
import { training } from '../../src/train/index.ts'
import { randomForestClassifier } from '../../src/trees/index.ts'

export default training.fromEstimator({
  name: 'grid',
  config: { x: '', y: '', rows: 0, maxDepth: 4, nEstimators: 100, ccpAlpha: 0 },
  objective: { metric: 'accuracy', direction: 'maximize' },
  metrics: ['accuracy'],
  data({ x, y, rows }) {
    const [features, target] = [npy.decode(readFileSync(x), x), npy.decode(readFileSync(y), y)]
    const columns = features.shape[1] as number
    return {
      train: table({
        x: { dtype: 'float32', shape: [columns], data: (features.data as Float32Array).subarray(0, rows * columns) },
        y: { dtype: 'int32', shape: [], data: (target.data as Int32Array).subarray(0, rows) },
      }),
    }
  },
  estimator: ({ maxDepth, nEstimators, ccpAlpha }) => randomForestClassifier({ maxDepth, nEstimators, ccpAlpha }),
})
