import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** What a proxy was asked for. */
interface TunnelRequest {
  authority: string
  authorization: string | undefined
}

export interface ConnectProxy extends AsyncDisposable {
  url: string
  tunnels: TunnelRequest[]
}

/**
 * A proxy on loopback that opens tunnels, all of them to one port of this machine, whatever it is asked for.
 * As HTTP allows, it says Continue before that.
 *
 * @param status - what it answers instead, if not 200
 */
export async function startProxy(port: number, status = 200): Promise<ConnectProxy> {
  const tunnels: TunnelRequest[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_request, response) => response.writeHead(405).end())
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (request, socket: Socket, head) => {
    tunnels.push({ authority: request.url ?? '', authorization: request.headers['proxy-authorization'] })
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    const drop = () => {
      target.destroy()
      socket.destroy()
    }
    for (const end of [target, socket]) end.on('error', drop).on('close', drop)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, tunnels, [Symbol.asyncDispose]: stop }
}
