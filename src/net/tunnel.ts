import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { buildConnector, Client } from 'undici/index.js'
import { ResponseHead, readThrough } from './response-head.ts'
import type { HttpProxy } from './transport.ts'

/**
 * Asks a proxy for a connection to `authority` (RFC 9110 section 9.3.6). undici's own ProxyAgent is not used because it
 * keeps only the last of several headers with the same name.
 */
export async function openTunnel(proxy: HttpProxy, authority: string, timeoutMs: number): Promise<Duplex> {
  const connect = buildConnector({ timeout: timeoutMs, rejectUnauthorized: true })
  const client = new Client(proxy.origin, {
    connect: (target, callback) => {
      connect(target, (...result) => {
        if (result[1]) readResponse(result[1])
        callback(...result)
      })
    },
    headersTimeout: timeoutMs,
  })
  try {
    const { socket, statusCode } = await client.connect({
      path: authority,
      headers: { host: authority, ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }) },
    })
    if (statusCode >= 200 && statusCode < 300) return socket
    socket.on('error', () => {}).destroy()
    throw new Error(`it answered ${statusCode}`)
  } catch (cause) {
    const message = `no tunnel through the proxy ${proxy.origin}`
    throw Object.assign(new Error(message, { cause }), { code: 'ERR_REQUEUEST_PROXY' })
  } finally {
    // The socket of a tunnel is no longer the client's.
    void client.close()
  }
}

function readResponse(socket: Socket): void {
  const head = new ResponseHead()
  head.expect()
  readThrough(socket, head)
}
