import { EventEmitter, once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DAY_MS } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { ExpectationError, InvalidInputError, reasonOf } from '../errors.ts'
import { type ReceivedRequest, receive } from './received.ts'
import { type Reply, resolveReply, send } from './reply.ts'

/**
 * What a receiver replies: always the same, one reply after another of which the last one repeats, or what a function decides.
 * `index` counts the requests from 0.
 */
export type Script = Reply | readonly Reply[] | ((request: ReceivedRequest, index: number) => Reply | Promise<Reply>)

/** Options of {@link receiver}. */
export interface ReceiverOptions {
  /** Port on 127.0.0.1, 0 to 65535. @default 0: one that is free */
  port?: number
}

/** Options of {@link Receiver.waitForRequests}. */
export interface WaitForRequestsOptions {
  /** How long to wait, up to a day. @default '5s' */
  within?: Duration
}

/** An HTTP server on this machine that replies as it is told and remembers what it got. */
export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without a slash at the end. An instance reaches it with `network: { allow: ['127.0.0.1'] }`. */
  readonly url: string
  /** The requests that it got, the first one first. */
  readonly requests: readonly ReceivedRequest[]
  /**
   * Resolves with all requests once there are `count` or more. Not needed after `drain()`, which ends when the responses are there.
   *
   * @param count - 1 or more; 1 if omitted
   * @throws {@link ExpectationError} that lists what it got, if there are fewer when the time is over
   */
  waitForRequests(count?: number, options?: WaitForRequestsOptions): Promise<readonly ReceivedRequest[]>
  /** Forgets the requests and begins its script anew. */
  reset(): void
  /** Breaks all connections and stops listening. */
  close(): Promise<void>
}

const MOST = 1_000_000

/**
 * Starts a receiver of HTTP requests on this machine, for tests and development: `receiver([503, 'silence', 200])`.
 *
 * @param script - 200 if omitted
 * @throws `InvalidInputError`
 */
export async function receiver(script: Script = 200, options: ReceiverOptions = {}): Promise<Receiver> {
  checkObject('options', options)
  checkKeys('options', options, ['port'])
  const port = checkInteger('options.port', options.port ?? 0, 0, 65_535)
  const decide = toDecide(script)
  const requests: ReceivedRequest[] = []
  const arrivals = new EventEmitter().setMaxListeners(0)
  const server = createServer((incoming, response) => {
    receive(incoming)
      .then((request) => {
        const index = requests.push(request) - 1
        arrivals.emit('request')
        return answer(response, () => decide(request, index))
      })
      // The sender has gone away.
      .catch(() => incoming.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async waitForRequests(count = 1, { within = '5s' } = {}) {
      checkInteger('count', count, 1, MOST)
      const withinMs = checkDuration('options.within', within, 0, DAY_MS)
      const signal = AbortSignal.timeout(withinMs)
      while (requests.length < count) {
        await once(arrivals, 'request', { signal }).catch(() => {
          throw new ExpectationError(`Expected ${count} requests within ${withinMs} ms, but got ${listed(requests)}`)
        })
      }
      return requests
    },
    reset: () => void requests.splice(0),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Checks what a script says before anything is sent, as far as that is known. */
function toDecide(script: Script): (request: ReceivedRequest, index: number) => Reply | Promise<Reply> {
  if (typeof script === 'function') return script
  const replies = Array.isArray(script) ? (script as readonly Reply[]) : [script as Reply]
  if (replies.length === 0) throw new InvalidInputError('script', replies, 'a reply, or a list of one or more')
  for (const [index, reply] of replies.entries()) resolveReply(`script[${index}]`, reply)
  return (_, index) => replies[Math.min(index, replies.length - 1)] as Reply
}

/** What goes wrong in a script shows in the attempt's response. */
async function answer(response: ServerResponse, decide: () => Reply | Promise<Reply>): Promise<void> {
  try {
    await send(resolveReply('reply', await decide()), response)
  } catch (error) {
    await send(
      resolveReply('reply', { status: 500, body: `The receiver's script failed: ${reasonOf(error)}` }),
      response,
    )
  }
}

function listed(requests: readonly ReceivedRequest[]): string {
  const lines = requests.map(({ method, path }) => `\n  ${method} ${path}`)
  return `${requests.length}${lines.length > 0 ? ':' : '.'}${lines.join('')}`
}
