/** The door of ablation: what can be taken away, trainings without it, the plan of trials, and what they tell. */
export { type AblatedOptions, ablated, unmet } from './ablated.ts'
export { type Component, type ComponentKind, type ComponentName, componentKinds, parseComponent } from './component.ts'
export { type Components, componentsOf, everyComponent, withMet } from './find.ts'
export { type AblationPlan, type PlannedTrial, planAblation } from './plan.ts'
export { resolveComponents } from './resolve.ts'
export { studentQuantile } from './student.ts'
export {
  type AblationObjective,
  type AblationRow,
  type AblationTable,
  type AblationTrial,
  type Estimate,
  estimate,
  summarize,
} from './summary.ts'
export { type AblationSvgOptions, ablationSvg } from './svg.ts'
