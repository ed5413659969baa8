import { expect, onTestFinished, test } from 'vitest'
import { createRequeuest, useDatabase } from '../../support/fixture.ts'
import { visitor } from '../visit.ts'

const database = useDatabase()
const request = { url: 'https://a.example/report' }

test('a schedule says what it sends, when, and by the clocks of its own zone', async () => {
  const requeuest = createRequeuest(database.prisma)
  const definition = {
    cron: '30 2 * * *',
    timezone: 'Asia/Kolkata',
    channel: 'reports',
    request,
    catchUp: 'skip',
  } as const
  await requeuest.schedule('nightly', definition)
  const { text, html } = await visitor(requeuest)('/schedules')
  expect(text).toContain(
    'nightly 30 2 * * * Asia/Kolkata active GET https://a.example/report in reports; missed times are skipped never',
  )
  expect(html.match(/02:30:00/g)).toHaveLength(5)
  const times = [...html.matchAll(/datetime="([^"]*T21:00:00.000Z)"/g)].map(([, time]) => Date.parse(time!))
  expect(times.map((time) => time - times[0]!)).toEqual([0, 1, 2, 3, 4].map((day) => day * 86_400_000))
  expect(html).toContain('/actions/runSchedule?schedule=nightly&amp;return=%2Fschedules')
  expect(html).toContain('/actions/pauseSchedule?schedule=nightly')
})

test('the last run leads to its request, as long as that is there', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.schedule('often', { cron: '@daily', channel: 'reports', request })
  await requeuest.runSchedule('often')
  await requeuest.start({ channels: ['none'] })
  await expect.poll(() => database.prisma.httpRequest.count()).toBe(1)
  await requeuest.stop()
  const { id } = await database.prisma.httpRequest.findFirstOrThrow()
  const visit = visitor(requeuest)
  expect((await visit('/schedules')).html).toContain(`href="/requests/${id}"`)
  await database.prisma.httpRequest.delete({ where: { id } })
  expect((await visit('/schedules')).text).toContain('its request is gone')
})

test('paused, and edited to what cannot be: each is said, and not offered to run', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.schedule('paused', { cron: '@daily', channel: 'a', request })
  await requeuest.pauseSchedule('paused')
  await requeuest.schedule('broken', { cron: '@daily', channel: 'a', request })
  await database.prisma.httpSchedule.update({
    where: { name: 'broken' },
    data: { cron: '61 * * * *', timezone: 'Nowhere/<b>', nextRunAt: null },
  })
  const { text, html } = await visitor(requeuest)('/schedules')
  expect(text).toMatch(/paused @daily UTC paused now/)
  expect(text).toMatch(/broken 61 .* cannot fire schedule\.cron must be/)
  expect(html).not.toContain('/actions/runSchedule')
  expect(html).toContain('/actions/resumeSchedule?schedule=paused')
  expect(html).not.toContain('<b>')
})

test('many schedules are listed in parts', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.schedule('s-0', { cron: '@daily', channel: 'a', request })
  const first = await database.prisma.httpSchedule.findFirstOrThrow()
  const { headers, onStatus: _, ...row } = first
  const others = Array.from({ length: 60 }, (_, index) => ({
    ...row,
    headers: headers as object,
    name: `t-${100 + index}`,
  }))
  await database.prisma.httpSchedule.createMany({ data: others })
  const visit = visitor(requeuest)
  const { html, text } = await visit('/schedules')
  expect(text).toContain('t-148')
  expect(text).not.toContain('t-149')
  expect(html).toContain('href="/schedules?after=t-148"')
  expect((await visit('/schedules?after=t-148')).text).toMatch(/^.*t-149.*t-159/)
})

test('the parts of a long list leave none out, in whatever order the database has them', async () => {
  const requeuest = createRequeuest(database.prisma)
  const names = Array.from({ length: 60 }, (_, index) => `${index % 2 ? 's' : 'S'}-${100 + index}`)
  for (const name of names) await requeuest.schedule(name, { cron: '@daily', channel: 'a', request })
  await database.prisma.$executeRaw`ALTER TABLE requeuest_schedule ALTER COLUMN name TYPE text COLLATE "en-x-icu"`
  onTestFinished(async () => {
    await database.prisma.$executeRaw`ALTER TABLE requeuest_schedule ALTER COLUMN name TYPE text COLLATE "default"`
  })
  const visit = visitor(requeuest)
  const first = await visit('/schedules')
  const [, next] = /href="(\/schedules\?after=[^"]*)"/.exec(first.html) ?? []
  const shown = `${first.text} ${(await visit(next!)).text}`.match(/\b[sS]-1\d\d\b/g)
  expect(new Set(shown)).toEqual(new Set(names))
})

test('without schedules the page says how to make one', async () => {
  expect((await visitor(createRequeuest(database.prisma))('/schedules')).text).toContain('requeuest.schedule(')
})
