export { ablation } from './ablation.ts'
export { single } from './single.ts'
export { study } from './study.ts'
