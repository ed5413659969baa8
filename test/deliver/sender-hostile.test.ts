import type { Socket } from 'node:net'
import { expect, it, test } from 'vitest'
import type { DeliverableRequest } from '../../src/deliver/sender.ts'
import { resolveNetworkRules } from '../../src/net/guard/rules.ts'
import { startRawReceiver, startReceiver } from '../support/receiver.ts'
import type { PlainSender } from '../support/sender.ts'
import { testSender } from '../support/test-sender.ts'

const network = resolveNetworkRules({ allow: ['127.0.0.1'] })
const TIMEOUT_MS = 500
/** Generous, because the machine may be busy; what must not happen takes for ever. */
const PUNCTUAL_MS = TIMEOUT_MS + 1000

function sender(options: Partial<Parameters<typeof testSender>[0]> = {}): PlainSender {
  return testSender({ rules: network, ...options })
}

function request(url: string, more: Partial<DeliverableRequest> = {}): DeliverableRequest {
  return {
    id: 'id',
    channel: 'a',
    method: 'POST',
    url,
    headers: [],
    body: null,
    timeoutMs: TIMEOUT_MS,
    maxRedirects: 0,
    ...more,
  }
}

const patient = { timeoutMs: 10_000 }

/** Writes as fast as the other side reads, until it goes away. Resolves with the number of bytes. */
function flood(socket: Socket, chunk: string): Promise<number> {
  return new Promise((resolve) => {
    let sent = 0
    const write = () => {
      while (!socket.destroyed && socket.write(chunk, 'latin1')) sent += chunk.length
      sent += chunk.length
    }
    socket.on('drain', write)
    socket.on('close', () => resolve(sent))
    write()
  })
}

it('the deadline holds when nothing is answered', async () => {
  await using receiver = await startReceiver(() => ({ how: 'hang' }))
  const found = await sender().deliver(request(receiver.url))
  expect(found).toMatchObject({ outcome: 'timeout', errorCode: 'timeout', status: null, remoteAddress: '127.0.0.1' })
  expect(found.durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 5)
  expect(found.durationMs).toBeLessThan(PUNCTUAL_MS)
})

it('the deadline holds when the body drips, and what came is kept', async () => {
  await using receiver = await startReceiver(() => ({ how: 'drip', body: 'begin', everyMs: 5 }))
  const found = await sender().deliver(request(receiver.url))
  expect(found).toMatchObject({ outcome: 'timeout', status: 200 })
  expect(Buffer.from(found.body ?? []).toString()).toMatch(/^begin\.*$/)
  expect(found.durationMs).toBeLessThan(PUNCTUAL_MS)
})

test.each(['HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n', 'HTTP/1.1 200 OK\r\nx: ', 'HTTP'])(
  'the deadline holds when %j is followed by a drip',
  async (start) => {
    await using receiver = await startRawReceiver((socket) => {
      socket.write(start)
      const drip = setInterval(() => socket.write(start.endsWith('\r\n\r\n') ? start : start === 'HTTP' ? '' : 'x'), 10)
      socket.on('close', () => clearInterval(drip))
    })
    const found = await sender().deliver(request(receiver.url))
    expect(found).toMatchObject({ outcome: 'timeout', status: null })
    expect(found.durationMs).toBeLessThan(PUNCTUAL_MS)
  },
)

it('the deadline holds when the request is not read', async () => {
  await using receiver = await startRawReceiver(undefined, (socket) => socket.pause())
  const found = await sender().deliver(request(receiver.url, { body: Buffer.alloc(20_000_000) }))
  expect(found).toMatchObject({ outcome: 'timeout' })
  expect(found.durationMs).toBeLessThan(PUNCTUAL_MS)
})

it('the deadline holds when the name is not answered', async () => {
  const one = testSender({ rules: network, resolve: () => {} })
  const found = await one.deliver(request('http://slow.test/'))
  expect(found).toMatchObject({ outcome: 'timeout', remoteAddress: null })
  expect(found.durationMs).toBeLessThan(PUNCTUAL_MS)
})

it('the deadline holds in the queue for a connection, and what has waited too long is not sent later', async () => {
  await using receiver = await startReceiver((_request, index) => (index === 0 ? { how: 'hang' } : {}))
  const one = sender({ connectionsPerOrigin: 1 })
  const first = one.deliver(request(receiver.url, { id: 'first', timeoutMs: TIMEOUT_MS * 2 }))
  const queued = await Promise.all(
    ['second', 'third'].map((id) => one.deliver(request(receiver.url, { id, body: Buffer.from('x') }))),
  )
  for (const found of queued) {
    expect(found).toMatchObject({ outcome: 'timeout', remoteAddress: null })
    expect(found.durationMs).toBeLessThan(PUNCTUAL_MS)
  }
  expect(await first).toMatchObject({ outcome: 'timeout' })
  // It has to pass by the others, so they would have been sent by now.
  expect(await one.deliver(request(receiver.url, { id: 'fourth', ...patient }))).toMatchObject({ status: 200 })
  expect(receiver.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['first', 'fourth'])
})

it('a broken connection that is refused', async () => {
  const receiver = await startRawReceiver()
  await receiver.stop()
  const found = await sender().deliver(request(receiver.url))
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'connection_refused', remoteAddress: null })
  expect(found.errorMessage).toContain('ECONNREFUSED')
})

