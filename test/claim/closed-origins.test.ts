import { expect, test, vi } from 'vitest'
import type { RequeuestError } from '../../src/index.ts'
import { Origins } from '../../src/limits/origins.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const row = (url: string, more = {}) => database.prisma.httpRequest.create({ data: { channel: 'a', url, ...more } })

test.each(['render://Hook', 'render://hook/', 'render://hook?x', 'render://hook#', 'render://', 'render:// hook'])(
  "a row of one's own with %s names no renderer: it fails, and the right one goes on",
  async (url) => {
    const receiver = await receiverOf()
    const requeuest = createRequeuest(database.prisma)
    const errors: RequeuestError[] = []
    requeuest.on('error', (error) => errors.push(error))
    requeuest.renderer('hook', () => receiver.url)
    const wrong = [await row(url), await row(url, { origin: 'render://hook' })]
    await requeuest.start({ channels: ['a'] })
    for (const { id } of wrong)
      await expect(requeuest.waitFor(id)).rejects.toMatchObject({
        code: 'request_failed',
        failureCode: 'invalid_request',
      })
    expect((await requeuest.find(wrong[0]!.id))!.attempts).toMatchObject([
      { outcome: 'invalid', errorMessage: expect.stringContaining('names no renderer') },
    ])
    await requeuest.spawnReturning('a', { render: 'hook' })
    expect(errors).toEqual([])
  },
)

test('a row that names another origin than its renderer closes the lane of neither', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma).on('error', () => {})
  requeuest.renderer('hook', () => receiver.url)
  await row('render://missing', { origin: 'render://hook' })
  await row('render://missing', { origin: receiver.url })
  await requeuest.start({ channels: ['a'] })
  const left = { url: 'render://missing', origin: 'render://missing', state: 'pending' as const }
  await vi.waitFor(async () => expect(await database.prisma.httpRequest.count({ where: left })).toBe(2), 10_000)
  await requeuest.spawnReturning('a', { render: 'hook' })
  await requeuest.spawnReturning('a', receiver.url)
})

test('closed lanes are bounded, and one that is opened has room again', () => {
  const origins = new Origins(20, 40)
  for (let index = 0; index < 500; index++) expect(origins.close(`render://${index}`)).toBe('new')
  expect(origins.close('render://0')).toBe('known')
  expect(origins.close('render://more')).toBeNull()
  origins.open('render://0')
  expect(origins.rooms().get('render://0')).toBeUndefined()
  expect(origins.close('render://more')).toBe('new')
})

test('a renderer that comes late makes what waits for it, however many others are missing', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const errors: RequeuestError[] = []
  requeuest.on('error', (error) => errors.push(error))
  const missing = Array.from({ length: 700 }, (_, index) => ({ render: `missing-${index}` }))
  await requeuest.spawnMany('a', missing)
  const id = await requeuest.spawn('a', { render: 'missing-1' })
  await requeuest.start({ channels: ['a'] })
  await vi.waitFor(() => expect(errors).toHaveLength(500), 15_000)
  await requeuest.spawnReturning('a', receiver.url)
  requeuest.renderer('missing-1', () => receiver.url)
  await requeuest.waitFor(id)
  expect(errors).toHaveLength(500)
})
