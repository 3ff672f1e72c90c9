/** Every estimator of the package is held to the laws of the contract. */
import * as linear from '../../src/linear/index.ts'
import { estimatorConformance } from '../../src/testing.ts'
import * as trees from '../../src/trees/index.ts'
import { nearestMean } from '../train/nearestMean.ts'

estimatorConformance('nearestMean', () => nearestMean(), { missing: true })
for (const make of [trees.decisionTreeClassifier, trees.decisionTreeRegressor])
  estimatorConformance(make().name, () => make(), {
    missing: true,
    categories: true,
    members: [{ maxDepth: 2 }, {}, { maxDepth: 4, ccpAlpha: 0.01 }, { ccpAlpha: 0.05 }],
  })
for (const make of [trees.randomForestClassifier, trees.randomForestRegressor, trees.extraTreesClassifier, trees.extraTreesRegressor])
  estimatorConformance(make().name, () => make({ nEstimators: 8 }), {
    missing: true,
    categories: true,
    members: [{ nEstimators: 3 }, { nEstimators: 8, maxDepth: 2 }, { maxDepth: 4, ccpAlpha: 0.01 }, { ccpAlpha: 0.05 }],
  })
estimatorConformance('lasso', () => linear.lasso({ alpha: 0.05 }))
for (const make of [linear.ridge, linear.ridgeClassifier, linear.logisticRegression]) estimatorConformance(make().name, () => make())
for (const make of [trees.histGradientBoostingClassifier, trees.histGradientBoostingRegressor])
  estimatorConformance(make().name, () => make({ maxIter: 12, minSamplesLeaf: 3 }), {
    missing: true,
    categories: true,
    members: [{ maxIter: 3 }, { maxIter: 12 }, { maxIter: 7 }],
  })
