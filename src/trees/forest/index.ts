/** Trees and forests grown from all values of their features. */
export { decisionTreeClassifier, decisionTreeRegressor } from './decisionTree.ts'
export { extraTreesClassifier, extraTreesRegressor } from './extraTrees.ts'
export type { ForestPredictor } from './forest.ts'
export type {
  DecisionTreeClassifierParams,
  DecisionTreeRegressorParams,
  ForestClassifierParams,
  ForestRegressorParams,
} from './params.ts'
export { randomForestClassifier, randomForestRegressor } from './randomForest.ts'
