/** Linear models of one family: each is a few numbers, so all are made at once. */
import type { Family } from '../estimator/index.ts'
import type { LinearPredictor } from './predictor.ts'

export function familyOf(members: readonly LinearPredictor[]): Family {
  return {
    size: members.length,
    member: (index) => members[index] as LinearPredictor,
    *outputs(data) {
      for (const member of members) yield member.outputs(data)
    },
  }
}
