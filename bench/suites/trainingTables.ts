/** The training suite's rows as tables for people. */
import { figure, type Row, ratioText, type Table } from '../lib/report.ts'
import type { Workload } from '../lib/workload.ts'
import { goalTable } from './goals.ts'

export function tablesOf(rows: readonly Row[], workloads: readonly Workload[]): Table[] {
  const titleOf = new Map(workloads.map(({ name, title }) => [name, title]))
  const measured = [...new Set(rows.map(({ workload }) => workload))].filter((name) => titleOf.has(name))
  const of = (workload: string) => rows.filter((row) => row.workload === workload)
  const pairs = measured.flatMap((name) => [...new Set(of(name).map(({ threads }) => threads))].map((threads) => ({ name, threads })))
  const own = (name: string, threads: number) => of(name).find((row) => row.threads === threads)?.ours

  const tables: Table[] = [
    goalTable(rows),
    {
      title: 'A training step',
      about:
        'Milliseconds of one step (forward, backward, update; float32): mean over the steps of a turn, median over the turns. The ratio comes with the quartiles of its rounds.',
      columns: ['workload', 'threads', 'tutti', 'peer', "peer's", 'ratio'],
      rows: measured.flatMap((name) =>
        of(name).map((row) => [
          titleOf.get(name) ?? name,
          String(row.threads),
          figure(row.ours),
          row.peer,
          figure(row.theirs),
          ratioText(row),
        ]),
      ),
    },
    {
      title: 'Time to the first step',
      about: 'Milliseconds from the definition of the model to the end of its first step, and how long tutti compiled in them.',
      columns: ['workload', 'threads', 'compile', 'tutti', 'peer', "peer's", 'ratio'],
      rows: measured.flatMap((name) =>
        of(`${name} first step`).map((row) => [
          name,
          String(row.threads),
          figure(own(`${name} compile`, row.threads)),
          figure(row.ours),
          row.peer,
          figure(row.theirs),
          ratioText(row),
        ]),
      ),
    },
    {
      title: 'Peak memory',
      about: "Megabytes a process held at most; PyTorch's include the library itself, with GPU parts that are not used.",
      columns: ['workload', 'threads', 'tutti', 'peer', "peer's", 'ratio'],
      rows: [...measured, 'epoch'].flatMap((name) =>
        of(`${name} memory`).map((row) => [name, String(row.threads), figure(row.ours), row.peer, figure(row.theirs), ratioText(row)]),
      ),
    },
    {
      title: "Where tutti's step goes",
      about:
        'Milliseconds of a step; inside `session.run` of ONNX Runtime; of that, in its native code. The rest of the step is the platform: batches, feeding, the loop.',
      columns: ['workload', 'threads', 'step', 'session.run', 'native', 'platform', 'without computing'],
      rows: pairs.map(({ name, threads }) => [
        name,
        String(threads),
        figure(own(name, threads)),
        figure(own(`${name} session`, threads)),
        figure(own(`${name} native`, threads)),
        `${figure(own(`${name} overhead`, threads))} %`,
        figure(own(`${name} without computing`, threads)),
      ]),
    },
  ]
  if (of('epoch').length > 0) {
    tables.splice(2, 0, {
      title: 'The whole job',
      about:
        'Seconds of one epoch of 60,000 images with the MLP 784-128-128-10, batch 64, from reading the files (all four) to the last step.',
      columns: ['threads', 'tutti', 'peer', "peer's", 'ratio'],
      rows: of('epoch').map((row) => [String(row.threads), figure(row.ours), row.peer, figure(row.theirs), ratioText(row)]),
    })
  }
  return tables.filter((table) => table.rows.length > 0)
}
