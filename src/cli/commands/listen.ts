import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Command, InvalidArgumentError } from 'commander'
import { toCount } from '../database-command.ts'
import { printJson, printText, say } from '../output.ts'
import { run } from '../run.ts'
import { printable, style } from '../style.ts'

interface Options {
  port: number
  host: string
  reply: number[]
  json?: true
}

/** How much of a body is shown. */
const SHOWN_BYTES = 2000

export function listenCommand(program: Command): void {
  const command = program
    .command('listen')
    .description('Be a receiver on this machine, to develop against: print what arrives, and answer as told.')
    .option('--port <number>', 'the port to listen on; 0 for any', toCount, 4040)
    .option('--host <name>', 'the address to listen on', '127.0.0.1')
    .option(
      '--reply <statuses>',
      'the statuses to answer with, one after another, such as 503,503,200; the last one repeats',
      toStatuses,
      [200],
    )
    .option('--json', 'print a line of JSON for each request')
    .action((options: Options) => run(command, options, (signal) => listen(options, signal)))
}

async function listen({ port, host, reply, json }: Options, signal: AbortSignal): Promise<undefined> {
  let arrived = 0
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const status = reply[Math.min(arrived++, reply.length - 1)] ?? 200
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    await answer(response, status)
    const seen = describe(request, Buffer.concat(chunks), status)
    if (json) printJson(seen)
    else printText(textOf(seen))
  }
  const server = createServer((request, response) => {
    receive(request, response).catch(() => say('A request broke off.'))
  })
  server.listen(port, host)
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo
  const place = `${host.includes(':') ? `[${host}]` : host}:${actual}`
  say(`Listening on http://${place}. To be sent here, requests need \`network: { allow: ['${place}'] }\`.`)
  await once(signal, 'abort')
  server.close()
  server.closeAllConnections()
  throw signal.reason
}

function answer(response: ServerResponse, status: number): Promise<unknown> {
  response.statusCode = status
  response.end()
  return once(response, 'close')
}

function describe(request: IncomingMessage, body: Buffer, status: number) {
  const headers = request.rawHeaders.flatMap((name, index, all) =>
    index % 2 === 0 ? [[name, all[index + 1] ?? '']] : [],
  )
  const { method = '', url = '' } = request
  return { at: new Date(), method, url, headers, body: body.toString(), status }
}

function textOf({ at, method, url, headers, body, status }: ReturnType<typeof describe>): string {
  const shown = body.length > SHOWN_BYTES ? `${body.slice(0, SHOWN_BYTES)}…` : body
  const color = status < 300 ? 'green' : 'red'
  return [
    `${at.toISOString()} ${style('bold', printable(`${method} ${url}`))} ${style(color, String(status))}`,
    ...headers.map(([name, value]) => style('dim', printable(`  ${name}: ${value}`))),
    ...(shown === '' ? [] : [printable(shown).replaceAll(/^/gm, '  ')]),
  ].join('\n')
}

function toStatuses(text: string): number[] {
  const statuses = text.split(',').map(Number)
  if (statuses.every((status) => Number.isInteger(status) && status >= 200 && status <= 599)) return statuses
  throw new InvalidArgumentError('It must be statuses from 200 to 599 with commas between.')
}
