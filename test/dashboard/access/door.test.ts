import { expect, test } from 'vitest'
import { createDashboard, type DashboardOptions } from '../../../src/dashboard/index.ts'
import type { RequeuestError } from '../../../src/index.ts'
import { createRequeuest, useDatabase } from '../../support/fixture.ts'
import { HOSTILE } from '../../support/hostile.ts'
import { visitor } from '../visit.ts'

const database = useDatabase()

/** What a dashboard with such an `access` answers, and what the application hears of it. */
async function askWith(access: () => unknown, more: Partial<DashboardOptions> = {}, init?: RequestInit) {
  const requeuest = createRequeuest(database.prisma)
  const errors: RequeuestError[] = []
  requeuest.on('error', (error) => errors.push(error))
  const dashboard = createDashboard(requeuest, { access: access as DashboardOptions['access'], ...more })
  const response = await dashboard(new Request('http://localhost/requests', init))
  return { status: response.status, text: await response.text(), headers: response.headers, errors }
}

test.each(Object.keys(HOSTILE))(
  'an access that throws %s lets nobody in, and the application hears of it',
  async (name) => {
    const { status, text, headers, errors } = await askWith(() => {
      throw HOSTILE[name]!()
    })
    expect({ status, text }).toEqual({ status: 500, text: 'The dashboard could not decide whether you may see it.' })
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(errors).toMatchObject([{ code: 'handler_failed', message: expect.stringContaining('options.access') }])
  },
)

test.each(Object.keys(HOSTILE))(
  'an access that returns %s lets nobody in, and the application hears of it',
  async (name) => {
    const { status, text, errors } = await askWith(() => HOSTILE[name]!())
    expect([403, 500]).toContain(status)
    expect(text).not.toContain('nav')
    expect(errors).toHaveLength(1)
  },
)

test('an access that forgets to return something is told what it may', async () => {
  const { status, errors } = await askWith(() => {})
  expect(status).toBe(403)
  expect(errors.map(({ message }) => message)).toEqual([
    "the result of options.access must be false, 'read', 'full' or a list of actions such as 'redrive', got nothing.",
  ])
})

test('who is not let in by intention is no error', async () => {
  expect(await askWith(() => false)).toMatchObject({ status: 403, errors: [] })
  expect(await askWith(async () => 'read' as const)).toMatchObject({ status: 200, errors: [] })
})

test('a request for another host is refused before access is asked', async () => {
  let asked = 0
  const access = () => {
    asked++
    return 'full'
  }
  const origins = ['https://admin.example.com']
  expect(await askWith(access, { origins }, { headers: { host: 'evil.example' } })).toMatchObject({ status: 421 })
  expect(asked).toBe(0)
  expect(await askWith(access, { origins }, { headers: { host: 'Admin.Example.com:443' } })).toMatchObject({
    status: 200,
  })
  expect(asked).toBe(1)
})

test('where the dashboard is mounted below a path that it was not told, the page says so', async () => {
  const page = await visitor(createRequeuest(database.prisma))('/admin/queue')
  expect(page).toMatchObject({ status: 404, text: expect.stringContaining('needs that path as its option basePath') })
})

test('where a part of the address was taken away, the page says so', async () => {
  const { status, text } = await askWith(() => 'full', { basePath: '/admin/queue' })
  expect(status).toBe(404)
  expect(text).toContain('The dashboard is at <code>/admin/queue</code>, its option <code>basePath</code>')
  expect(text).toContain('was asked for <code>/requests</code>')
  expect(await askWith(() => false, { basePath: '/admin' })).toMatchObject({ status: 403 })
})
