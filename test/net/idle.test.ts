import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { type Connection, IdleConnections } from '../../src/net/idle.ts'

const tsx = createRequire(import.meta.url).resolve('tsx')
const program = fileURLToPath(new URL('programs/many-origins.ts', import.meta.url))

function startIdle(most: number) {
  const closed: string[] = []
  const idle = new IdleConnections(most)
  const connection = (name: string) => ({ disconnect: () => void closed.push(name) })
  return { closed, idle, connections: ['a', 'b', 'c'].map(connection) as [Connection, Connection, Connection] }
}

it('connections that are not used are closed from the one that was used least lately, when there are too many', () => {
  const { closed, idle, connections } = startIdle(2)
  const [a, b, c] = connections
  idle.keep(a)
  idle.keep(b)
  idle.drop(a)
  idle.keep(a)
  expect(closed).toEqual([])
  idle.keep(c)
  expect(closed).toEqual(['b'])
  idle.keep(b)
  expect(closed).toEqual(['b', 'a'])
})

it('connections that are not used are as many as the requests that may be under way need', () => {
  const { closed, idle, connections } = startIdle(1)
  idle.expect(1)
  idle.expect(0)
  const [a, b, c] = connections
  idle.keep(a)
  idle.keep(b)
  expect(closed).toEqual([])
  idle.keep(c)
  expect(closed).toEqual(['a'])
})

it('connections that are not used are closed all at once when nothing more can be opened', () => {
  const { closed, idle, connections } = startIdle(10)
  const [a, b, c] = connections
  for (const each of [a, b, c]) idle.keep(each)
  idle.drop(b)
  idle.closeAll()
  idle.closeAll()
  expect(closed).toEqual(['a', 'c'])
})

it('connections that are not used leave a process its descriptors, however many receivers ask for theirs to be kept', async () => {
  const server = createServer((_request, response) => response.setHeader('keep-alive', 'timeout=600').end())
  server.keepAliveTimeout = 600_000
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', 2000, resolve))
  const { port } = server.address() as AddressInfo
  const command = 'ulimit -n 640 && exec "$0" --import "$1" "$2"'
  const env = { ...process.env, PORT: String(port), ORIGINS: '1500' }
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, tsx, program], { env })
  const { answered, most } = JSON.parse(stdout)
  expect(answered).toBe(1500)
  expect(most).toBeLessThan(620)
  server.closeAllConnections()
  server.close()
}, 60_000)
