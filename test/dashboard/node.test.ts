import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { connect as connectHttp2, createServer } from 'node:http2'
import { createServer as createHttpsServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { type NodeHandler, toNodeHandler } from '../../src/dashboard/node.ts'
import { cert, key } from '../support/certificate.ts'
import { askOverHttp } from './over-http.ts'
import { served } from './served.ts'

/** Answers with what it was asked. */
const echo = toNodeHandler(async (request) => {
  const { url, method, headers } = request
  return Response.json({
    url,
    method,
    host: headers.get('host'),
    repeated: headers.get('x-repeated'),
    body: await request.text(),
  })
}, '')

test('a request keeps its method, address, headers and body', async () => {
  const url = await served(echo)
  const { text: said } = await askOverHttp(url, '/a%2Fb//c?d=%2F+&e', {
    method: 'PUT',
    headers: { host: 'Admin.Example.com:8080', 'x-repeated': 'one' },
    body: 'x=1',
  })
  expect(JSON.parse(said)).toEqual({
    url: 'http://admin.example.com:8080/a%2Fb//c?d=%2F+&e',
    method: 'PUT',
    host: 'Admin.Example.com:8080',
    repeated: 'one',
    body: 'x=1',
  })
})

test.each([
  ['/a', 'a b', 'http://localhost/a'],
  ['/a', 'user:secret@evil.example', 'http://user/a'],
  ['/a', '[::1]:80', 'http://[::1]/a'],
  ['http://proxied.example/a?b=http://c/', 'h', 'http://h/a?b=http://c/'],
  ['//evil.example/a', 'h', 'http://h//evil.example/a'],
  ['/a?b?c', 'h', 'http://h/a?b?c'],
  ['*', 'h', 'http://h/*'],
])('the address %j of the host %j is read, whatever it is', async (path, host, expected) => {
  const url = await served(echo)
  const method = path === '*' ? 'OPTIONS' : 'GET'
  const { status, text: said } = await askOverHttp(url, path, { method, headers: { host } })
  expect({ status, url: JSON.parse(said).url }).toEqual({ status: 200, url: expected })
})

test('what browsers never send is refused', async () => {
  expect(await askOverHttp(await served(echo), '/', { method: 'TRACE' })).toMatchObject({ status: 405, text: '' })
})

test.each<[what: string, body: unknown, sent: string]>([
  ['a form', { a: '1 & 2', ids: ['x', 'y'] }, 'a=1+%26+2&ids=x&ids=y'],
  ['a text', 'a=1', 'a=1'],
  ['bytes', Buffer.from('a=1'), 'a=1'],
])('a body that the framework has consumed as %s is the one that was sent', async (_, body, sent) => {
  const url = await served((request, response) => {
    request.resume().once('end', () => echo(Object.assign(request, { body }), response))
  })
  const { text: said } = await askOverHttp(url, '/', { method: 'POST', body: 'gone' })
  expect(JSON.parse(said)).toMatchObject({ body: sent })
})

test('an empty body that the framework has made up does not hide the one that was sent', async () => {
  const url = await served((request, response) => echo(Object.assign(request, { body: {} }), response))
  const { text: said } = await askOverHttp(url, '/', { method: 'POST', body: 'a=1' })
  expect(JSON.parse(said)).toMatchObject({ body: 'a=1' })
})

test('the address is the whole one, where a framework took away what it matched', async () => {
  const mounted = toNodeHandler(async ({ url }) => new Response(new URL(url).pathname), '/admin')
  const url = await served((request, response) =>
    mounted(Object.assign(request, { originalUrl: `/admin${request.url}` }), response),
  )
  expect(await askOverHttp(url, '/requests')).toMatchObject({ text: '/admin/requests' })
})

test.each([
  ['/admin', 'dashboard'],
  ['/admin/', 'dashboard'],
  ['/admin?x', 'dashboard'],
  ['/admin/requests?x=/', 'dashboard'],
  ['/administration', 'framework'],
  ['/', 'framework'],
  ['/?/admin/', 'framework'],
  ['/x/admin', 'framework'],
  ['/Admin', 'framework'],
])('the address %j is answered by the %s', async (path, by) => {
  const handler = toNodeHandler(async () => new Response('dashboard'), '/admin')
  const url = await served((request, response) => handler(request, response, () => response.end('framework')))
  expect(await askOverHttp(url, path)).toMatchObject({ text: by })
})

test('headers that the framework has set are replaced, or stay', async () => {
  const handler = toNodeHandler(async () => new Response('', { headers: { 'content-security-policy': 'ours' } }), '')
  const url = await served((request, response) => {
    response.setHeader('Content-Security-Policy', 'theirs').setHeader('Set-Cookie', 'session=a')
    handler(request, response)
  })
  const { headers } = await askOverHttp(url, '/')
  expect(headers.get('content-security-policy')).toBe('ours')
  expect(headers.get('set-cookie')).toBe('session=a')
})

test('an error goes to the framework, and ends the connection where there is none', async () => {
  const failing = toNodeHandler(() => Promise.reject(new Error('a-secret')), '')
  const withNext: RequestListener = (request, response) =>
    failing(request, response, (error) => response.writeHead(500).end((error as Error).message))
  expect(await askOverHttp(await served(withNext), '/')).toMatchObject({ status: 500, text: 'a-secret' })
  await expect(askOverHttp(await served(failing), '/')).rejects.toThrow('socket hang up')
})

test('who leaves in the middle of a body aborts the request, and who has it all does not', async () => {
  const ended: string[] = []
  const watch: NodeHandler = toNodeHandler(async ({ url, signal, body }) => {
    signal.addEventListener('abort', () => ended.push(`${new URL(url).pathname} aborted`))
    if (body === null) return new Response('all of it')
    const start = (stream: ReadableStreamDefaultController) => stream.enqueue(Buffer.from('begun'))
    return new Response(new ReadableStream({ start, cancel: () => void ended.push('no longer read') }))
  }, '')
  const url = await served(watch)
  await askOverHttp(url, '/whole')
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('POST /left HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf')
  await once(socket, 'data')
  socket.destroy()
  await expect.poll(() => ended).toEqual(['/left aborted', 'no longer read'])
})

test('over HTTP/2 the host is known, and its own fields are no headers', async () => {
  const server = createServer((request, response) => (echo as (...args: unknown[]) => void)(request, response)).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    client.close()
    server.close()
  })
  const stream = client.request({ ':path': '/a?b', ':method': 'POST', ':authority': 'admin.example.com' })
  const [headers] = (await Promise.all([once(stream, 'response'), stream.end('x=1')]))[0] as [Record<string, unknown>]
  expect(headers[':status']).toBe(200)
  expect(JSON.parse(await text(stream))).toMatchObject({
    url: 'http://admin.example.com/a?b',
    host: 'admin.example.com',
    body: 'x=1',
  })
})

test('over TLS the address says so', async () => {
  const server = createHttpsServer({ cert, key }, echo).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const [response] = (await once(
    get({ port, ca: cert, servername: 'receiver.test', headers: { host: 'a.example' }, agent: false }),
    'response',
  )) as [IncomingMessage]
  expect(JSON.parse(await text(response))).toMatchObject({ url: 'https://a.example/' })
})
