import { once } from 'node:events'
import { type Command, InvalidArgumentError } from 'commander'
import { parseDuration } from '../../check/duration.ts'
import type { ReceivedRequest } from '../../testing/received.ts'
import type { Reply } from '../../testing/reply.ts'
import { toPort } from '../database-command.ts'
import { printJson, printText, say } from '../output.ts'
import { run } from '../run.ts'
import { oneLine, printable, style } from '../style.ts'

interface Options {
  port: number
  reply: string[]
  json?: true
}

/** How much of a body is shown. */
const SHOWN_CHARACTERS = 2000

export function listenCommand(program: Command): void {
  const command = program
    .command('listen')
    .description('Be a receiver on this machine, to develop against: print what arrives, and reply as told.')
    .option('--port <number>', 'the port on 127.0.0.1; 0 for a free one', toPort, 4040)
    .option(
      '--reply <list>',
      "what to reply, one after another: statuses, with a delay as in 200:2s, 'silence' or 'reset'; the last one repeats (default: 200)",
      toWords,
      ['200'],
    )
    .option('--json', 'print a line of JSON for each request')
    .action((options: Options) => run(command, options, (signal) => listen(options, signal)))
}

async function listen({ port, reply, json }: Options, signal: AbortSignal): Promise<undefined> {
  const { receiver } = await import('../../testing/receiver.ts')
  let arrived = 0
  const server = await receiver(
    (request) => {
      const word = reply[Math.min(arrived++, reply.length - 1)] as string
      if (json) printJson({ ...request, body: request.text(), reply: word })
      else printText(textOf(request, word))
      return replyOf(word)
    },
    { port },
  )
  const { host } = new URL(server.url)
  say(`Listening on ${server.url}. To be sent here, requests need \`network: { allow: ['${host}'] }\`.`)
  await once(signal, 'abort')
  await server.close()
  throw signal.reason
}

function textOf({ method, path, headers, receivedAt, text }: ReceivedRequest, reply: string): string {
  const body = text()
  const shown = body.length > SHOWN_CHARACTERS ? `${body.slice(0, SHOWN_CHARACTERS)}…` : body
  return [
    `${receivedAt.toISOString()} ${style('bold', oneLine(`${method} ${path}`))} ${style(reply.startsWith('2') ? 'green' : 'red', reply)}`,
    ...Object.entries(headers).map(([name, value]) => style('dim', oneLine(`  ${name}: ${value}`))),
    ...(shown === '' ? [] : [printable(shown).replaceAll(/^/gm, '  ')]),
  ].join('\n')
}

const REPLY = /^(?:silence|reset|[2-9]\d\d(?::([\d.]+(?:ms|s|m|h)))?)$/

function toWords(text: string): string[] {
  const words = text.split(',')
  const isReply = (word: string) => {
    const [whole, delay] = REPLY.exec(word) ?? []
    return whole !== undefined && (delay === undefined || parseDuration(delay) !== null)
  }
  if (words.every(isReply)) return words
  throw new InvalidArgumentError(
    "It must be a list such as 503,silence,reset,200:2s: statuses from 200, 'silence' and 'reset'.",
  )
}

function replyOf(word: string): Reply {
  if (word === 'silence' || word === 'reset') return word
  const [status, delay] = word.split(':')
  return { status: Number(status), ...(delay !== undefined && { delay: parseDuration(delay) ?? 0 }) }
}
