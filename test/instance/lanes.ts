import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a receiver holds of one instance's requests: each waits to be answered. */
export class Lane {
  readonly name: string
  readonly url: string
  /** Whether all is answered at once. */
  isOpen = false
  /** Nothing may arrive any more. */
  isOver = false
  most = 0
  late = 0
  readonly #held = new Set<ServerResponse>()

  constructor(name: string, url: string) {
    this.name = name
    this.url = url
  }

  get held(): number {
    return this.#held.size
  }

  arrived(response: ServerResponse): void {
    if (this.isOver) this.late++
    this.#held.add(response)
    this.most = Math.max(this.most, this.held)
    response.on('close', () => this.#held.delete(response))
    if (this.isOpen) this.answer()
  }

  answer(): void {
    for (const response of this.#held) {
      this.#held.delete(response)
      response.end()
    }
  }
}

/** One receiver for all instances. */
export async function startLanes() {
  const lanes = new Map<string, Lane>()
  const server = createServer((request, response) => lanes.get(request.url ?? '')?.arrived(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    lanes: () => [...lanes.values()],
    add(name: string): Lane {
      const lane = new Lane(name, `http://127.0.0.1:${port}/${name}`)
      lanes.set(`/${name}`, lane)
      return lane
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
