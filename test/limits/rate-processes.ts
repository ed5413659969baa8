import type { PrismaClient } from '../../generated/prisma/client.ts'
import { Requeuest } from '../../src/index.ts'
import { runProgram } from '../journey/programs.ts'
import { startReceiver } from '../support/receiver.ts'

export interface RateRun {
  processes: number
  /** Starts a second that all of them share. */
  rate: number
  seconds: number
}

/** Lets worker processes send under one limit on the rate, with enough to do. Returns when each request arrived, in milliseconds. */
export async function runAtRate(url: string, prisma: PrismaClient, run: RateRun): Promise<number[]> {
  await using receiver = await startReceiver()
  const requeuest = new Requeuest(prisma)
  await requeuest.setLimits({ channel: 'limited' }, { rate: { limit: run.rate } })
  const workers = Array.from({ length: run.processes }, () =>
    runProgram('test/limits/programs/worker.ts', [], { DATABASE_URL: url }),
  )
  try {
    await Promise.all(workers.map((worker) => worker.printed('started')))
    await requeuest.spawnMany('limited', Array(Math.ceil(run.rate * (run.seconds + 2))).fill(receiver.url))
    await receiver.waitForRequests(1)
    const untilMs = (receiver.requests[0]?.at ?? 0) + run.seconds * 1000
    while ((receiver.requests.at(-1)?.at ?? 0) < untilMs) await receiver.waitForRequests(receiver.requests.length + 1)
    return receiver.requests.map(({ at }) => at).filter((at) => at < untilMs)
  } finally {
    for (const worker of workers) worker.kill('SIGTERM')
    await Promise.all(workers.map((worker) => worker.ended))
  }
}
