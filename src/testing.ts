/** Conformance suites, for those who write an operator or a store of their own: `import { opConformance } from 'tutti/testing'`. */
export { opConformance } from './graph/testing/conformance.ts'
export { storeConformance } from './store/testing/conformance.ts'
