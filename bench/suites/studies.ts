/** What studies cost, how far they scale, and how well they search, against Optuna and Ray Tune. */
import { type Part, partedSuite } from '../lib/parts.ts'
import { figure, type Row } from '../lib/report.ts'
import { median } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { sameValue, scaling, synchrony } from '../studies/early.ts'
import { throughput } from '../studies/mnist.ts'
import { type OverheadResult, overhead } from '../studies/overhead.ts'
import { type Quality, quality } from '../studies/quality.ts'
import { ingestion, makespan } from '../studies/simulated.ts'
import { suggest } from '../studies/suggest.ts'

const suite = 'studies'

export const studies = partedSuite({
  about: 'bookkeeping, scaling, early stopping and search quality, against Optuna and Ray Tune',
  goals: () => 'Medians where there are several rounds. What stands beside was measured in the same run.',
  parts: {
    bookkeeping,
    makespan: simulatedMakespan,
    reports,
    suggest: suggestions,
    quality: qualities,
    asha,
    synchrony: asynchronous,
    mnist,
  },
  // A quarter of an hour by itself.
  long: ['quality'],
})

async function bookkeeping(options: SuiteOptions): Promise<Part> {
  const { inline, processes, threads, peers } = await overhead(options)
  const beside = (Object.entries(peers) as [keyof OverheadResult['peers'], OverheadResult['peers']['ray']][]).map(([peer, found]) =>
    'reason' in found ? `${peer}: not measured` : `${peer} ${found.version}: ${figure(found.milliseconds)} ms`,
  )
  const row = (workload: string, ours: number): Row[] =>
    Object.entries(peers).flatMap(([peer, found]) =>
      'reason' in found
        ? []
        : [{ suite, workload, peer, threads: 1, ours, theirs: found.milliseconds, unit: 'ms', ratio: found.milliseconds / ours }],
    )
  return {
    lines: [
      {
        what: 'a trivial trial, inline, durable',
        measured: `${figure(inline)} ms`,
        goal: '<= 0.25 ms',
        met: inline <= 0.25,
        beside: beside.join('; '),
      },
      {
        what: 'the same with 2 process workers',
        measured: `${figure(processes)} ms`,
        goal: '<= 5 ms',
        met: processes <= 5,
        beside: `2 thread workers: ${figure(threads)} ms`,
      },
    ],
    rows: [...row('trivial trial, inline', inline), ...row('trivial trial, 2 processes', processes)],
    notes: Object.entries(peers).flatMap(([peer, found]) => ('reason' in found ? [`${peer} was not measured: ${found.reason}`] : [])),
  }
}

async function simulatedMakespan({ quick }: SuiteOptions): Promise<Part> {
  const trials = quick ? 2000 : 10_000
  const few = await makespan(trials, 16)
  const many = await makespan(trials, quick ? 250 : 1000)
  const percent = (over: number) => `${(100 * over).toFixed(2)} % over the minimum`
  return {
    lines: [
      {
        what: `${figure(trials)} one-second trials on 16 simulated workers`,
        measured: percent(few.over),
        goal: '<= 3 %',
        met: few.over <= 0.03,
        beside: `simulated in ${figure(few.realSeconds)} s`,
      },
      {
        what: `the same on ${quick ? 250 : 1000}`,
        measured: percent(many.over),
        goal: '-',
        met: undefined,
        beside: `simulated in ${figure(many.realSeconds)} s`,
      },
    ],
  }
}

async function reports({ quick }: SuiteOptions): Promise<Part> {
  const turns: number[] = []
  for (let round = 0; round < (quick ? 1 : 5); round++) turns.push(await ingestion(quick ? 320 : 640, 100, 64))
  const rate = median(turns)
  return {
    lines: [
      {
        what: 'reports taken in and written',
        measured: `${figure(rate)} /s`,
        goal: '>= 20,000 /s',
        met: rate >= 20_000,
        beside: '64 workers that report as fast as they are answered',
      },
    ],
  }
}

async function asha(options: SuiteOptions): Promise<Part> {
  const steps = await scaling(options)
  const most = steps.at(-1)
  const races = await sameValue(options)
  const share = (value: number) => (Number.isFinite(value) ? `${(100 * value).toFixed(0)} %` : 'not reached')
  return {
    lines: [
      ...(most
        ? [
            {
              what: `asha, ${most.workers} simulated workers`,
              measured: `${figure(most.speedUp)} times one worker`,
              goal: 'near-linear',
              met: most.speedUp >= 0.9 * most.workers,
              beside: steps.map(({ workers, speedUp }) => `${workers}: ${figure(speedUp)}`).join(', '),
            },
          ]
        : []),
      ...races.map(({ family, share: taken, asha: begun, random }) => ({
        what: `asha: time to random search's best, ${family} curves`,
        measured: share(taken),
        goal: '<= 50 %',
        met: taken <= 0.5,
        beside: `25 workers; ${Math.round(begun)} trials begun in the time of ${Math.round(random)}`,
      })),
    ],
  }
}

