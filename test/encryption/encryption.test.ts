import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { http, type RequeuestError } from '../../src/index.ts'
import { nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const k1 = randomBytes(32)
const k2 = randomBytes(32).toString('base64')
const first = { encryption: { keys: { k1 }, current: 'k1' } }
const rotated = { encryption: { keys: { k1, k2 }, current: 'k2' } }
const second = { encryption: { keys: { k2 }, current: 'k2' } }

const answer = { headers: { 'set-cookie': 'canary-cookie' }, body: 'canary-answer' }
const letter = (url: string) => http.post(url, { headers: { 'x-token': 'canary-token' }, body: 'canary-body' })

/** Every row of the database as one text. */
async function everything(): Promise<string> {
  const rows = await database.prisma.$queryRaw<{ row: string }[]>`
    SELECT concat(to_jsonb(request), encode(body, 'escape')) AS row FROM requeuest_request AS request
    UNION ALL SELECT concat(to_jsonb(attempt), encode(body, 'escape')) FROM requeuest_attempt AS attempt`
  return rows.map(({ row }) => row).join('\n')
}

test('receiver and caller read it, the database does not', async () => {
  const receiver = await receiverOf((_, index) => (index === 0 ? { ...answer, status: 500 } : answer))
  const requeuest = createRequeuest(database.prisma, first)
  await requeuest.start({ channels: ['a'] })
  const id = await database.prisma.$transaction((tx) => requeuest.spawn('a', letter(receiver.url), { tx }))
  const response = await requeuest.waitFor(id)
  expect(response.text()).toBe('canary-answer')
  expect(response.headers.get('set-cookie')).toBe('canary-cookie')
  expect(receiver.requests.map((request) => [String(request.body), request.headers['x-token']])).toEqual(
    Array(2).fill(['canary-body', 'canary-token']),
  )
  expect(await everything()).not.toContain('canary')

  const found = (await requeuest.find(id, { reveal: true }))!
  expect(found.headers).toContainEqual(['x-token', 'canary-token'])
  expect(String(Buffer.from(found.body!))).toBe('canary-body')
  expect(found.attempts.map((attempt) => String(Buffer.from(attempt.body!)))).toEqual(Array(2).fill('canary-answer'))

  const row = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id }, include: { attempts: true } })
  expect(row).toMatchObject({ encryptionKey: 'k1', headers: expect.any(String) })
  const opened = requeuest.decrypt(row)
  expect(opened).toMatchObject({ id, encryptionKey: null, headers: found.headers, state: 'delivered' })
  expect(requeuest.decrypt(row.attempts[0]!).headers).toContainEqual(['set-cookie', 'canary-cookie'])
})

test('without encryption nothing changes, and with it plain rows are still sent', async () => {
  const receiver = await receiverOf()
  const plain = createRequeuest(database.prisma)
  const id = await plain.spawn('a', letter(receiver.url))
  expect(await everything()).toContain('canary-token')
  const requeuest = createRequeuest(database.prisma, first)
  await requeuest.start({ channels: ['a'] })
  await requeuest.waitFor(id)
  expect(receiver.requests[0]!.headers['x-token']).toBe('canary-token')
  expect((await requeuest.find(id, { reveal: true }))!.headers).toContainEqual(['x-token', 'canary-token'])
})

test('a worker without the key says so, sends nothing, spends nothing, and leaves it to one that has it', async () => {
  const receiver = await receiverOf()
  const keeper = createRequeuest(database.prisma, first)
  const id = await keeper.spawn('a', letter(receiver.url))
  const lacking = createRequeuest(database.prisma, second)
  const reported = nextEvent<RequeuestError>(lacking, 'error')
  await lacking.start({ channels: ['a'] })
  expect(await reported).toMatchObject({ code: 'encryption_key_missing' })
  expect((await reported).message).toMatch(/"k1".*encryption\.keys/)
  await lacking.stop()
  const row = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  expect(row).toMatchObject({ state: 'pending', attemptCount: 0, claimedBy: null })
  expect(row.runAt.getTime() - row.createdAt.getTime()).toBeGreaterThan(10_000)
  expect(receiver.requests).toHaveLength(0)
  await expect(lacking.find(id)).rejects.toMatchObject({ code: 'encryption_key_missing' })

  await database.prisma.httpRequest.update({ where: { id }, data: { runAt: row.createdAt } })
  await keeper.start({ channels: ['a'] })
  await keeper.waitFor(id)
  const response = lacking.waitFor(id)
  await expect(response).rejects.toMatchObject({ code: 'encryption_key_missing' })
})

test('what was put into another row opens there no more', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma, first)
  const [one, other] = await requeuest.spawnMany('a', [letter(receiver.url), letter(receiver.url)])
  await database.prisma.$executeRaw`
    UPDATE requeuest_request SET body = (SELECT body FROM requeuest_request WHERE id = ${one}::uuid) WHERE id = ${other}::uuid`
  const reported = nextEvent<RequeuestError>(requeuest, 'error')
  await requeuest.start({ channels: ['a'] })
  await requeuest.waitFor(one!)
  expect(await reported).toMatchObject({ code: 'decryption_failed', cause: expect.any(Error) })
  await requeuest.stop()
  expect(await database.prisma.httpRequest.findUnique({ where: { id: other! } })).toMatchObject({ state: 'pending' })
  expect(receiver.requests).toHaveLength(1)
})

