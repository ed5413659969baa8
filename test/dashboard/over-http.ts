import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Answer, Asked } from './contract.ts'

/** Asks a server with exactly this address and these headers, `Host` included, which `fetch` would not. */
export async function askOverHttp(
  url: string,
  path: string,
  { method, headers, body, signal }: Asked = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request({ hostname, port, path, method, headers, signal, agent: false }, resolve)
    asking.on('error', reject)
    asking.end(body)
  })
  return {
    status: response.statusCode as number,
    headers: new Headers(response.headers as Record<string, string>),
    text: await text(response),
  }
}
