/** Where a thread of a fit starts; it needs few files, since each takes time to load. */
import { parentPort } from 'node:worker_threads'
import { type Assignment, serve } from './serve.ts'
import { workOn } from './work.ts'

parentPort?.once('message', ({ memory, module, plan }: Assignment) => serve(workOn(memory, plan, module)))
