import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Answer, ReceiverNote } from '../lab/history.ts'
import { openLog } from '../lab/log.ts'
import { planFor } from './script.ts'

/** The receiver's process. Notes what arrives before it answers, and every answer before its bytes leave. */
const note = openLog<ReceiverNote>(process.env['LAB_LOG'] as string)
const seed = Number(process.env['LAB_SEED'])
const seen = new Map<string, number>()
let token = 0

const server = createServer({ keepAliveTimeout: 600_000 }, async (request, response) => {
  const body = await whole(request)
  // Its sender broke off before all of it was here: that is no arrival.
  if (body === undefined) return
  const mine = token++
  const id = String(request.headers['idempotency-key'])
  const nth = seen.get(id) ?? 0
  seen.set(id, nth + 1)
  note({ what: 'arrived', token: mine, id, body, at: Date.now() })
  const answered = (answer: Answer) => note({ what: 'answered', token: mine, answer, at: Date.now() })
  const { answer, afterMs } = planFor(seed, request.url as string, nth)
  if (answer === 'none') return
  const timer = setTimeout(() => {
    answered(answer)
    if (answer === 'reset') response.socket?.resetAndDestroy()
    else response.writeHead(answer).end(String(mine))
  }, afterMs)
  // The sender is gone: nothing was answered.
  response.on('close', () => clearTimeout(timer))
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`started ${(server.address() as AddressInfo).port}\n`)
})

function whole(request: IncomingMessage): Promise<string | undefined> {
  return text(request).catch(() => undefined)
}
