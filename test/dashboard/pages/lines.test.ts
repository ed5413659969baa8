import { expect, test } from 'vitest'
import type { Requeuest } from '../../../src/index.ts'
import { createRequeuest, useDatabase } from '../../support/fixture.ts'
import { visitor } from '../visit.ts'

const database = useDatabase()
const HOSTILE = `"><img src=x onerror=alert(1)>\u202e`

/** A line that its first request holds, with others behind it. */
async function hold(requeuest: Requeuest, channel: string, key: string, waiting: number): Promise<string> {
  const { prisma } = database
  const urls = Array(waiting + 1).fill('https://a.example/x')
  const order =
    key === '' ? ({ channel: true, afterFailure: 'hold' } as const) : ({ key, afterFailure: 'hold' } as const)
  const [first] = await requeuest.spawnMany(channel, urls, { order })
  const data = { state: 'failed', failureCode: 'attempts_exhausted', finishedAt: new Date() } as const
  await prisma.httpRequest.update({ where: { id: first! }, data })
  await prisma.httpLine.updateMany({
    where: { channel, orderKey: key },
    data: { heldById: first!, heldAt: new Date() },
  })
  return first!
}

test('a held line says who holds it, how many wait, and what can be done', async () => {
  const requeuest = createRequeuest(database.prisma)
  const holder = await hold(requeuest, 'billing', 'customer-7', 3)
  const { text, html } = await visitor(requeuest)('/lines')
  expect(text).toMatch(/billing customer-7 GET https:\/\/a\.example\/x .* now 3/)
  expect(text).toContain('Releasing passes it over')
  expect(html).toContain(`/actions/redrive?id=${holder}&amp;return=%2Flines`)
  expect(html).toContain('/actions/release?channel=billing&amp;key=customer-7&amp;return=%2Flines')
  expect(html).toContain('/requests?channel=billing&amp;order-key=customer-7&amp;state=pending&amp;state=claimed')
  expect((await visitor(requeuest, { access: () => ['redrive'] })('/lines')).html).not.toContain('/actions/release')
})

test('more waiting than are counted are told as more', async () => {
  const requeuest = createRequeuest(database.prisma)
  await hold(requeuest, 'billing', 'k', 1200)
  expect((await visitor(requeuest)('/lines')).text).toContain('more than 1,000')
})

test('the line of a channel and hostile names are shown as what they are', async () => {
  const requeuest = createRequeuest(database.prisma)
  await hold(requeuest, HOSTILE, '', 1)
  await hold(requeuest, 'a', HOSTILE, 1)
  const { text, html } = await visitor(requeuest)('/lines')
  expect(text).toContain('the whole channel')
  expect(html).not.toContain('<img')
})

test('a line whose holder is gone is still shown', async () => {
  const requeuest = createRequeuest(database.prisma)
  const holder = await hold(requeuest, 'billing', 'k', 1)
  await database.prisma.httpRequest.delete({ where: { id: holder } })
  expect((await visitor(requeuest)('/lines')).text).toContain(holder)
})

test('without a held line the page says what one is', async () => {
  expect((await visitor(createRequeuest(database.prisma))('/lines')).text).toContain('No line is held')
})
