/**
 * Conformance suites, for those who write a part of their own: `import { samplerConformance } from 'tutti/testing'`. Each runs under
 * `node --test` and holds the part to the laws of its contract.
 */
export { engineConformance } from './cluster/testing/engines.ts'
export { estimatorConformance } from './estimator/testing/estimators.ts'
export { opConformance } from './graph/testing/conformance.ts'
export { curves } from './hpo/testing/curves.ts'
export { playStudy } from './hpo/testing/play.ts'
export { playCurves } from './hpo/testing/playCurves.ts'
export { prunerConformance } from './hpo/testing/pruners.ts'
export { samplerConformance } from './hpo/testing/samplers.ts'
export { transportConformance } from './net/testing/transports.ts'
/** To play studies in. */
export { searchSpace } from './space/index.ts'
export { storeConformance } from './store/testing/conformance.ts'
export { splitterConformance } from './train/testing/splitters.ts'
