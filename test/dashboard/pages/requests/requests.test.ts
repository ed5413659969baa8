import { expect, test } from 'vitest'
import { createRequeuest, useDatabase } from '../../../support/fixture.ts'
import { HOSTILE_TEXT, MARKUP } from '../../hostile-text.ts'
import { visitor } from '../../visit.ts'

const database = useDatabase()

/** As many requests as that, of which every second one is in the channel `even`. */
async function withRequests(count: number) {
  const requeuest = createRequeuest(database.prisma)
  const ids: string[] = []
  for (let index = 0; index < count; index++) {
    const channel = index % 2 === 0 ? 'even' : 'odd'
    ids.push(await requeuest.spawn(channel, { url: `https://a.example/${index}` }))
  }
  return { requeuest, ids, visit: visitor(requeuest) }
}

const linked = (html: string) => [...html.matchAll(/href="\/requests\/([\da-f-]{36})"/g)].map(([, id]) => id)
const hrefOf = (html: string, text: string) =>
  new RegExp(`href="([^"]*)"[^>]*>\\s*${text}`).exec(html)?.[1]?.replaceAll('&amp;', '&')

test('an empty queue says how to spawn, and a filter that nothing matches how to go on', async () => {
  const { visit } = await withRequests(0)
  expect((await visit('/requests')).text).toContain(
    "No requests yet await requeuest.spawn('channel', { url }) spawns one.",
  )
  const filtered = await visit('/requests?channel=none')
  expect(filtered.text).toContain('0 match')
  expect(filtered.text).toContain('No request matches Take a condition away, or show all requests .')
})

test('pages follow one another with all conditions, repeated ones included', async () => {
  const { visit, ids } = await withRequests(120)
  const first = await visit('/requests?channel=even&channel=odd&state=pending&state=failed')
  expect(first.text).toContain('120 match')
  expect(linked(first.html)).toEqual(ids.slice(-50).reverse())
  const second = await visit(hrefOf(first.html, 'Earlier requests')!)
  expect(linked(second.html)).toEqual(ids.slice(-100, -50).reverse())
  const third = await visit(hrefOf(second.html, 'Earlier requests')!)
  expect(linked(third.html)).toEqual(ids.slice(0, 20).reverse())
  expect(hrefOf(third.html, 'Earlier requests')).toBeUndefined()
  expect(hrefOf(third.html, 'Back to the latest')).toBe('/requests?channel=even&channel=odd&state=pending&state=failed')
})

