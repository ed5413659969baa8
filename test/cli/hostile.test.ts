import { expect, test } from 'vitest'
import { useDatabase } from '../support/fixture.ts'
import { useCommand } from './command.ts'

const database = useDatabase()
const { requeuest, start } = useCommand()
const ID = '01930000-0000-7000-8000-000000000001'
/** Colours, a title of the window, a line of its own, a text in the other direction. */
const EVIL = `e\u{1b}[31m\u{9b}2J\u{1b}]0;title\u{7}\r\nforged line\u{202e}`

/** A row of each table with something evil in each of its texts, as nobody but an editor of rows or a receiver can make it. */
async function corrupt(): Promise<void> {
  const at = new Date()
  await database.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL session_replication_role = replica`
    const names = { channel: EVIL, url: `http://a.example/${EVIL}`, method: EVIL }
    const final = { state: 'failed', finishedAt: at, failureCode: EVIL, attemptCount: 1 } as const
    const headers = [['x', EVIL] as [string, string], [EVIL, 'x'] as [string, string]]
    await tx.httpRequest.create({ data: { id: ID, ...names, origin: EVIL, orderKey: EVIL, headers, ...final } })
    await tx.httpRequest.create({ data: { ...names, origin: EVIL, runAt: new Date(at.getTime() - 120_000) } })
    const wrong = { outcome: 'network_error', errorCode: EVIL, errorMessage: EVIL, remoteAddress: EVIL } as const
    const body = Buffer.from('\u{1b}[31m')
    const attempt = { requestId: ID, number: 1, startedAt: at, durationMs: 5, workerId: EVIL, headers, body, ...wrong }
    await tx.httpAttempt.create({ data: attempt })
    await tx.httpLine.create({ data: { channel: EVIL, orderKey: EVIL, tail: 1n, heldById: ID, heldAt: at } })
    await tx.httpLimit.createMany({
      data: [
        { kind: 'channel', name: EVIL, pausedAt: at },
        { kind: 'origin', name: EVIL, pausedAt: at },
      ],
    })
    const worker = { id: EVIL, host: EVIL, pid: 1, version: EVIL, channels: [EVIL], concurrency: 1 }
    await tx.httpWorker.create({ data: { ...worker, lastSeenAt: new Date(at.getTime() - 60_000) } })
    await tx.httpSchedule.create({ data: { name: EVIL, cron: EVIL, timezone: EVIL, problem: EVIL, ...names } })
  })
}

const HARMFUL = /[^\P{Cc}\n]|[\u{202a}-\u{202e}]|^forged/mu

test.each(['list', 'stats', 'doctor', 'workers', 'limits', 'schedules', `wait ${ID}`, `show ${ID} --bodies`])(
  '%s prints nothing that a terminal obeys, and no line that a value has made',
  async (line) => {
    await corrupt()
    const words = line.split(' ')
    const [text, json] = await Promise.all([
      requeuest(database.url, ...words),
      requeuest(database.url, ...words, '--json'),
    ])
    for (const { output, errors } of [text, json]) {
      expect(output).not.toBe('')
      expect(output + errors).not.toMatch(HARMFUL)
    }
    expect(JSON.stringify(JSON.parse(json.output).data)).toContain(JSON.stringify(EVIL).slice(1, -1))
  },
)

test('tail prints nothing that a terminal obeys, and a line for each attempt', async () => {
  await corrupt()
  const tail = start(database.url, 'tail', '--since', '1m')
  expect(await tail.printed(`${ID} #1`)).not.toMatch(HARMFUL)
  tail.kill('SIGINT')
  expect((await tail.ended).output.trimEnd().split('\n')).toHaveLength(1)
})
