/** The passes in the order they run, one line each. Dead code is what `rewrite` never reaches, so every pass removes it. */

export { commonSubexpressions } from './cse.ts'
export { foldConstants } from './fold.ts'
export { fuse } from './fuse.ts'
export { simplify } from './simplify.ts'
