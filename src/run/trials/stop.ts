/** Why a trial ends early, as its signal's reason. */
export class TrialStop extends Error {
  override readonly name = 'TrialStop'
  readonly verdict: 'stop' | 'pause' | 'preempt'
  constructor(verdict: 'stop' | 'pause' | 'preempt') {
    super(`the trial is to ${verdict}`)
    this.verdict = verdict
  }
}
