import * as pruners from '../../../src/hpo/pruners/index.ts'
import { prunerConformance } from '../../../src/hpo/testing/pruners.ts'

prunerConformance('none', pruners.none, { saves: false })
prunerConformance('median', pruners.median)
prunerConformance('percentile', pruners.percentile)
prunerConformance('successiveHalving', () => pruners.successiveHalving({ eta: 3 }))
prunerConformance('patient', () => pruners.patient({ pruner: { kind: 'median' }, patience: 2 }), { saves: false })
prunerConformance('threshold', () => pruners.threshold({ upper: 2, warmupSteps: 10 }), { symmetric: false, saves: false })
prunerConformance('asha', pruners.asha)
prunerConformance('hyperband', pruners.hyperband)
// A trial on a slow worker may give way to one that has trained longer.
prunerConformance('pbt', pruners.pbt, { keepsBest: false, sparesEquals: false })
