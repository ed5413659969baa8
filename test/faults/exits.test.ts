import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'
import { endLeases } from '../support/factory.ts'
import { connect, createRequeuest, freshDatabase } from '../support/fixture.ts'
import { startProcess } from '../support/processes.ts'
import { findViolations } from './invariants.ts'
import { startScriptedReceiver } from './scripted-receiver.ts'
import { seedMaintenance } from './seed.ts'
import { countLive, until } from './until.ts'

const program = path.join(import.meta.dirname, 'exits', 'worker.ts')
/** Processes that run at once. */
const LANES = 2

interface Exit {
  /** What the process never got beyond. */
  at: string
  /** What it leaves behind: no claim, one that was never sent, or one whose bytes have left. */
  leaves: 'nothing' | 'unsent' | 'sent'
  /** Where it had been told to stop. */
  stopAt?: string
  stopTimeoutMs?: number
  /** How the first request is answered. @default '200' */
  answers?: string
  /** Whether it only does the maintenance. */
  idle?: boolean
}

const stopped = { stopAt: 'sent #1', answers: 'hang/200' }
const EXITS: Exit[] = [
  { at: 'before claimRequests #1', leaves: 'nothing' },
  { at: 'claimed #1', leaves: 'unsent' },
  { at: 'created #1', leaves: 'unsent' },
  { at: 'connected #1', leaves: 'unsent' },
  { at: 'sent #1', leaves: 'sent' },
  { at: 'answered #1', leaves: 'sent' },
  { at: 'before settleAccepted #1', leaves: 'sent' },
  { at: 'after settleAccepted #1', leaves: 'nothing' },
  { at: 'before settleClaims #1', leaves: 'sent', answers: '503/200' },
  { at: 'after settleClaims #1', leaves: 'nothing', answers: '503/200' },
  { at: 'before settleAccepted #2', leaves: 'sent' },
  { at: 'stopping', leaves: 'sent', ...stopped, stopTimeoutMs: 60_000 },
  { at: 'before settleClaims #1', leaves: 'sent', ...stopped, stopTimeoutMs: 0 },
  { at: 'after settleClaims #1', leaves: 'nothing', ...stopped, stopTimeoutMs: 0 },
  { at: 'before releaseUnknownClaims #1', leaves: 'unsent', stopAt: 'claimed #2' },
  { at: 'after releaseUnknownClaims #1', leaves: 'nothing', stopAt: 'claimed #2' },
  ...['rescueExpiredClaims', 'failExpiredRequests', 'countDueUnblocks', 'fireSchedule'].flatMap((name): Exit[] => [
    { at: `before ${name} #1`, leaves: 'nothing', idle: true },
    { at: `after ${name} #1`, leaves: 'nothing', idle: true },
  ]),
]

type Lane = (exit: Exit) => Promise<string[]>

async function openLane(): Promise<Lane> {
  const url = await freshDatabase()
  const prisma = connect(url, { max: 6 })
  // One of the schedules is broken, which is told.
  const requeuest = createRequeuest(prisma).on('error', () => {})

  return async ({ at, leaves, stopAt = '', stopTimeoutMs = 0, answers = '200', idle = false }) => {
    await prisma.$executeRaw`TRUNCATE requeuest_request, requeuest_attempt, requeuest_line, requeuest_schedule`
    const receiver = await startScriptedReceiver()
    const rescued = await seedMaintenance(prisma, receiver.url)
    const ids: string[] = []
    for (const file of [`line1/${answers}`, 'line2/200']) {
      const data = { channel: 'a', orderKey: 'line', backoffBaseMs: 300, url: `${receiver.url}/${file}` }
      ids.push((await prisma.httpRequest.create({ data })).id)
    }

    const child = await startProcess(program, {
      DATABASE_URL: url,
      CHANNEL: idle ? 'none' : 'a',
      DIE_AT: at,
      STOP_AT: stopAt,
      STOP_TIMEOUT_MS: String(stopTimeoutMs),
    })
    if (child.signalCode === null) await once(child, 'exit')

    const subject = at.endsWith('#2') ? ids[1] : ids[0]
    const held = await prisma.httpRequest.findMany({ where: { state: 'claimed', channel: 'a' } })
    const isHeld = held.some(({ id }) => id === subject)
    const unsent = new Set([rescued])
    const doubled = new Set<string>()
    for (const { id } of held) {
      // The answer to a claim of the next one may have been on its way.
      if (leaves !== 'sent' || id !== subject) unsent.add(id)
      else {
        await until(async () => receiver.arrivals.at(-1)?.id === id)
        if (receiver.arrivals.at(-1)?.status === 200) doubled.add(id)
      }
    }
    await endLeases(prisma)
    await requeuest.start({ channels: 'all' })
    await until(async () => (await countLive(prisma)) === 0)
    await requeuest.stop()
    await receiver.stop()
    return [
      ...(child.signalCode === 'SIGKILL' ? [] : [`it ended by itself`]),
      ...(isHeld === (leaves !== 'nothing') ? [] : [`it left ${isHeld ? 'its' : 'no'} claim`]),
      ...(await findViolations(prisma, { acknowledged: ids, arrivals: receiver.arrivals, doubled, unsent })),
    ]
  }
}

test('wherever a worker process ends, another one finishes its work, and only what was in the air is sent again', async () => {
  const lanes = await Promise.all(Array.from({ length: LANES }, openLane))
  const exits = [...EXITS]
  const wrong: string[] = []
  await Promise.all(
    lanes.map(async (lane) => {
      for (let exit = exits.shift(); exit !== undefined; exit = exits.shift()) {
        const { at, stopAt = 'never', answers = '200' } = exit
        const violations = await lane(exit).catch((error: unknown) => [String(error)])
        wrong.push(
          ...violations.map((violation) => `${at}, told to stop at ${stopAt}, answers ${answers}: ${violation}`),
        )
      }
    }),
  )
  expect(wrong).toEqual([])
}, 180_000)
