/** JSON as the store keeps it: with NaN, the infinities and -0. */
export { fromText, toText } from '../core/json.ts'