test('rows come to the current key by themselves, and one that cannot be read holds up no others', async () => {
  const receiver = await receiverOf(() => answer)
  const before = createRequeuest(database.prisma, first)
  await before.start({ channels: ['done'] })
  const done = await before.spawnMany('done', Array(150).fill(letter(receiver.url)))
  await Promise.all(done.map((id) => before.waitFor(id)))
  await before.stop()
  const [broken, ...waiting] = await before.spawnMany('later', Array(150).fill(letter(receiver.url)))
  await database.prisma.httpRequest.update({ where: { id: broken! }, data: { headers: 'AAAA' } })

  const requeuest = createRequeuest(database.prisma, rotated)
  await requeuest.start({ channels: ['none'] })
  const left = async () => {
    const where = { encryptionKey: 'k1' }
    return (await database.prisma.httpRequest.count({ where })) + (await database.prisma.httpAttempt.count({ where }))
  }
  while ((await left()) > 1) await sleep(50)
  await requeuest.stop()
  expect(await database.prisma.httpRequest.findFirst({ where: { encryptionKey: 'k1' } })).toMatchObject({ id: broken })

  const after = createRequeuest(database.prisma, second)
  const found = (await after.find(done[0]!, { reveal: true }))!
  expect(found.headers).toContainEqual(['x-token', 'canary-token'])
  expect(String(Buffer.from(found.attempts[0]!.body!))).toBe('canary-answer')
  await after.start({ channels: ['later'] })
  await Promise.all(waiting.map((id) => after.waitFor(id)))
  expect(new Set(receiver.requests.map((request) => String(request.body)))).toEqual(new Set(['canary-body']))
})

test.each([
  [undefined, 'row'],
  [{ headers: [], body: null, encryptionKey: null }, 'row'],
  [{ id: 'x', headers: [], body: null }, 'row.encryptionKey'],
  [{ id: 'x', encryptionKey: null, body: null }, 'row.headers'],
])('decrypt refuses %j', (row, field) => {
  const requeuest = createRequeuest(database.prisma)
  expect(() => requeuest.decrypt(row as never)).toThrow(expect.objectContaining({ code: 'invalid_input', field }))
})

test('find hides what is a credential by its name, unless it shall be revealed', async () => {
  const receiver = await receiverOf(() => ({ headers: { 'set-cookie': 'session=1', 'x-plain': 'yes' } }))
  const requeuest = createRequeuest(database.prisma, { redactHeaders: ['X-Tenant-Token'] })
  await requeuest.start({ channels: ['a'] })
  const headers = { Authorization: 'Bearer 1', 'x-tenant-token': '2', 'X-API-Key': '3', cookie: '4', 'x-plain': 'yes' }
  const id = await requeuest.spawn('a', { url: receiver.url, headers })
  await requeuest.waitFor(id)
  const found = (await requeuest.find(id))!
  const hidden = '(hidden)'
  expect(Object.fromEntries(found.headers)).toEqual({
    Authorization: hidden,
    'x-tenant-token': hidden,
    'X-API-Key': hidden,
    cookie: hidden,
    'x-plain': 'yes',
  })
  expect(Object.fromEntries(found.attempts[0]!.headers!)).toMatchObject({ 'set-cookie': hidden, 'x-plain': 'yes' })
  const revealed = (await requeuest.find(id, { reveal: true }))!
  expect(Object.fromEntries(revealed.headers)).toEqual(headers)
  await expect(requeuest.find(id, { reveal: 'yes' as never })).rejects.toMatchObject({ field: 'options.reveal' })
})

test('a row whose encryption_key was emptied by hand is neither sent nor shown as if it were plain', async () => {
  const { prisma } = database
  const receiver = await receiverOf()
  const encryption = { keys: { k1: Buffer.alloc(32, 1) }, current: 'k1' }
  const requeuest = createRequeuest(prisma, { encryption })
  const id = await requeuest.spawn('marked', { method: 'POST', url: receiver.url, body: 'secret' })
  await prisma.httpRequest.update({ where: { id }, data: { encryptionKey: null } })
  const unreadable = { code: 'decryption_failed', message: expect.stringContaining('encryption_key is empty') }
  await expect(requeuest.find(id)).rejects.toMatchObject(unreadable)
  const row = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  expect(() => requeuest.decrypt({ ...row, headers: [] })).toThrow(expect.objectContaining(unreadable))
  const plain = createRequeuest(prisma)
  const errors: unknown[] = []
  plain.on('error', (error) => errors.push(error))
  await plain.start({ channels: ['marked'] })
  await expect.poll(() => errors).toContainEqual(expect.objectContaining(unreadable))
  expect(receiver.requests).toEqual([])
})
