import { expect, test } from 'vitest'
import { createRequeuest, useDatabase } from '../../support/fixture.ts'
import { browse, fieldsOf } from '../browse.ts'
import { visitor } from '../visit.ts'

const database = useDatabase()

interface Failed {
  origin: string
  many: number
  status?: number
  errorCode?: string
  agoMs?: number
}

/** Requests that failed at a receiver, each after one attempt that ended so. */
async function fail({ origin, many, status, errorCode, agoMs = 1000 }: Failed): Promise<string[]> {
  const { prisma } = database
  const ids = await createRequeuest(prisma).spawnMany('a', Array(many).fill(`${origin}/x`))
  const finishedAt = new Date(Date.now() - agoMs)
  const data = { state: 'failed', failureCode: 'attempts_exhausted', finishedAt, attemptCount: 1, origin } as const
  await prisma.httpRequest.updateMany({ where: { id: { in: ids } }, data })
  await prisma.httpAttempt.createMany({
    data: ids.map((requestId) => ({
      requestId,
      number: 1,
      outcome: status ? 'rejected' : 'network_error',
      startedAt: finishedAt,
      durationMs: 5,
      workerId: 'w',
      status: status ?? null,
      errorCode: errorCode ?? null,
    })),
  })
  return ids
}

test('failures are grouped by receiver and by how the last attempt ended, with their shares', async () => {
  await fail({ origin: 'https://a.example', many: 6, status: 503 })
  await fail({ origin: 'https://a.example', many: 1, errorCode: 'dns_error' })
  const [last] = await fail({ origin: 'https://b.example', many: 1, status: 503 })
  const { text, html } = await visitor(createRequeuest(database.prisma))('/failures')
  expect(text).toMatch(
    /8 failed requests .*a\.example rejected 503 attempts exhausted 6 75\.0 %.*network error dns_error/,
  )
  expect(html).toContain('aria-label="12.5 %"')
  expect(html).toContain(`href="/requests/${last}"`)
  expect(html).toContain(
    'href="/requests?state=failed&amp;origin=https%3A%2F%2Fb.example&amp;failure-code=attempts_exhausted&amp;outcome=rejected&amp;status=503"',
  )
})

test('a group is redriven exactly as it is shown', async () => {
  const wanted = await fail({ origin: 'https://a.example', many: 3, status: 503 })
  await fail({ origin: 'https://a.example', many: 2, status: 500 })
  await fail({ origin: 'https://a.example', many: 2, errorCode: 'dns_error' })
  await fail({ origin: 'https://b.example', many: 2, status: 503 })
  const { get, post } = browse(createRequeuest(database.prisma))
  const page = await (await get('/failures')).text()
  const links = [...page.matchAll(/href="(\/actions\/redrive[^"]*)"/g)].map(([, link]) =>
    link!.replaceAll('&amp;', '&'),
  )
  expect(links).toHaveLength(4)
  const link = links.find((one) => one.includes('a.example') && one.includes('status=503'))
  const asked = await (await get(link!)).text()
  expect(asked).toContain('Redrive 3 requests?')
  const done = await post('/actions/redrive', fieldsOf(asked))
  expect(done.headers.get('location')).toBe('/failures?done=redrive&changed=3&others=0')
  const pending = await database.prisma.httpRequest.findMany({ where: { state: 'pending' }, select: { id: true } })
  expect(pending.map(({ id }) => id).sort()).toEqual([...wanted].sort())
})

test('how far to look back is in the address', async () => {
  await fail({ origin: 'https://a.example', many: 1, status: 500 })
  await fail({ origin: 'https://b.example', many: 1, status: 500, agoMs: 7_200_000 })
  await fail({ origin: 'https://c.example', many: 1, status: 500, agoMs: 200_000_000 })
  const visit = visitor(createRequeuest(database.prisma))
  for (const [within, names] of [
    ['1h', 'a'],
    ['24h', 'ab'],
    ['all', 'abc'],
  ] as const) {
    const { text } = await visit(`/failures?within=${within}`)
    expect(['a', 'b', 'c'].filter((name) => text.includes(`${name}.example`)).join(''), within).toBe(names)
  }
  expect(await visit('/failures?within=week')).toMatchObject({ status: 400 })
})

test('where not all were looked at the page says so, and looks further if asked', async () => {
  await fail({ origin: 'https://a.example', many: 250, status: 500 })
  const visit = visitor(createRequeuest(database.prisma))
  const { text, html } = await visit('/failures')
  expect(text).toContain('Only the last 200 failed requests are grouped here')
  expect(html).toContain('href="/failures?within=24h&amp;look=far"')
  const far = await visit('/failures?look=far')
  expect(far.text).toContain('250 failed requests')
  expect(far.html).toContain('data-still')
  expect(html).not.toContain('data-still')
})

test('rows that no worker has looked at are shown without an action, which would reach others', async () => {
  const ids = await fail({ origin: 'https://a.example', many: 2, status: 500 })
  await database.prisma.httpRequest.updateMany({ where: { id: ids[0]! }, data: { origin: '' } })
  const { text, html } = await visitor(createRequeuest(database.prisma))('/failures')
  expect(text).toContain('no worker has looked at them')
  expect(html.match(/\/actions\/redrive/g)).toHaveLength(1)
})

test('nothing to show says so, and who may only look sees no buttons', async () => {
  const requeuest = createRequeuest(database.prisma)
  expect((await visitor(requeuest)('/failures')).text).toContain('No request failed in the last 24 hours')
  await fail({ origin: 'https://a.example', many: 1, status: 500 })
  expect((await visitor(requeuest, { access: () => 'read' })('/failures')).html).not.toContain('/actions/')
})
