import { expect, onTestFinished, test } from 'vitest'
import { ExpectationError, InvalidInputError } from '../../src/errors.ts'
import { receiver, type Script } from '../../src/testing/receiver.ts'

async function started(script?: Script) {
  const api = await receiver(script)
  onTestFinished(() => api.close())
  return api
}

const statusOf = async (url: string) => (await fetch(url)).status

test('without a script it accepts everything', async () => {
  const api = await started()
  expect(await statusOf(api.url)).toBe(200)
})

test('the replies of a list come one after another, and the last one repeats', async () => {
  const api = await started([503, { status: 429, headers: { 'retry-after': '7' } }, 204])
  const first = await fetch(api.url)
  const second = await fetch(api.url)
  expect([first.status, second.status, second.headers.get('retry-after')]).toEqual([503, 429, '7'])
  expect([await statusOf(api.url), await statusOf(api.url)]).toEqual([204, 204])
})

test('a function decides by the request and by how many came before it', async () => {
  const api = await started(({ path }, index) => (path === '/down' ? 500 : { body: `number ${index}` }))
  expect(await statusOf(`${api.url}/down`)).toBe(500)
  expect(await (await fetch(`${api.url}/up`)).text()).toBe('number 1')
})

test('a script that fails says so in the response', async () => {
  const thrown = await started(() => {
    throw new Error('no such order')
  })
  expect(await (await fetch(thrown.url)).text()).toBe("The receiver's script failed: no such order")
  const wrong = await started(() => 99)
  expect(await (await fetch(wrong.url)).text()).toContain('reply.status must be a whole number from 200 to 999')
})

test('it remembers each request with its method, path, headers and body', async () => {
  const api = await started()
  const headers = { 'x-order': '17', 'content-type': 'application/json' }
  await fetch(`${api.url}/bills?year=2026`, { method: 'POST', headers, body: '{"cents":9900}' })
  const [request] = api.requests
  expect(request).toMatchObject({ method: 'POST', path: '/bills?year=2026', headers })
  expect([request?.text(), request?.json()]).toEqual(['{"cents":9900}', { cents: 9900 }])
  await fetch(api.url, { method: 'PUT', body: 'no JSON' })
  expect(() => api.requests[1]?.json()).toThrow(ExpectationError)
})

test('a JSON reply names its content type', async () => {
  const api = await started({ status: 201, json: { id: 17 } })
  const response = await fetch(api.url)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toEqual({ id: 17 })
})

test('silence sends nothing, and a reset breaks the connection', async () => {
  const api = await started(['silence', 'reset'])
  const aborted = new AbortController()
  const silent = fetch(api.url, { signal: aborted.signal })
  await api.waitForRequests()
  aborted.abort()
  await expect(silent).rejects.toThrow('aborted')
  await expect(fetch(api.url)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
})

test('a delay passes before the response, and between the bytes of one that dribbles', async () => {
  const api = await started([{ delay: 60 }, { body: 'slow', dribble: '30ms' }])
  const durations: number[] = []
  for (const expected of ['', 'slow']) {
    const fromMs = performance.now()
    expect(await (await fetch(api.url)).text()).toBe(expected)
    durations.push(performance.now() - fromMs)
  }
  // A timer of Node may be a millisecond early.
  expect(durations[0]).toBeGreaterThanOrEqual(59)
  expect(durations[1]).toBeGreaterThanOrEqual(4 * 29)
})

test('a wait ends with the request that it waits for', async () => {
  const api = await started()
  const waiting = api.waitForRequests(2)
  await fetch(`${api.url}/one`)
  await fetch(`${api.url}/two`)
  expect((await waiting).map(({ path }) => path)).toEqual(['/one', '/two'])
  expect(await api.waitForRequests(1)).toHaveLength(2)
})

test('a wait that is over in vain lists what came', async () => {
  const api = await started()
  await fetch(`${api.url}/one`)
  const waiting = api.waitForRequests(2, { within: 30 })
  await expect(waiting).rejects.toThrow('Expected 2 requests within 30 ms, but got 1:\n  GET /one')
  await expect(waiting).rejects.toBeInstanceOf(ExpectationError)
})

test('a reset of the receiver forgets its requests and begins the script anew', async () => {
  const api = await started([503, 200])
  expect([await statusOf(api.url), await statusOf(api.url)]).toEqual([503, 200])
  api.reset()
  expect(api.requests).toEqual([])
  expect(await statusOf(api.url)).toBe(503)
})

test('a closed receiver has let go of its port, which another one can take', async () => {
  const first = await receiver()
  const port = Number(new URL(first.url).port)
  const open = fetch(first.url)
  await first.waitForRequests()
  await open
  await first.close()
  await using second = await receiver(204, { port })
  expect(await statusOf(second.url)).toBe(204)
})

test.each<[script: unknown, field: string]>([
  [[], 'script'],
  [99, 'script[0].status'],
  ['loud', 'script[0]'],
  [[200, { stauts: 200 }], 'script[1]'],
  [{ delay: '1 minute' }, 'script[0].delay'],
  [{ body: 'a', json: 1 }, 'script[0].body'],
])('a script that is none is refused: %j', async (script, field) => {
  const error = await receiver(script as Script).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(InvalidInputError)
  expect(error.field.startsWith(field)).toBe(true)
})
