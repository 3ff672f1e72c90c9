export { byLabel } from './byLabel.ts'
export { dirichlet } from './dirichlet.ts'
export { iid } from './iid.ts'
