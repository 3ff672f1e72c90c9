/** Where a thread of fits starts; it needs few files, since each takes time to load. */
import { parentPort } from 'node:worker_threads'
import { type Assignment, serve } from './serve.ts'
import { workOn } from './work.ts'

parentPort?.on('message', ({ memory, module, plan }: Assignment) => serve(workOn(memory, plan, module)))
