/** What other processes do in the tests of the store. Usage: worker.ts JOB STORE ... */
import { once } from 'node:events'
import { openStore } from '../../src/store/index.ts'

const [job, path, ...rest] = process.argv.slice(2)
const say = (line: string) => process.stdout.write(`${line}\n`)
const spec = { name: 'worker', mode: 'single', seed: 1, config: {} }

switch (job) {
  /** Writes RUNS runs of POINTS points each, flushing now and then. */
  case 'write': {
    const [runs, points] = rest.map(Number) as [number, number]
    await using store = await openStore({ path })
    for (let n = 0; n < runs; n++) {
      await using run = await store.createRun({ ...spec, config: { pid: process.pid, n } })
      for (let step = 0; step < points; step++) {
        run.metric(step, { value: step * n })
        if (step % 50 === 0) await run.flush()
      }
      await run.finish('finished', { metrics: { points } })
    }
    break
  }
  /** Writes without end, saying after each flush and checkpoint what must now be there. */
  case 'endless': {
    await using store = await openStore({ path })
    await using run = await store.createRun(spec)
    say(run.id)
    for (let step = 0; ; step++) {
      run.metric(step, { value: step })
      run.log('info', `step ${step}`)
      if (step % 20 !== 19) continue
      await run.flush()
      say(`flushed ${step}`)
      await run.artifact('checkpoint.bin', new Uint8Array(10_000).fill(step % 256), { kind: 'checkpoint', step })
      say(`checkpoint ${step}`)
    }
  }
  /** Says when it is ready, claims the run as soon as a line comes in, says how that went, and holds it until the input ends. */
  case 'claim': {
    await using store = await openStore({ path })
    say('ready')
    await once(process.stdin, 'data')
    const outcome = await store.claim(rest[0] as string).then(
      () => 'won',
      (error) => error.code,
    )
    say(outcome)
    await once(process.stdin.resume(), 'end')
    break
  }
  /** Writes until the disk is full; says with which error, and that what was flushed is there. */
  case 'fill': {
    await using store = await openStore({ path })
    await using run = await store.createRun(spec)
    let flushed = 0
    try {
      for (;;) {
        for (let i = 0; i < 500; i++) run.log('info', 'x'.repeat(100))
        await run.flush()
        flushed += 500
      }
    } catch (error) {
      say((error as { code: string }).code)
    }
    say((await run.artifact('big', new Uint8Array(4_000_000), { kind: 'x' }).catch((error) => error)).code)
    say(`${(await store.logs(run.id)).length - flushed}`)
    break
  }
  /** Opens for writing what cannot be written, and reads it. */
  case 'readonly': {
    const error = await openStore({ path }).then(
      async (store) => store.createRun(spec).catch((error) => error),
      (error) => error,
    )
    say(error.code)
    await using store = await openStore({ path, readOnly: true })
    say(`${(await store.metrics('last')).length}`)
    break
  }
  default:
    throw new Error(`no job '${job}'`)
}
