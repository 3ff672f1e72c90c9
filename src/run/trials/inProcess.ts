/** Trainings that exist in this process only: workers of the inline engine find them by a number. */
import type { Training } from '../../train/index.ts'

const trainings = new Map<number, Training>()
let serial = 0

export function lend(training: Training): { readonly number: number } & Disposable {
  const number = ++serial
  trainings.set(number, training)
  return { number, [Symbol.dispose]: () => void trainings.delete(number) }
}

export function borrow(number: number): Training | undefined {
  return trainings.get(number)
}
