export { single } from './single.ts'
export { study } from './study.ts'
