import type { IncomingMessage } from 'node:http'
import { ExpectationError } from '../errors.ts'

/** A request that a receiver got. */
export interface ReceivedRequest {
  method: string
  /** Path and query. */
  path: string
  /** By their names in lower case; the values of a repeated one are joined with a comma. */
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  /** When all of it had arrived. */
  receivedAt: Date
  /** The body as UTF-8 text. */
  text(): string
  /** The body as JSON. Throws {@link ExpectationError} if it is not. */
  json<T = unknown>(): T
}

export async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method = '', url = '', headersDistinct } = incoming
  const headers = Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(', ')])
  const body = new Uint8Array(Buffer.concat(chunks))
  return {
    method,
    path: url,
    headers: Object.fromEntries(headers),
    body,
    receivedAt: new Date(),
    ...readers(`${method} ${url}`, body),
  }
}

/** The methods that read a body. */
export function readers(what: string, body: Uint8Array | null): Pick<ReceivedRequest, 'text' | 'json'> {
  const text = () => new TextDecoder().decode(body ?? new Uint8Array())
  return {
    text,
    json<T>() {
      try {
        return JSON.parse(text()) as T
      } catch (cause) {
        throw new ExpectationError(`The body of ${what} is not JSON: ${JSON.stringify(text().slice(0, 80))}.`, {
          cause,
        })
      }
    },
  }
}
