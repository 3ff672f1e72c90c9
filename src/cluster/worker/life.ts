/** The thread of a worker process that shows the driver that it lives, and ends it when the driver is gone. */
import { rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

const { lifeline, leftovers } = workerData as { lifeline: number; leftovers: string | undefined }
const line = new Socket({ fd: lifeline })
line.on('error', () => undefined)
line.on('close', () => {
  if (leftovers !== undefined) rmSync(leftovers, { recursive: true, force: true })
  // Not process.exit, which would end this thread only.
  process.kill(process.pid, 'SIGKILL')
})
line.resume()
const show = () => line.write('.')
show()
parentPort?.postMessage('alive')
// Several in the shortest patience that a cluster takes.
setInterval(show, 100)
