import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { ClientMessages } from './commits.ts'
import { TcpProxy } from './proxy.ts'

/** The server's ends of the connections, in the order in which they were made. */
let ends: Socket[]
let proxy: TcpProxy

beforeEach(async () => {
  ends = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    ends.push(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await TcpProxy.open((server.address() as AddressInfo).port)
  onTestFinished(async () => {
    await proxy.close()
    for (const end of ends) end.destroy()
    server.close()
  })
})

/** A connection through the proxy, both ends of it, over which bytes have gone up already. */
async function link(first: string | Buffer = 'hello'): Promise<{ client: Socket; end: Socket }> {
  const client = connect(proxy.port, '127.0.0.1')
  client.on('error', () => {})
  client.write(first)
  const number = ends.length
  while (ends.length === number) await new Promise((resolve) => setImmediate(resolve))
  const end = ends[number] as Socket
  expect(String(await nextOf(end))).toBe(String(first))
  return { client, end }
}

async function nextOf(socket: Socket): Promise<Buffer> {
  const [chunk] = await once(socket, 'data')
  return chunk
}

/** How a connection ends: with an error's code, or in good order. */
function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    socket.once('close', () => resolve('closed'))
  })
}

const packet = (type: string, text: string) => {
  const bytes = Buffer.from(`${type}....${text}\0`)
  bytes.writeInt32BE(bytes.length - type.length, type.length)
  return bytes
}
const STARTUP = packet('', 'user')
const COMMIT = packet('Q', 'COMMIT')

test('passes bytes on, both ways, and the end of either side', async () => {
  const { client, end } = await link()
  end.write('world')
  expect(String(await nextOf(client))).toBe('world')
  const closed = ending(end)
  client.destroy()
  expect(await closed).toBe('closed')
})

test('delays, and keeps the order', async () => {
  const { client, end } = await link()
  proxy.delay(60)
  const startedAt = performance.now()
  const taken = vi.spyOn(ClientMessages.prototype, 'push')
  onTestFinished(() => taken.mockRestore())
  client.write('a')
  while (taken.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve))
  proxy.delay(0)
  client.write('b')
  let got = ''
  while (got !== 'ab') got += await nextOf(end)
  expect(performance.now() - startedAt).toBeGreaterThan(58)
})

test.each([
  ['cut', 'closed'],
  ['reset', 'ECONNRESET'],
] as const)('%s ends both sides: %s', async (how, expected) => {
  const { client, end } = await link()
  client.resume()
  end.resume()
  const endings = Promise.all([ending(client), ending(end)])
  proxy.cut(how)
  expect(await endings).toEqual([expected, expected])
})

test('silence swallows both ways, old connections and new, and a silent client is never told', async () => {
  const { client, end } = await link()
  proxy.silence()
  const heard: string[] = []
  for (const socket of [client, end]) socket.on('data', (chunk) => heard.push(String(chunk)))
  client.write('lost')
  end.write('lost')
  const late = connect(proxy.port, '127.0.0.1').on('data', (chunk) => heard.push(String(chunk)))
  await once(late, 'connect')
  late.write('lost')
  const severed = ending(end)
  proxy.heal()
  expect(await severed).toBe('closed')
  // A whole round trip through a new connection: what was to come on the old ones would have come.
  const fresh = await link()
  fresh.end.write('world')
  expect(String(await nextOf(fresh.client))).toBe('world')
  expect(heard).toEqual([])
  for (const socket of [client, late]) {
    expect(socket.closed).toBe(false)
    socket.destroy()
  }
})

test('cuts after a COMMIT: the server has it, the client gets a reset in place of the answer', async () => {
  proxy.cutAfterCommits(1)
  const { client, end } = await link(STARTUP)
  client.write(packet('Q', 'BEGIN'))
  await nextOf(end)
  end.write(packet('C', 'BEGIN'))
  expect(String(await nextOf(client))).toContain('BEGIN')
  const heard: Buffer[] = []
  client.on('data', (chunk) => heard.push(chunk))
  client.write(COMMIT)
  expect(await nextOf(end)).toEqual(COMMIT)
  const ended = ending(client)
  end.write(packet('C', 'COMMIT'))
  expect(await ended).toBe('ECONNRESET')
  expect(heard).toEqual([])
  expect(proxy.commitsCut).toBe(1)
})

test('a COMMIT that Postgres answers with ROLLBACK is passed on, and the next one is cut', async () => {
  proxy.cutAfterCommits(1)
  const { client, end } = await link(STARTUP)
  for (const answer of ['ROLLBACK', 'COMMIT']) {
    client.write(COMMIT)
    await nextOf(end)
    const outcome = answer === 'ROLLBACK' ? nextOf(client).then(String) : ending(client)
    end.write(packet('C', answer))
    expect(await outcome).toContain(answer === 'ROLLBACK' ? 'ROLLBACK' : 'ECONNRESET')
  }
})

test('knows a COMMIT however the bytes are cut up, and nothing else for one', () => {
  const stream = Buffer.concat([STARTUP, packet('P', 'COMMIT'), packet('Q', 'COMMIT PREPARED'), COMMIT])
  for (let size = 1; size <= stream.length; size++) {
    const messages = new ClientMessages()
    const commits: number[] = []
    for (let from = 0; from < stream.length; from += size) {
      if (messages.push(stream.subarray(from, from + size))) commits.push(from + size)
    }
    expect(commits).toHaveLength(1)
    expect(commits[0]).toBeGreaterThanOrEqual(stream.length)
  }
})
