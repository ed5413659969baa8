import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { DAY_MS } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { InvalidInputError } from '../errors.ts'

/** A response of a scripted receiver. */
export interface ReplyParts {
  /** 200 to 999. @default 200 */
  status?: number
  headers?: Readonly<Record<string, string | string[]>>
  /** @default '' */
  body?: string | Uint8Array
  /** A JSON body, instead of `body`. */
  json?: unknown
  /** How long to wait before responding, up to a day. @default 0 */
  delay?: Duration
  /** Sends the head at once, and then one byte of the body each time this has passed, up to a day. @default all at once */
  dribble?: Duration
}

/**
 * What a scripted receiver does with a request: a status alone, a whole response, no response at all (`'silence'`), or a TCP reset
 * of the connection (`'reset'`).
 */
export type Reply = number | 'silence' | 'reset' | ReplyParts

interface Response {
  status: number
  headers: Readonly<Record<string, string | string[]>>
  body: Uint8Array
  delayMs: number
  dribbleMs: number
}

const KEYS = ['status', 'headers', 'body', 'json', 'delay', 'dribble']

/** Throws {@link InvalidInputError} if it is no reply. */
export function resolveReply(field: string, reply: Reply): Response | 'silence' | 'reset' {
  if (reply === 'silence' || reply === 'reset') return reply
  if (typeof reply === 'number') return resolveReply(field, { status: reply })
  checkObject(field, reply, "a status, 'silence', 'reset' or an object such as { status, headers, body }")
  checkKeys(field, reply, KEYS)
  const { status = 200, headers = {}, body, json, delay = 0, dribble = 0 } = reply
  if (json !== undefined && body !== undefined)
    throw new InvalidInputError(`${field}.body`, body, 'omitted beside `json`')
  return {
    status: checkInteger(`${field}.status`, status, 200, 999),
    headers: json === undefined ? headers : { 'content-type': 'application/json', ...headers },
    body: Buffer.from(json === undefined ? (body ?? '') : JSON.stringify(json)),
    delayMs: checkDuration(`${field}.delay`, delay, 0, DAY_MS),
    dribbleMs: checkDuration(`${field}.dribble`, dribble, 0, DAY_MS),
  }
}

/** Answers as the reply says. */
export async function send(reply: Response | 'silence' | 'reset', to: ServerResponse): Promise<void> {
  if (reply === 'silence') return
  if (reply === 'reset') return void to.socket?.resetAndDestroy()
  const { status, headers, body, delayMs, dribbleMs } = reply
  if (delayMs > 0) await sleep(delayMs)
  to.writeHead(status, headers)
  if (dribbleMs === 0) return void to.end(body)
  to.flushHeaders()
  for (const byte of body) {
    await sleep(dribbleMs)
    if (to.destroyed) return
    to.write(Uint8Array.of(byte))
  }
  to.end()
}
