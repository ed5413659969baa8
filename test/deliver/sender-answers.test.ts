import { afterAll, expect, test } from 'vitest'
import { resolveNetworkRules } from '../../src/net/guard/rules.ts'
import { startRawReceiver } from '../support/receiver.ts'
import { plainGet, senderOf } from '../support/sender.ts'

// One connection, so that a second one is seen.
const sender = senderOf({ rules: resolveNetworkRules({ allow: ['127.0.0.1'] }), connectionsPerOrigin: 1 })
afterAll(() => sender.close())

const ok = 'content-length: 2\r\n\r\nok'
const answer = `HTTP/1.1 200 OK\r\n${ok}`
const head = 'HTTP/1.1 200 OK\r\n'

/** What RFC 9110 and 9112 let a receiver answer, or ask a sender to put up with. */
const table: [name: string, wire: string, body: string | null, status?: number, method?: string][] = [
  ['a 100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${answer}`, 'ok'],
  ['several 100s with headers', `${'HTTP/1.1 100 Continue\r\nx: y\r\n\r\n'.repeat(5)}${answer}`, 'ok'],
  ['a 102 and a 103', `HTTP/1.1 102 a\r\n\r\nHTTP/1.1 103 b\r\nlink: <a>\r\n\r\n${answer}`, 'ok'],
  ['an interim response of a kind to come', `HTTP/1.1 150 Soon\r\n\r\n${answer}`, 'ok'],
  ['a folded header', `${head}x: a\r\n b\r\n${ok}`, 'ok'],
  ['a folded length', `${head}content-length:\r\n\t2\r\n\r\nok`, 'ok'],
  ['a space after the status line', `${head} x: y\r\n${ok}`, 'ok'],
  ['empty lines in front', `\r\n\r\n${answer}`, 'ok'],
  ['no reason phrase', `HTTP/1.1 200 \r\n${ok}`, 'ok'],
  ['not even the space before it', `HTTP/1.1 200\r\n${ok}`, 'ok'],
  ['HTTP/1.0 without length', 'HTTP/1.0 200 OK\r\n\r\nok', 'ok'],
  ['HTTP/1.1 without length', 'HTTP/1.1 200 OK\r\n\r\nok', 'ok'],
  ['a 204 with length and body', `HTTP/1.1 204 None\r\n${ok}`, null, 204],
  ['a 304 with the length of what it spares', 'HTTP/1.1 304 Same\r\ncontent-length: 9\r\n\r\n', null, 304],
  ['HEAD with the length of what it spares', `${head}content-length: 9\r\n\r\n`, null, 200, 'HEAD'],
  ['HEAD with a body', answer, null, 200, 'HEAD'],
  ['an offer to upgrade', `${head}connection: upgrade\r\nupgrade: h2c\r\n${ok}`, 'ok'],
  ['chunks with extensions', `${head}transfer-encoding: Chunked\r\n\r\n2;a="b c"\r\nok\r\n0\r\n\r\n`, 'ok'],
  ['trailers', `${head}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n`, 'ok'],
  ['an empty value and bytes beyond ASCII', `${head}x:\r\ny: \xe9\r\n${ok}`, 'ok'],
]

test.each(table)('%s is an answer like any other', async (_name, wire, body, status = 200, method = 'POST') => {
  await using receiver = await startRawReceiver((socket) => socket.end(wire, 'latin1'))
  const found = await sender.deliver({ ...plainGet(receiver.url), method })
  expect(found).toMatchObject({ outcome: 'response', status, errorCode: null })
  expect(found.body && Buffer.from(found.body).toString()).toBe(body)
})

test('of interim responses nothing is recorded, and a folded header is one line', async () => {
  const interim = 'HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n'
  await using receiver = await startRawReceiver((socket) => {
    socket.write(interim.repeat(3))
    socket.write(`HTTP/1.1 201 Created\r\nx: a\r\n  b\r\n${ok}`)
  })
  const found = await sender.deliver(plainGet(receiver.url))
  expect(found).toMatchObject({ outcome: 'response', status: 201 })
  expect(found.headers).toEqual([
    ['x', 'a b'],
    ['content-length', '2'],
  ])
})

test('a connection is used again after a 100', async () => {
  await using receiver = await startRawReceiver(undefined, (socket) => {
    socket.on('data', () => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${answer}`))
  })
  for (let count = 0; count < 3; count++) {
    expect(await sender.deliver(plainGet(receiver.url))).toMatchObject({ outcome: 'response', status: 200 })
  }
  expect(receiver.connections).toBe(1)
})
