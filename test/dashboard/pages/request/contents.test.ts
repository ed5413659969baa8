import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Requeuest, RequeuestOptions } from '../../../../src/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../../../support/fixture.ts'
import { visitor } from '../../visit.ts'

const database = useDatabase()
const encryption = { current: 'k1', keys: { k1: randomBytes(32) } }

/** A delivered request whose headers and bodies hold secrets. */
async function delivered(options: RequeuestOptions = {}): Promise<{ requeuest: Requeuest; id: string }> {
  const receiver = await receiverOf(() => ({
    headers: { 'set-cookie': 'session=cookie-secret', 'x-own': 'own-secret', 'x-plain': 'plain-answer' },
    body: '{"answer":"response-body"}',
  }))
  const requeuest = createRequeuest(database.prisma, { redactHeaders: ['x-own'], ...options })
  await requeuest.start({ channels: ['orders'] })
  const id = await requeuest.spawn('orders', {
    method: 'POST',
    url: receiver.url,
    headers: { authorization: 'Bearer bearer-secret', 'x-own': 'own-secret', 'x-plain': 'plain-header' },
    body: 'request-body',
  })
  await requeuest.waitFor(id)
  await requeuest.stop()
  return { requeuest, id }
}

/** The page, and the same with each body asked for, by what of a body can be seen. */
async function seen(requeuest: Requeuest, id: string, bodies: 'hidden' | 'show' | 'reveal') {
  const visit = visitor(requeuest, { bodies })
  const pages = {
    page: await visit(`/requests/${id}`),
    request: await visit(`/requests/${id}?show=request`),
    response: await visit(`/requests/${id}?show=attempt-1`),
  }
  const all = Object.values(pages)
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200])
  for (const { html } of all) expect(html).not.toMatch(/bearer-secret|cookie-secret|own-secret/)
  const sees = (html: string) => ['request-body', 'response-body'].filter((body) => html.includes(body))
  return {
    ...pages,
    bodies: { page: sees(pages.page.html), request: sees(pages.request.html), response: sees(pages.response.html) },
  }
}

const NONE = { page: [], request: [], response: [] }
const ON_DEMAND = { page: [], request: ['request-body'], response: ['response-body'] }

test('bodies are shown on demand, and values of secret headers never are', async () => {
  const { requeuest, id } = await delivered()
  const shown = await seen(requeuest, id, 'show')
  expect(shown.bodies).toEqual(ON_DEMAND)
  expect(shown.page.text).toContain('authorization (hidden)')
  expect(shown.page.text).toContain('x-plain plain-header')
  expect(shown.page.text).toContain('x-plain plain-answer')
  expect(shown.page.text).toContain('Show the body 12 bytes')
  expect(shown.request.text).toContain(`--data-raw 'request-body'`)
  expect(shown.page.text).toContain('--data-binary @body')
  expect(shown.page.text).toContain(`--header 'authorization: '"$AUTHORIZATION"`)
  expect(shown.response.text).toContain('{ "answer": "response-body" }')
  expect((await seen(requeuest, id, 'reveal')).bodies).toEqual(ON_DEMAND)
})

test('where bodies are hidden they are not even read', async () => {
  const { requeuest, id } = await delivered()
  const shown = await seen(requeuest, id, 'hidden')
  expect(shown.bodies).toEqual(NONE)
  expect(shown.request.text).toContain('A body of 12 bytes. This dashboard shows no bodies.')
})

test.each(['hidden', 'show'] as const)('what is encrypted stays so where bodies are on %j', async (bodies) => {
  const { requeuest, id } = await delivered({ encryption })
  const shown = await seen(requeuest, id, bodies)
  expect(shown.bodies).toEqual(NONE)
  for (const page of [shown.page, shown.request, shown.response]) {
    expect(page.text).toContain('It is encrypted, and this dashboard does not decrypt.')
    expect(page.html).not.toMatch(/plain-header|plain-answer/)
  }
})

test('what is encrypted is decrypted where that is allowed', async () => {
  const { requeuest, id } = await delivered({ encryption })
  const shown = await seen(requeuest, id, 'reveal')
  expect(shown.bodies).toEqual(ON_DEMAND)
  expect(shown.page.text).toContain('x-plain plain-header')
  expect(shown.page.text).toContain('x-plain plain-answer')
})

test('a key that is missing or wrong is told, and all else is shown', async () => {
  const { id } = await delivered({ encryption })
  const without = await seen(createRequeuest(database.prisma), id, 'reveal')
  expect(without.bodies).toEqual(NONE)
  expect(without.request.text).toContain('is encrypted with the key "k1": add it to `encryption.keys`.')
  expect(without.request.text).toMatch(/Delivered .* by attempt 1/)
  const other = { current: 'k1', keys: { k1: randomBytes(32) } }
  const wrong = await seen(createRequeuest(database.prisma, { encryption: other }), id, 'reveal')
  expect(wrong.bodies).toEqual(NONE)
  expect(wrong.response.text).toContain('cannot be decrypted')
  await database.prisma.httpRequest.updateMany({ data: { encryptionKey: null } })
  const taken = await seen(createRequeuest(database.prisma), id, 'show')
  expect(taken.request.text).toContain('is encrypted, but its encryption_key is empty')
})

test('bodies that were deleted are told of', async () => {
  const { requeuest, id } = await delivered()
  await database.prisma.$executeRaw`UPDATE requeuest_request SET body = NULL, bodies_pruned = true`
  await database.prisma.$executeRaw`UPDATE requeuest_attempt SET body = NULL`
  const shown = await seen(requeuest, id, 'show')
  expect(shown.bodies).toEqual(NONE)
  expect(shown.request.text).toContain('The body has been deleted by retention.')
})
