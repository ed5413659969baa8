import { expect, test } from 'vitest'
import { createRequeuest, useDatabase } from '../../support/fixture.ts'
import { visitor } from '../visit.ts'

const database = useDatabase()

function register(id: string, more: { version?: string; silentMs?: number; channels?: string[] } = {}) {
  const { version = '1.0.0', silentMs = 0, channels = ['orders'] } = more
  const at = new Date(Date.now() - silentMs)
  const [host = '', pid = '0'] = id.split(':')
  return database.prisma.httpWorker.create({
    data: { id, host, pid: Number(pid), version, channels, concurrency: 20, startedAt: at, lastSeenAt: at },
  })
}

test('workers say where they run, what they take, and whether they live', async () => {
  await register('host-a:17', { channels: ['orders', '<b>mail</b>'] })
  await register('host-b:12345', { silentMs: 60_000, channels: [] })
  const { text, html } = await visitor(createRequeuest(database.prisma))('/workers')
  expect(text).toContain('live host-a 17 1.0.0 orders, <b>mail</b> 0 20')
  // A number of a process is no quantity.
  expect(text).toMatch(/dead or cut off host-b 12345 1\.0\.0 all 0 20/)
  expect(html).not.toContain('<b>')
  expect(text).not.toContain('different versions')
})

test('different versions of those that live are pointed out', async () => {
  await register('a:1', { version: '1.0.0' })
  await register('b:1', { version: '1.1.0' })
  await register('c:1', { version: '0.9.0', silentMs: 60_000 })
  const { text } = await visitor(createRequeuest(database.prisma))('/workers')
  expect(text).toContain('Workers run different versions: 1.0.0, 1.1.0.')
})

test('channels with due requests that nobody serves are named, paused ones and what is not due are not', async () => {
  const requeuest = createRequeuest(database.prisma)
  const url = 'https://a.example/'
  await register('a:1', { channels: ['orders'] })
  await requeuest.spawnMany('invoices', [url, url])
  await requeuest.spawn('orders', url)
  await requeuest.spawn('later', url, { delay: '1h' })
  await requeuest.spawn('exports', url)
  await requeuest.pause({ channel: 'exports' })
  const { text, html } = await visitor(requeuest)('/workers')
  expect(text).toContain('Nobody serves the channel invoices , in which 2 requests are due.')
  expect(html.match(/class="note bad"/g)).toHaveLength(1)
})

test('without workers the page says how to start one', async () => {
  expect((await visitor(createRequeuest(database.prisma))('/workers')).text).toContain('requeuest.start(')
})
