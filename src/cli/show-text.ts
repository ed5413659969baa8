import { durationText } from '../inspect/duration-text.ts'
import type { HeaderPairs } from '../message/message.ts'
import type { FoundAttempt, FoundRequest } from '../results/find.ts'
import { count } from './output.ts'
import { oneLine, printable, style, styleState } from './style.ts'

/** A request and its attempts as people read them. */
export function showText(request: FoundRequest, withBodies: boolean): string {
  const { attempts, attemptsRecorded } = request
  const isPart = attempts.length < attemptsRecorded
  return [
    `${style('bold', request.id)}  ${styleState(request.state)}${request.failureCode ? ` (${oneLine(request.failureCode)})` : ''}`,
    ...facts(request).map(([name, value]) => `  ${name.padEnd(9)} ${oneLine(value)}`),
    ...contentText(request.headers, withBodies ? request.body : null),
    ...(isPart ? ['', `The last ${attempts.length} of ${count(attemptsRecorded, 'attempt')}:`] : []),
    ...attempts.flatMap((attempt) => ['', ...attemptText(attempt, withBodies)]),
  ].join('\n')
}

function facts(request: FoundRequest): [name: string, value: string][] {
  const { method, url, channel, orderKey, blocked, priority, accept, createdAt, runAt, finishedAt } = request
  return [
    ['request', `${method} ${url}`],
    ['channel', `${channel}, priority ${priority}`],
    ...(orderKey === null
      ? []
      : ([['line', `${JSON.stringify(orderKey)}${blocked ? ', waits for an earlier request' : ''}`]] as [
          string,
          string,
        ][])),
    ['accepts', accept.join(', ')],
    ['spawned', createdAt.toISOString()],
    finishedAt ? ['final', finishedAt.toISOString()] : ['due', runAt.toISOString()],
  ]
}

function attemptText(attempt: FoundAttempt, withBodies: boolean): string[] {
  const {
    number,
    outcome,
    status,
    startedAt,
    durationMs,
    errorCode,
    errorMessage,
    remoteAddress,
    workerId,
    nextRunAt,
  } = attempt
  const result = [outcome, status, errorCode].filter((part) => part !== null).map(String)
  return [
    `${style('bold', `Attempt ${number}`)}  ${[styleState(result[0] ?? ''), ...result.slice(1).map(oneLine)].join(' ')}  ${startedAt.toISOString()}, ${durationText(durationMs)}`,
    ...(errorMessage === null ? [] : [`  ${oneLine(errorMessage)}`]),
    `  by ${oneLine(workerId)}${remoteAddress === null ? '' : `, to ${oneLine(remoteAddress)}`}${nextRunAt ? `, next at ${nextRunAt.toISOString()}` : ''}`,
    ...contentText(attempt.headers ?? [], withBodies ? attempt.body : null),
  ]
}

function contentText(headers: HeaderPairs, body: Uint8Array | null): string[] {
  const text =
    body === null || body.length === 0 ? [] : ['', printable(new TextDecoder().decode(body)).replaceAll(/^/gm, '  ')]
  return [...headers.map(([name, value]) => style('dim', oneLine(`  ${name}: ${value}`))), ...text]
}
