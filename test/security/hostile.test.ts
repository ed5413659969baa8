import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test, vi } from 'vitest'
import { compile } from '../support/compile.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { freePort } from '../support/postgres.ts'
import { startProcess } from '../support/processes.ts'

const database = useDatabase()
const program = (name: string) => path.join(import.meta.dirname, 'processes', name)

const HOSTS = 1000
const TIMEOUT_MS = 5000
const MEGABYTE = 1024 * 1024

async function startAttackers(): Promise<string[]> {
  const port = await freePort()
  await startProcess(program('attackers.ts'), { PORT: String(port) })
  return Array.from({ length: HOSTS }, (_, index) => `http://127.1.${index >> 8}.${index & 255}:${port}/${index}`)
}

async function nextLine(child: ChildProcess): Promise<string> {
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')
  return line
}

test('a thousand hostile hosts at once: every attempt ends in time, memory stays bounded, others are served', async () => {
  const compiled = await compile(program('busy-worker.ts'))
  onTestFinished(() => compiled.remove())
  const healthy = await receiverOf()
  const requeuest = createRequeuest(database.prisma, { timeout: TIMEOUT_MS, retry: { maxAttempts: 1 } })
  const bad = await requeuest.spawnMany('a', await startAttackers())
  const worker = await startProcess(compiled.of(program('busy-worker.ts')), { DATABASE_URL: database.url })

  await vi.waitFor(
    async () => expect(await database.prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(0),
    { timeout: 10_000 },
  )

  const good = await Promise.all(Array.from({ length: 5 }, () => requeuest.spawn('a', healthy.url)))
  await Promise.all(good.map((id) => requeuest.waitFor(id)))
  await Promise.all(bad.map((id) => requeuest.waitFor(id).catch(() => {})))

  const attempts = await database.prisma.httpAttempt.findMany({ where: { requestId: { in: bad } } })
  expect(attempts).toHaveLength(HOSTS)
  // Hundreds of them end in the same moment, perhaps on a busy machine.
  expect(Math.max(...attempts.map((attempt) => attempt.durationMs))).toBeLessThan(TIMEOUT_MS + 3000)
  expect(attempts.every((attempt) => (attempt.body?.byteLength ?? 0) <= 65_536)).toBe(true)
  expect(new Set(attempts.map((attempt) => attempt.errorCode ?? attempt.status))).toEqual(
    new Set([200, 'timeout', 'protocol_error']),
  )
  // They were served while the others held their slots, not after.
  const slowEnd = Math.max(...attempts.map((attempt) => attempt.startedAt.getTime() + attempt.durationMs))
  const served = await database.prisma.httpAttempt.findMany({ where: { requestId: { in: good } } })
  for (const { startedAt, outcome } of served) {
    expect(outcome).toBe('accepted')
    expect(startedAt.getTime()).toBeLessThan(slowEnd)
  }

  const said = nextLine(worker)
  worker.kill('SIGTERM')
  expect(Number(await said) / MEGABYTE).toBeLessThan(128)
})