async function asynchronous(options: SuiteOptions): Promise<Part> {
  const found = await synchrony(options)
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  return {
    lines: found.map(({ family, alone, stopping, worse }) => ({
      what: `asynchronous with the median rule against rounds, ${family} curves`,
      measured: `${percent(stopping)} less time`,
      goal: '33 to 58 %',
      met: stopping >= 0.33,
      beside: `without stopping ${percent(alone)} less; best value ${worse === 0 ? 'the same' : `worse by ${figure(worse)}`}`,
    })),
  }
}

async function mnist(options: SuiteOptions): Promise<Part> {
  const { what, one, two, ratios } = await throughput(options)
  const ratio = median(ratios)
  return {
    lines: [
      {
        what: `${what}: 2 workers against 1`,
        measured: `${figure(ratio)} times the throughput`,
        goal: '>= 1.9',
        met: ratio >= 1.9,
        beside: `${figure(one)} s and ${figure(two)} s, 1 thread each`,
      },
    ],
  }
}

async function suggestions(options: SuiteOptions): Promise<Part> {
  const { version, results } = await suggest(options)
  return {
    lines: results.map(({ sampler, dimensions, told, oursMedian, theirsMedian, oursFirst, goal }) => ({
      what: `${sampler} suggestion, ${dimensions} parameters, after ${figure(told)} trials`,
      measured: `${figure(oursMedian)} ms`,
      goal: `<= ${goal} ms`,
      met: oursMedian <= goal,
      beside: `${version ?? 'Optuna'}: ${theirsMedian === undefined ? 'not measured' : `${figure(theirsMedian)} ms`}; our first ${figure(oursFirst)} ms`,
    })),
    rows: results.map(({ sampler, dimensions, told, oursMedian, theirsMedian }) => ({
      ...{
        suite,
        workload: `${sampler} suggestion, ${dimensions} parameters, ${told} trials`,
        peer: version ?? 'Optuna',
        threads: 1,
        unit: 'ms',
      },
      ...{ ours: oursMedian, theirs: theirsMedian ?? null, ratio: theirsMedian === undefined ? null : theirsMedian / oursMedian },
    })),
  }
}

async function qualities(options: SuiteOptions): Promise<Part> {
  const found = await quality(options)
  if ('reason' in found) return { lines: [], notes: [`Search quality was not measured: ${found.reason}`] }
  const { version, results } = found
  const small = (value: number) => (value !== 0 && Math.abs(value) < 0.01 ? value.toExponential(1) : figure(value))
  const of = (sampler: Quality['sampler']) => results.filter((one) => one.sampler === sampler)
  const count = (list: readonly Quality[], verdict: Quality['verdict']) => list.filter((one) => one.verdict === verdict).length
  return {
    lines: (['tpe', 'gp'] as const).map((sampler) => {
      const list = of(sampler)
      const [better, worse] = [count(list, 'better'), count(list, 'worse')]
      return {
        what: `${sampler}: best of ${list[0]?.trials} trials, ${list[0]?.seeds} seeds, on ${list.length} functions`,
        measured: `better on ${better}, worse on ${worse}, undecided on ${list.length - better - worse}`,
        goal: 'worse on none, better on most',
        met: worse === 0 && better > list.length / 2,
        beside: `${version}'s sampler of the same kind`,
      }
    }),
    rows: results.map(({ sampler, name, oursMedian, theirsMedian }) => ({
      ...{ suite, workload: `${sampler} on ${name}`, peer: version, threads: 1, ours: oursMedian, theirs: theirsMedian },
      ...{ unit: 'above the least loss', ratio: oursMedian > 0 ? theirsMedian / oursMedian : null },
    })),
    tables: [
      {
        title: 'Search quality',
        about:
          'How far above the least loss the best of all trials was: medians over seeds, both with their defaults; p is that of a paired test (Wilcoxon, two-sided).',
        columns: ['sampler', 'function', 'tutti', version, 'p', 'verdict', 'ms a trial', `${version}, ms`],
        rows: results.map((one) => [
          ...[one.sampler, one.title, small(one.oursMedian), small(one.theirsMedian), one.p < 0.001 ? '< 0.001' : one.p.toFixed(3)],
          ...[one.verdict, figure(one.oursTime), figure(one.theirsTime)],
        ]),
      },
    ],
  }
}
