import { once } from 'node:events'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { receiverOf, useDatabase } from '../support/fixture.ts'
import { end, startProcess } from '../support/processes.ts'

const database = useDatabase()
const program = path.join(import.meta.dirname, 'programs', 'worker.ts')
const SCHEDULES = 8
const MISSED_S = 60

function startWorker(channel: string, dieAt = '') {
  return startProcess(program, { DATABASE_URL: database.url, CHANNEL: channel, DIE_AT: dieAt })
}

test('of four worker processes, two of which are killed while they fire, each time is fired exactly once', async () => {
  const { prisma } = database
  const receiver = await receiverOf()
  // What dies only fires, so that nothing that it had claimed waits for the end of a lease.
  const workers = await Promise.all([
    startWorker('ticks'),
    startWorker('ticks'),
    startWorker('none', 'during 5'),
    startWorker('none', 'after 7'),
  ])
  const doomed = workers.slice(2)
  const first = new Date(Math.floor(Date.now() / 1000) * 1000 - MISSED_S * 1000)
  await prisma.httpSchedule.createMany({
    data: Array.from({ length: SCHEDULES }, (_, index) => ({
      ...{ name: `s${index}`, cron: '* * * * * *', catchUp: 'all' as const, nextRunAt: first },
      ...{ channel: 'ticks', url: `${receiver.url}/s${index}` },
    })),
  })
  for (const child of doomed) if (child.signalCode === null) await once(child, 'exit')
  expect(doomed.map((child) => child.signalCode)).toEqual(['SIGKILL', 'SIGKILL'])

  const behind = () => prisma.httpSchedule.count({ where: { nextRunAt: { lt: new Date(Date.now() - 1500) } } })
  await vi.waitUntil(async () => (await behind()) === 0, { timeout: 10_000 })
  await prisma.httpSchedule.updateMany({ data: { pausedAt: new Date() } })
  const open = () => prisma.httpRequest.count({ where: { state: { not: 'delivered' } } })
  await vi.waitUntil(async () => (await open()) === 0, { timeout: 10_000 })

  for (const { name, lastRunAt } of await prisma.httpSchedule.findMany()) {
    const rows = await prisma.httpRequest.findMany({ where: { schedule: name }, orderBy: { scheduledFor: 'asc' } })
    const count = (lastRunAt!.getTime() - first.getTime()) / 1000 + 1
    expect(count).toBeGreaterThan(MISSED_S)
    const expected = Array.from({ length: count }, (_, index) => first.getTime() + index * 1000)
    expect(rows.map(({ scheduledFor }) => scheduledFor!.getTime())).toEqual(expected)
    const keys = receiver.requests
      .filter(({ url }) => url === `/${name}`)
      .map(({ headers }) => headers['idempotency-key'])
    expect(keys.sort()).toEqual(rows.map(({ id }) => id).sort())
  }
  await Promise.all(workers.slice(0, 2).map((worker) => end(worker, 'SIGTERM')))
}, 60_000)
