/** The schedules of the learning rate, one line each. */
export { constant } from './constant.ts'