test('a page that found too little of what it looked at says so, and leads on', async () => {
  const { visit } = await withRequests(1)
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, origin, state, finished_at)
    SELECT (lpad(to_hex(1900000000000 + n), 12, '0') || '70008000000000000000')::uuid, 'other', 'https://a.example/', 'https://a.example',
      'delivered', now()
    FROM generate_series(1, 5000) AS n`
  const first = await visit('/requests?url-contains=/0')
  expect(first.status).toBe(200)
  expect(first.text).toContain('None of the requests that were looked at match')
  expect(first.text).toMatch(
    /Look further These are the matches among the requests spawned since .*There may be earlier ones\./,
  )
  const second = await visit(hrefOf(first.html, 'Look further')!)
  expect(linked(second.html)).toHaveLength(1)
  // What failed is in an index of its own.
  await database.prisma
    .$executeRaw`UPDATE requeuest_request SET state = 'failed', finished_at = now() WHERE channel = 'even'`
  const failed = await visit('/requests?state=failed&url-contains=/0')
  expect(failed.text).toContain('1 match')
  expect(linked(failed.html)).toHaveLength(1)
})

test('the form keeps what was given, and each condition can be taken away', async () => {
  const { visit } = await withRequests(2)
  const { html } = await visit(
    '/requests?form=&state=pending&state=failed&channel=even&channel=odd&status=&created-after=2h&outcome=timeout',
  )
  expect(html.match(/<input type="checkbox" name="state" value="\w+" checked=""/g)).toHaveLength(2)
  expect(html.match(/<input name="channel" value="\w+"/g)).toEqual([
    '<input name="channel" value="even"',
    '<input name="channel" value="odd"',
  ])
  expect(html).toContain('<input name="created-after" value="2h"')
  expect(html).toContain('<option value="timeout" selected="">')
  expect(html).toContain('<details open="">')
  const chip = (name: string) =>
    /href="([^"]*)"/.exec(
      html
        .slice(0, html.indexOf(`aria-label="Remove ${name}"`))
        .split('<a')
        .at(-1)!,
    )?.[1]
  expect(chip('Channel: even')?.replaceAll('&amp;', '&')).toBe(
    '/requests?state=pending&state=failed&channel=odd&created-after=2h&outcome=timeout',
  )
  expect((await visit('/requests?channel=even')).html).not.toContain('<details open')
})

test.each([
  ['status=many', 'Last status must be a status such as 503'],
  ['created-after=tomorrow', 'Spawned since must be a time'],
  ['state=lost', 'State must be one of'],
  ['state=pending&state=lost', 'State'],
  ['id=5', 'Id must be a UUID'],
  ['outcome=lost', 'Last outcome must be one of'],
  ['origin=nowhere', 'Receiver must be an origin'],
  ['url=https://a.example/&url-contains=b', 'URL contains must be omitted beside a whole url'],
  ['before=5', 'before must be a UUID'],
  [`channel=${'x'.repeat(9000)}`, 'Channel must be a text'],
  ['channel=a%00b', 'Channel must be a text'],
])('what cannot be read is said beside the form, which keeps it: %s', async (query, message) => {
  const { visit } = await withRequests(0)
  const { status, text, html } = await visit(`/requests?${query}`)
  expect(status).toBe(400)
  expect(text).toContain(message)
  const [key, value] = [...new URLSearchParams(query)].at(-1)!
  if (key !== 'before' && key !== 'state') expect(html).toContain(`name="${key}"`)
  if (/^[\w-]{1,20}$/.test(value) && key !== 'state' && key !== 'before') expect(html).toContain(`value="${value}"`)
})

test('all that match can be acted on, by the states that an action applies to, and a selection by its ids', async () => {
  const { visit, ids } = await withRequests(2)
  const { html } = await visit('/requests?channel=even&state=pending&state=failed')
  const redrive = new URL(hrefOf(html, 'Redrive all that match')!, 'http://localhost')
  expect(redrive.pathname).toBe('/actions/redrive')
  expect([...redrive.searchParams].filter(([key]) => key !== 'return')).toEqual([
    ['channel', 'even'],
    ['state', 'failed'],
  ])
  expect(redrive.searchParams.get('return')).toBe('/requests?channel=even&state=pending&state=failed')
  const pending = await visit('/requests?state=pending')
  expect(hrefOf(pending.html, 'Redrive all that match')).toBeUndefined()
  expect(hrefOf(pending.html, 'Cancel all that match')).toContain('/actions/cancel?state=pending')
  expect(pending.html).toContain(`<input class="tick-box" type="checkbox" name="id" value="${ids[0]}"`)
  expect(pending.html).toContain('formaction="/actions/cancel"')
  expect(hrefOf((await visit('/requests')).html, 'Cancel all that match')).toBeUndefined()
})

test('a visitor who may only look is offered nothing to do', async () => {
  const { requeuest } = await withRequests(1)
  const { html } = await visitor(requeuest, { access: () => 'read' })('/requests?state=pending')
  expect(html).not.toMatch(/\/actions\/|type="checkbox" name="id"|select-all/)
})

test('the line of the whole channel can be asked for, and no longer', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', { url: 'https://a.example/' }, { order: 'channel' })
  await requeuest.spawn('a', { url: 'https://a.example/' })
  const { html } = await visitor(requeuest)('/requests?order-key=')
  expect(linked(html)).toEqual([id])
  expect(html).toContain('<input type="checkbox" name="order-key" value="" checked=""')
  expect(html).not.toContain('name="form"')
})

test('whatever rows and addresses hold is text', async () => {
  const requeuest = createRequeuest(database.prisma)
  for (const text of HOSTILE_TEXT) {
    await database.prisma.httpRequest.create({
      data: { channel: text, method: text, url: `https://a.example/${text}`, origin: text, orderKey: text },
    })
  }
  await database.prisma.httpRequest.create({
    data: { channel: 'long', url: `https://a.example/${'y'.repeat(8000)}-end` },
  })
  const visit = visitor(requeuest)
  const { html, text } = await visit('/requests')
  expect(html).not.toMatch(MARKUP)
  expect(text).toContain('<script>alert(1)</script>')
  expect(text).toContain('-end')
  for (const hostile of HOSTILE_TEXT) {
    for (const key of ['channel', 'url-contains', 'status', 'state', 'before', 'order-key', 'origin']) {
      expect((await visit(`/requests?${new URLSearchParams({ [key]: hostile })}`)).html).not.toMatch(MARKUP)
    }
  }
})
