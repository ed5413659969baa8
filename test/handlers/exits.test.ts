import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'
import { endLeases } from '../support/factory.ts'
import { connect, createRequeuest, freshDatabase, receiverOf } from '../support/fixture.ts'
import { startProcess } from '../support/processes.ts'
import { addEffect, createEffects, effectsIn } from './effects.ts'

const program = path.join(import.meta.dirname, 'processes', 'worker.ts')
const LANES = 2

interface Exit {
  /** What the process never got beyond. */
  at: string
  /** Whether the request was final already, and only its handler was due. */
  isDue?: boolean
  /** How often the receiver sees the request in the end. */
  sent: number
}

const EXITS: Exit[] = [
  // Nothing is committed yet: as without a handler, the answer is lost with the process.
  { at: 'in the handler', sent: 2 },
  { at: 'after clearHandling #1', sent: 2 },
  { at: 'after inOpenTransaction #1', sent: 1 },
  { at: 'in the handler', isDue: true, sent: 0 },
  { at: 'after clearHandling #1', isDue: true, sent: 0 },
  { at: 'after inOpenTransaction #1', isDue: true, sent: 0 },
]

/** Lets a process end there, and another one finish its work. Says what is wrong then. */
async function play({ at, isDue = false, sent }: Exit): Promise<string[]> {
  const url = await freshDatabase()
  const prisma = connect(url)
  await createEffects(prisma)
  const receiver = await receiverOf()
  const due = { state: 'delivered', finishedAt: new Date(), handlerDueAt: new Date(0) } as const
  const data = { channel: 'a', url: receiver.url, ...(isDue && due) }
  const { id } = await prisma.httpRequest.create({ data })

  const child = await startProcess(program, { DATABASE_URL: url, DIE_AT: at })
  if (child.signalCode === null) await once(child, 'exit')
  const isOver = at.startsWith('after inOpenTransaction')
  await expect.poll(async () => Object.keys(await effectsIn(prisma)).length).toBe(isOver ? 1 : 0)

  // Postgres notices that the process is gone when it next looks at the connection.
  const isFree = () => prisma.$queryRaw<unknown[]>`SELECT 1 FROM requeuest_request FOR UPDATE SKIP LOCKED`
  await expect.poll(async () => (await isFree()).length, { timeout: 10_000 }).toBe(1)
  await endLeases(prisma)
  const requeuest = createRequeuest(prisma).onSettled('a', ({ tx, request }) => addEffect(tx, request))
  await requeuest.start({ channels: ['a'] })
  const settled = { state: 'delivered', handlerDueAt: null }
  await expect.poll(() => prisma.httpRequest.findFirst(), { timeout: 10_000 }).toMatchObject(settled)
  await requeuest.stop()
  const effects = (await effectsIn(prisma))[id]
  return [
    ...(child.signalCode === 'SIGKILL' ? [] : ['it ended by itself']),
    ...(receiver.requests.length === sent ? [] : [`the request was sent ${receiver.requests.length} times`]),
    ...(effects?.length === 1 ? [] : [`the effects are ${effects}`]),
  ]
}

test('wherever a process ends while it handles a request, the effects are there once', {
  timeout: 60_000,
}, async () => {
  const exits = [...EXITS]
  const wrong: string[] = []
  async function work() {
    for (let exit = exits.shift(); exit !== undefined; exit = exits.shift()) {
      const { at, isDue } = exit
      const violations = await play(exit).catch((error: unknown) => [String(error)])
      wrong.push(...violations.map((violation) => `${at}${isDue ? ', due' : ''}: ${violation}`))
    }
  }
  await Promise.all(Array.from({ length: LANES }, work))
  expect(wrong).toEqual([])
})
