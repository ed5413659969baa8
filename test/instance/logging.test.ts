import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { InvalidInputError, type LoggerLike, Requeuest, RequeuestError } from '../../src/index.ts'
import { contextOf } from '../../src/instance/controls.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

const SECRET = 'secret-7f3a'

/** What pino writes, each line parsed. */
function pinoLines() {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line)) })
  return { lines, logger }
}

test('what an operator should know is one line each, without secrets, and what went well is none', async () => {
  const { lines, logger } = pinoLines()
  const receiver = await receiverOf(({ url }) => ({ status: url.startsWith('/bad') ? 400 : 200 }))
  const requeuest = createRequeuest(database.prisma, { logger, retry: { maxAttempts: 1 } })
  await requeuest.start({ channels: 'all' })
  const headers = { authorization: SECRET, 'x-key': SECRET }
  await requeuest.spawnReturning('a', { url: `${receiver.url}/good?key=${SECRET}`, headers })
  const id = await requeuest.spawn('a', { method: 'POST', url: `${receiver.url}/bad?key=${SECRET}#${SECRET}`, headers })
  await vi.waitFor(() => expect(lines).toHaveLength(1))
  expect(lines).toEqual([
    {
      level: 40,
      event: 'failed',
      requestId: id,
      channel: 'a',
      method: 'POST',
      origin: receiver.url,
      attempts: 1,
      failureCode: 'attempts_exhausted',
      ageMs: expect.any(Number),
      msg: 'A request failed: attempts_exhausted',
    },
  ])
  expect(JSON.stringify(lines)).not.toContain(SECRET)
})

test('every other event that an operator should know of is a line as well', () => {
  const { lines, logger } = pinoLines()
  const { events } = contextOf(createRequeuest(database.prisma, { logger }))
  const ids = { requestId: 'r', channel: 'a', number: 2 }
  events.emit('rescued', { ...ids, workerId: 'w' })
  events.emit('claimLost', ids)
  events.emit('originPaused', { origin: 'https://a.example', forMs: 5 })
  events.emit('breakerOpened', { origin: 'https://a.example', forMs: 5 })
  events.emit('breakerClosed', { origin: 'https://a.example' })
  events.emit('warning', { message: 'mind this' })
  const cause = new Error(`INSERT … ${SECRET}`)
  events.emit('error', new RequeuestError('database_error', 'it is gone', { cause }))
  expect(lines).toEqual([
    { level: 40, event: 'rescued', ...ids, workerId: 'w', msg: 'A request was taken back from w' },
    { level: 40, event: 'claimLost', ...ids, msg: 'An attempt ended after its claim was lost' },
    { level: 40, event: 'originPaused', origin: 'https://a.example', forMs: 5, msg: 'https://a.example asked to wait' },
    {
      level: 40,
      event: 'breakerOpened',
      origin: 'https://a.example',
      forMs: 5,
      msg: 'The breaker of https://a.example opened',
    },
    { level: 30, event: 'breakerClosed', origin: 'https://a.example', msg: 'The breaker of https://a.example closed' },
    { level: 40, event: 'warning', msg: 'mind this' },
    { level: 50, event: 'error', code: 'database_error', msg: 'it is gone' },
  ])
})

test('the console gets one line each', () => {
  const shown = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => shown.mockRestore())
  const { events } = contextOf(createRequeuest(database.prisma, { logger: console }))
  const event = { requestId: 'r'.repeat(100), channel: 'a\nb', number: 2, workerId: 'w\n\x9b2J' }
  events.emit('rescued', event)
  expect(shown.mock.calls).toEqual([
    [
      `requeuest: A request was taken back from w  2J ${JSON.stringify({ event: 'rescued', ...event }).replace('\x9b', ' ')}`,
    ],
  ])
  expect(String(shown.mock.calls[0])).not.toMatch(/\p{Cc}/u)
})

test('a logger that throws, or whose promise rejects, affects nothing else', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warned.mockRestore())
  const fail = () => {
    throw new Error('the disk is full')
  }
  const logger: LoggerLike = { info: fail, warn: fail, error: async () => fail() }
  const receiver = await receiverOf(() => ({ status: 400 }))
  const requeuest = createRequeuest(database.prisma, { logger, retry: { maxAttempts: 1 } })
  await requeuest.start({ channels: 'all' })
  const id = await requeuest.spawn('a', receiver.url)
  await expect(requeuest.waitFor(id)).rejects.toThrow('attempts_exhausted')
  contextOf(requeuest).events.emit('error', new RequeuestError('database_error', 'it is gone'))
  await vi.waitFor(() => expect(warned).toHaveBeenCalledTimes(2))
  expect(String(warned.mock.calls[0])).toContain('the disk is full')
})

test('what is no logger is refused', () => {
  for (const logger of [null, {}, { info() {}, warn() {} }, 'console']) {
    expect(() => new Requeuest(database.prisma, { logger: logger as never })).toThrow(InvalidInputError)
  }
})
