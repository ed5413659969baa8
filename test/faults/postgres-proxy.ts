import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** In a statement's text: its connection breaks when it has run (and is committed), before the answer comes. */
export const CUT = '/* cut */'

/** A Postgres server behind a connection that can be made to break. */
export interface PostgresProxy {
  /** The URL of the database by way of the proxy. */
  url: string
  stop(): Promise<void>
}

export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl)
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true)
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    const hasMark = scanner(CUT)
    let pass = (bytes: Buffer): unknown => client.write(bytes)
    client.on('data', (bytes) => {
      if (hasMark(bytes)) pass = byMessage((message) => (isIdle(message) ? client.destroy() : client.write(message)))
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => pass(bytes))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: String(url),
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** ReadyForQuery, outside a transaction. */
function isIdle(message: Buffer): boolean {
  return message[0] === 0x5a && message[5] === 0x49
}

/** Says whether the bytes given so far end a text that had not been seen before. */
function scanner(text: string): (bytes: Buffer) => boolean {
  let tail = ''
  return (bytes) => {
    const seen = tail + bytes.toString('latin1')
    tail = seen.slice(-text.length + 1)
    return seen.includes(text)
  }
}

/** Cuts a server's stream into its messages: a byte for the kind, four for the length, and the content. */
function byMessage(take: (message: Buffer) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= 5) {
      const length = 1 + rest.readUInt32BE(1)
      if (rest.length < length) return
      take(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }
}
