import { expect, test } from 'vitest'
import { askOverHttp } from '../dashboard/over-http.ts'
import { useDatabase } from '../support/fixture.ts'
import { startReceiver } from '../support/receiver.ts'
import { useCommand } from './command.ts'

const database = useDatabase()
const command = useCommand()

const OWN = { 'sec-fetch-site': 'same-origin' }

test('dashboard serves the one browser that opens its address first, until Ctrl-C', async () => {
  await database.prisma.httpRequest.create({ data: { channel: 'a', url: 'https://a.example/x' } })
  const serving = command.start(database.url, 'dashboard', '--port', '0', '--read-only')
  const address = (await serving.printed('\n')).trim()
  const { origin } = new URL(address)
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/)

  expect((await fetch(`${origin}/requests`)).status).toBe(403)
  expect((await fetch(`${origin}/?token=${'x'.repeat(32)}`)).status).toBe(403)
  expect((await fetch(address, { method: 'HEAD' })).status).toBe(403)
  const entered = await fetch(address, { redirect: 'manual' })
  expect(entered.status).toBe(303)
  expect(entered.headers.get('location')).toBe('/')
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  // That of a dashboard on another port does not take its place.
  expect(cookie).toMatch(`requeuest_session_${new URL(origin).port}=`)
  const page = await fetch(`${origin}/requests`, { headers: { cookie } })
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('https://a.example/x')

  expect((await fetch(address, { redirect: 'manual' })).status).toBe(403)
  expect((await fetch(`${origin}/requests`, { headers: { cookie: `${cookie}x` } })).status).toBe(403)
  const cancel = await fetch(`${origin}/actions/cancel?channel=a`, { headers: { cookie, ...OWN }, method: 'POST' })
  expect(cancel.status).toBe(403)
  expect(await database.prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(1)

  // What is no URL ends nothing, whoever sends it: a foreign page might have `//` as the address of an image.
  for (const target of ['//', 'http://[', '/\\']) expect((await askOverHttp(origin, target)).status).toBe(403)

  serving.kill('SIGINT')
  expect(await serving.ended).toMatchObject({ code: 130, errors: expect.stringContaining('it works once') })
})

test.each(['dashboard', 'listen'])('%s says that its port is none', async (name) => {
  expect(await command.requeuest(database.url, name, '--port', '70000')).toMatchObject({
    code: 2,
    errors: expect.stringContaining('It must be a port: 0 to 65535.'),
  })
})

test('dashboard says that its port is taken', async () => {
  await using taken = await startReceiver()
  const { port } = new URL(taken.url)
  expect(await command.requeuest(database.url, 'dashboard', '--port', port)).toMatchObject({
    code: 1,
    errors: expect.stringContaining('EADDRINUSE'),
  })
})
