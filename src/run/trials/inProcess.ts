/** How workers come to their training: by its file, or, in this process, by a number under which it is lent. */

import type { WorkerHost } from '../../cluster/index.ts'
import { fail } from '../../core/errors.ts'
import type { Training } from '../../train/index.ts'
import { loadTraining } from '../load.ts'

const trainings = new Map<number, Training>()
let serial = 0

export function lend(training: Training): { readonly number: number } & Disposable {
  const number = ++serial
  trainings.set(number, training)
  return { number, [Symbol.dispose]: () => void trainings.delete(number) }
}

export async function trainingOf(
  { file, lent }: { readonly file?: string | undefined; readonly lent?: number | undefined },
  place: WorkerHost['place'],
): Promise<Training> {
  if (file !== undefined) return loadTraining(await place(file))
  const found = trainings.get(lent ?? -1)
  if (!found) throw fail('INTERNAL', 'a worker was told of no training')
  return found
}
