import { expect, test, vi } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../../support/fixture.ts'
import { visitor } from '../visit.ts'

const database = useDatabase()

test('an empty queue is told how to begin, on each page', async () => {
  const visit = visitor(createRequeuest(database.prisma))
  expect(await visit('/')).toMatchObject({ status: 200, text: expect.stringContaining('await requeuest.spawn(') })
  expect((await visit('/')).text).toContain('Needs attention Nothing does.')
  expect((await visit('/channels')).text).toContain('Nothing waits')
  expect((await visit('/receivers')).text).toContain('Nothing was sent lately')
  expect((await visit('/channels/one?channel=none')).text).toContain('Nothing of it was sent')
  expect((await visit('/receivers/one?origin=https://a.example')).text).toContain('Nothing was sent to it')
})

test('attempts are shown by channel and by receiver, as soon as they are counted', async () => {
  const receiver = await receiverOf((_, index) => ({ status: index === 0 ? 500 : 200 }))
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['orders'] })
  const ids = await requeuest.spawnMany(
    'orders',
    Array.from({ length: 4 }, () => ({ url: receiver.url })),
  )
  await Promise.all(ids.map((id) => requeuest.waitFor(id)))
  await requeuest.stop()
  const visit = visitor(requeuest)
  expect((await visit('/')).text).toMatch(/Attempts 5 Accepted 80\.0 % Delivered 4 Failed 0 Due now 0 Oldest due –/)
  const origin = new URL(receiver.url).origin
  expect((await visit('/receivers')).text).toContain(`${origin} available 5`)
  const one = await visit(`/receivers/one?origin=${encodeURIComponent(origin)}`)
  expect(one.text).toMatch(/Attempts, 1h 5, 80\.0 % accepted; p50/)
  expect(one.html).toContain('aria-label="5 attempts, 1 not accepted"')
  expect((await visit('/channels/one?channel=orders&within=24h')).text).toMatch(/Attempts, 24h 5, 80\.0 % accepted/)
})

test('channels and receivers say why nothing is sent, with what can be done', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const origin = 'https://a.example'
  await requeuest.spawnMany('exports', [{ url: origin }, { url: origin }])
  await requeuest.spawn('reports', { url: origin }, { delay: '1h' })
  await requeuest.pause({ channel: 'exports' })
  await requeuest.setLimits({ channel: 'exports' }, { concurrency: 4, rate: { limit: 100, interval: '1m' } })
  await requeuest.pause({ origin })
  const visit = visitor(requeuest)
  const channels = (await visit('/channels')).text
  expect(channels).toMatch(/exports paused now 2 0 0 0 .* 0 4 at once, 100 requests in 1 min reports no worker 0 1 0 0/)
  const one = await visit('/channels/one?channel=exports')
  expect(one.html).toContain('href="/actions/resume?channel=exports&amp;return=')
  expect(one.html).toContain('href="/actions/setLimits?channel=exports&amp;return=')
  expect((await visit('/channels/one?channel=reports')).html).toContain(
    'href="/actions/pause?channel=reports&amp;return=',
  )
  expect((await visit(`/receivers/one?origin=${origin}/x`)).html).toContain(
    '/actions/resume?origin=https%3A%2F%2Fa.example&amp;return=',
  )
  const looking = visitor(requeuest, { access: () => 'read' })
  expect((await looking('/channels/one?channel=exports')).html).not.toContain('/actions/')
})

test('more receivers with limits than a page has are listed by name', async () => {
  const { prisma } = database
  await prisma.httpLimit.createMany({
    data: Array.from({ length: 130 }, (_, index) => ({
      kind: 'origin' as const,
      name: `https://r${String(index).padStart(3, '0')}.example`,
      concurrency: 1,
    })),
  })
  const visit = visitor(createRequeuest(prisma))
  const first = await visit('/receivers')
  const next = /href="(\/receivers\?[^"]*after=[^"]*)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&')
  const second = await visit(next ?? '')
  expect(first.text.match(/https:/g)).toHaveLength(100)
  expect(second.text.match(/https:/g)).toHaveLength(30)
})

test('of more channels than are looked at, the pages say so, and each has its own page', async () => {
  const { prisma } = database
  const names = Array.from({ length: 1001 }, (_, index) => `c-${1000 + index}`)
  await prisma.httpLimit.createMany({
    data: names.map((name) => ({ kind: 'channel' as const, name, pausedAt: new Date() })),
  })
  const visit = visitor(createRequeuest(prisma))
  for (const path of ['/', '/channels']) expect((await visit(path)).text).toContain('the first 1,000 channels by name')
  const last = await visit('/channels/one?channel=c-2000')
  expect(last.text).toContain('State paused')
  expect(last.html).toContain('href="/actions/resume?channel=c-2000&amp;return=')
  await prisma.httpLimit.deleteMany({ where: { name: { not: 'c-2000' } } })
  expect((await visit('/channels')).text).not.toContain('by name')
})

test.each(['/?within=2h', '/receivers?within=', '/channels/one?channel=a&within=<b>'])(
  'a span that is not there is refused: %s',
  async (path) => {
    const page = await visitor(createRequeuest(database.prisma))(path)
    expect(page.status).toBe(400)
    expect(page.html).not.toContain('<b>')
  },
)

test.each(['/channels/one', '/receivers/one', '/receivers/one?origin=nonsense', '/nowhere'])(
  'there is nothing at %s',
  async (path) => {
    expect(await visitor(createRequeuest(database.prisma))(path)).toMatchObject({
      status: 404,
      text: expect.stringContaining('There is nothing at this address.'),
    })
  },
)

test('names from the database are shown as they are, and never as markup', async () => {
  const { prisma } = database
  const name = `<img src=x onerror=alert(1)>"'&amp;\u202e`
  await prisma.httpLimit.createMany({
    data: [
      { kind: 'channel', name, pausedAt: new Date() },
      { kind: 'origin', name, breaker: 'open', openUntil: new Date(Date.now() + 60_000) },
    ],
  })
  const visit = visitor(createRequeuest(prisma))
  for (const path of ['/', '/channels', '/receivers', `/channels/one?channel=${encodeURIComponent(name)}`]) {
    const { html, text } = await visit(path)
    expect(html).not.toContain('<img')
    expect(text).toContain(name)
  }
})

test('a page whose database is away says so, and the error is reported', async () => {
  const requeuest = createRequeuest(database.prisma, { schema: 'nowhere' })
  const errors = vi.fn()
  requeuest.on('error', errors)
  const page = await visitor(requeuest)('/')
  expect(page.status).toBe(503)
  expect(errors).toHaveBeenCalled()
})