it('a broken connection that is reset', async () => {
  await using receiver = await startReceiver(() => ({ how: 'reset' }))
  const found = await sender().deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'connection_reset', status: null })
  expect(receiver.requests).toHaveLength(1)
})

test.each([
  ['destroyed', (socket: Socket) => socket.destroy()],
  ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ['ended', (socket: Socket) => socket.end()],
])('a broken connection that is %s as soon as it is made', async (_name, end) => {
  await using receiver = await startRawReceiver(undefined, end)
  const found = await sender().deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'connection_reset', status: null })
})

it('a broken connection that ends in the middle of the body, and what came is kept', async () => {
  await using receiver = await startReceiver(() => ({ how: 'close', body: 'half' }))
  const found = await sender().deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'network_error', status: 200, bodySize: 4 })
  expect(Buffer.from(found.body ?? []).toString()).toBe('half')
})

const head = 'HTTP/1.1 200 OK\r\n'
const table: [name: string, answer: string][] = [
  ['garbage', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['binary', '\0\x01\x02\xff\xfe'],
  ['HTTP/2', '\0\0\x12\x04\0\0\0\0\0'],
  ['too short a body', `${head}content-length: 10\r\nconnection: close\r\n\r\nhalf`],
  ['a chunk without end', `${head}transfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhel`],
  ['a chunk without size', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`],
  ['two lengths', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
  ['a length and chunks', `${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a NUL in a header', `${head}x: a\0b\r\n\r\n`],
  ['huge headers', `${head}x: ${'a'.repeat(40_000)}\r\n\r\n`],
  ['many headers', `${head}${'x: a\r\n'.repeat(20_000)}\r\n`],
  ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
  ['a 101 without upgrade', `HTTP/1.1 101 Switching Protocols\r\n\r\n${head}content-length: 2\r\n\r\nok`],
  ['a bare LF', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok'],
  ['a bare LF in the headers', `${head}x: y\ncontent-length: 2\r\n\r\nok`],
  ['a space in front', ` ${head}content-length: 2\r\n\r\nok`],
  ['a space before a colon', `${head}x : y\r\ncontent-length: 2\r\n\r\nok`],
  ['a CR in a header', `${head}x: a\rb\r\ncontent-length: 2\r\n\r\nok`],
]
test.each(table)('what is not HTTP %s', async (_name, answer) => {
  await using receiver = await startRawReceiver((socket) => socket.end(answer, 'latin1'))
  const found = await sender().deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'protocol_error' })
  expect(found.errorMessage).toMatch(/^the request was sent, but the answer cannot be read: ./)
})

test.each(['', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 1'])('what is not HTTP an end after %j', async (answer) => {
  await using receiver = await startRawReceiver((socket) => socket.end(answer))
  const found = await sender().deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'connection_reset' })
})

it('what is not HTTP too much body, of which nothing reaches the next request', async () => {
  const answer = `${head}content-length: 2\r\n\r\nokHTTP/1.1 500 Evil\r\ncontent-length: 0\r\n\r\n`
  await using receiver = await startRawReceiver((socket) => socket.write(answer))
  const one = sender({ connectionsPerOrigin: 1 })
  const both = await Promise.all([1, 2].map(() => one.deliver(request(receiver.url, patient))))
  expect(both.map(({ status }) => status)).toEqual([200, 200])
})

it('floods of body are cut', async () => {
  let sent: Promise<number> | undefined
  await using receiver = await startRawReceiver((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n')
    sent = flood(socket, 'x'.repeat(65_536))
  })
  const found = await sender({ maxResponseBytes: 100_000 }).deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'response', status: 200, bodyTruncated: true, errorCode: null })
  expect(found.body?.length).toBe(100_000)
  expect(await sent).toBeLessThan(30_000_000)
})

it('floods of tiny chunks are cut', async () => {
  await using receiver = await startRawReceiver((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    flood(socket, '1\r\nx\r\n'.repeat(5000))
  })
  const found = await sender({ maxResponseBytes: 300_000 }).deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'response', bodyTruncated: true })
  expect(found.body).toEqual(new Uint8Array(300_000).fill('x'.charCodeAt(0)))
})

it('floods of interim responses are ended before the deadline', async () => {
  await using receiver = await startRawReceiver((socket) => {
    flood(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100))
  })
  const found = await sender().deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'protocol_error' })
  expect(found.errorMessage).toContain('too many interim responses')
})

it('floods of headers are ended', async () => {
  await using receiver = await startRawReceiver((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    flood(socket, 'x: y\r\n'.repeat(1000))
  })
  const found = await sender().deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'protocol_error', headers: null })
})

it('floods of trailers are ended', async () => {
  await using receiver = await startRawReceiver((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n')
    flood(socket, 'x: y\r\n'.repeat(1000))
  })
  const found = await sender().deliver(request(receiver.url, patient))
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'protocol_error', status: 200 })
})

it('an answer before the request is complete is an answer', async () => {
  await using receiver = await startRawReceiver((socket) => {
    socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    socket.pause()
  })
  const found = await sender().deliver(request(receiver.url, { ...patient, body: Buffer.alloc(20_000_000) }))
  expect(found).toMatchObject({ outcome: 'response', status: 413 })
})
