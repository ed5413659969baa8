import { EventEmitter, once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, type TestContext, test } from 'vitest'
import { reply } from '../../examples/shared/replies.ts'
import { Requeuest } from '../../src/index.ts'
import { receiver, type Script } from '../../src/testing/index.ts'
import { connect, freshDatabase } from '../support/fixture.ts'
import { type Program, root, runProgram } from './programs.ts'

/** Starts an example against a migrated database and a receiver of its own. */
async function start(context: TestContext, name: string, script: Script = reply) {
  const api = await receiver(script)
  context.onTestFinished(() => api.close())
  const program = runProgram(`examples/${name}.ts`, [], {
    DATABASE_URL: await freshDatabase(),
    RECEIVER_URL: api.url,
  })
  context.onTestFinished(() => program.kill('SIGKILL'))
  const arrived = () => api.requests.map(({ method, path }) => `${method} ${path}`)
  return { program, arrived, requests: api.requests }
}

/** What it printed, when it has ended as it should. */
async function linesOf(program: Program): Promise<string[]> {
  const { code, output, errors } = await program.ended
  expect(code, `${output}\n${errors}`).toBe(0)
  return output.trimEnd().split('\n')
}

describe('examples', { timeout: 40_000 }, () => {
  test('transactional-spawn', async (context) => {
    const { program, arrived, requests } = await start(context, 'transactional-spawn')
    expect(await linesOf(program)).toEqual([
      "delivered { path: '/invoices' }",
      "delivered { path: '/mails' }",
      'rolled back: out of stock',
      'requests in the database: 2',
    ])
    expect(arrived().sort()).toEqual(['POST /invoices', 'POST /mails'])
    const invoice = requests.find(({ path }) => path === '/invoices')
    expect(invoice?.text()).toBe('{"order":17}')
    expect(invoice?.headers['content-type']).toBe('application/json')
  })

  test('spawn-and-wait', async (context) => {
    const { program, arrived } = await start(context, 'spawn-and-wait')
    expect(await linesOf(program)).toEqual([
      '200 application/json /quotes/17 after 1 attempt',
      'not yet: wait_timeout',
      'later: {"path":"/quotes/18"}',
    ])
    expect(arrived()).toEqual(['GET /quotes/17', 'GET /quotes/18'])
  })

  test('testing', async (context) => {
    const { program } = await start(context, 'testing')
    expect(await linesOf(program)).toEqual([
      'spawned: billing, mails',
      'bill: { order: 17, cents: 9900 }',
      "Expected 2 requests with { channel: 'mails' }, found 1. They are:",
      'delivered after 503, connection_reset, 200',
      'an hour later: { attempts: 0, delivered: 0, failed: 0, retrying: 0 }',
      'a day later: { attempts: 1, delivered: 1, failed: 0, retrying: 0 }',
      'arrived: /bills /bills /bills /mails',
    ])
  })

  test('pause', async (context) => {
    const { program, arrived } = await start(context, 'pause')
    expect(await linesOf(program)).toEqual([
      '{ inFlight: 0 }',
      'the invoice is pending',
      'resumed: true',
      'its receiver is paused: wait_timeout',
      'resumed: true',
      'the invoice is delivered',
    ])
    expect(arrived()).toEqual(['GET /mails', 'GET /invoices'])
  })

  test('limits', async (context) => {
    const { program, arrived } = await start(context, 'limits')
    expect(await linesOf(program)).toEqual([
      '30 requests took more than a second: true',
      '[ { rate: null, concurrency: null } ]',
      'limits.concurrency must be a whole number from 1 to 1000000, got 0.',
    ])
    expect(arrived()).toHaveLength(30)
  })

  test('breaker', async (context) => {
    const { program } = await start(context, 'breaker')
    expect(await linesOf(program)).toEqual(['opened', 'its requests wait: true', 'closed', 'all 50 are delivered'])
  })

  test('priority', async (context) => {
    const { program, arrived } = await start(context, 'priority')
    expect(await linesOf(program)).toEqual(['options.priority must be a whole number from 0 to 9, got 10.'])
    expect(arrived()).toEqual(['GET /password', 'GET /receipt', 'GET /newsletter'])
  })

  test('ordered-line', async (context) => {
    const { program, arrived } = await start(context, 'ordered-line')
    expect(await linesOf(program)).toEqual([
      'failed: attempts_exhausted',
      'held: ledger/account-7, by the failed request: true',
      'third waits in line: true',
      'released: true',
      'the rest was delivered',
    ])
    const inLine = arrived().filter((one) => one !== 'GET /unordered')
    expect(inLine).toEqual(['GET /entries/1', 'GET /broken/2', 'GET /broken/2', 'GET /entries/3', 'GET /entries/4'])
    expect(arrived()).toContain('GET /unordered')
  })

  test('retry-policy', async (context) => {
    const { program, requests, arrived } = await start(context, 'retry-policy')
    expect(await linesOf(program)).toEqual([
      'busy: 200 at attempt 2',
      'gone: 410 at attempt 1',
      'broken: attempts_exhausted',
      '  attempt 1: rejected, 500',
      '  attempt 2: rejected, 500',
      '  attempt 3: rejected, 500',
    ])
    expect(arrived()).toEqual(['GET /busy', 'GET /busy', 'DELETE /gone', 'GET /broken', 'GET /broken', 'GET /broken'])
    const [refused, accepted] = requests
    expect(Number(accepted?.receivedAt) - Number(refused?.receivedAt)).toBeGreaterThan(990)
    expect(accepted?.headers['idempotency-key']).toBe(refused?.headers['idempotency-key'])
  })

  test('delay-and-expiry', async (context) => {
    const { program, arrived } = await start(context, 'delay-and-expiry')
    expect(await linesOf(program)).toEqual([
      'sent after a second: true',
      'sent not before: true',
      'given up: expired',
      'given up unsent: expired',
    ])
    expect(arrived().sort()).toEqual(['GET /at-time', 'GET /broken', 'GET /later'])
  })

  test('hand-made-row', async (context) => {
    const { program, arrived, requests } = await start(context, 'hand-made-row')
    expect(await linesOf(program)).toEqual([
      "delivered { path: '/hello' }",
      "delivered { path: '/accounts' }",
      'invalid_request',
      'the URL cannot be used: it is not an absolute http or https URL',
    ])
    expect(arrived().sort()).toEqual(['GET /hello', 'POST /accounts'])
    expect(requests.find(({ path }) => path === '/accounts')?.text()).toBe('{"name":"ada"}')
  })

  test('events', async (context) => {
    const { program } = await start(context, 'events')
    expect(await linesOf(program)).toEqual([
      'attempt 1: accepted 200, the last',
      'delivered with 200 after 1',
      'attempt 1: rejected 500, another follows',
      'attempt 2: rejected 500, the last',
      'failed with attempts_exhausted after 2',
      'RequestFailedError',
    ])
  })

  test('telemetry', async (context) => {
    const { program, requests } = await start(context, 'telemetry')
    expect(await linesOf(program)).toEqual([
      'log: A request failed: attempts_exhausted',
      'trace 0 spawn orders ',
      'trace 0 POST ',
      'trace 1 spawn orders ',
      'trace 2 GET with a link',
      'trace 3 GET with a link',
      'leaks: false',
      'requeuest_spawned_total{channel="orders"} 2',
      'requeuest_finished_total{channel="orders",state="delivered",failure_code="none"} 1',
      'requeuest_finished_total{channel="orders",state="failed",failure_code="attempts_exhausted"} 1',
    ])
    expect(requests.map(({ headers }) => headers['traceparent'])).toHaveLength(3)
  })

  test('serverless', async (context) => {
    const { program, arrived } = await start(context, 'serverless')
    expect(await linesOf(program)).toEqual([
      '401',
      '{',
      '  attempts: 1,',
      '  delivered: 1,',
      '  failed: 0,',
      '  retrying: 0,',
      "  stopped: 'budget',",
      '  nextDueInMs: 0',
      '}',
      '{',
      '  attempts: 1,',
      '  delivered: 1,',
      '  failed: 0,',
      '  retrying: 0,',
      "  stopped: 'idle',",
      '  nextDueInMs: null',
      '}',
    ])
    expect(arrived()).toEqual(['POST /invoices', 'GET /reports'])
  })

  test('dashboard', async (context) => {
    const { program } = await start(context, 'dashboard')
    expect(await linesOf(program)).toEqual([
      'session=somebody /: 403',
      'session=support /failures: 200',
      'session=support /requests/<id>: 200',
      'session=support /actions/redrive: 403',
      'session=admin: redrive, 1 changed',
      'session=admin /actions/redrive: 303',
      'pending',
    ])
  })

  test('graceful-shutdown', async (context) => {
    const steps = new EventEmitter()
    const arrived = once(steps, 'arrived')
    const { program } = await start(context, 'graceful-shutdown', async () => {
      steps.emit('arrived')
      await once(steps, 'stopping')
      return {}
    })
    await program.printed('running')
    await arrived
    program.kill('SIGTERM')
    await program.printed('SIGTERM: finishing')
    steps.emit('stopping')
    expect(await linesOf(program)).toEqual([
      'running',
      'SIGTERM: finishing what is under way',
      'delivered: orders',
      'stopped',
    ])
  })

  test('audit', async (context) => {
    const { program } = await start(context, 'audit')
    expect(await linesOf(program)).toEqual([
      'delivered: 2',
      'failed: 1',
      '/broken: attempts_exhausted after 2, last 500',
      'refused attempts: 2',
    ])
  })

  test('monitoring', async (context) => {
    const { program, arrived } = await start(context, 'monitoring')
    expect(await linesOf(program)).toEqual([
      'late: mail 1',
      'failed: orders attempts_exhausted 1',
      'orphaned, unhandled, held: 0 0 account-7',
      'limits, schedules: 1 0',
    ])
    expect(arrived()).toEqual(['GET /broken'])
  })

  test('inspect', async (context) => {
    const { program } = await start(context, 'inspect')
    expect(await linesOf(program)).toEqual([
      'mail: 1 due, 1 delayed, 0 workers',
      'the first is late by ten minutes: true',
      'the receiver: true rejected 500 2',
      '{ matched: 2, redriven: 0 }',
      '/2 200,/1 200',
      '{ count: 2, isEstimate: false }',
      'outcomes: accepted 2,rejected 2',
      'orders in the last hour: 2 of 4 attempts accepted, 2 requests failed',
      'workers: 0',
    ])
  })

  test('clear', async (context) => {
    const { program, arrived } = await start(context, 'clear')
    expect(await linesOf(program)).toEqual([
      'cancelled: 3',
      'the waiter was told: request_cancelled',
      'cancelled: 1',
      'left: 0',
    ])
    expect(arrived()).toEqual([])
  })

  test('control', async (context) => {
    const { program, arrived, requests } = await start(context, 'control')
    expect(await linesOf(program)).toEqual([
      '{ matched: 1, cancelled: 1, inFlight: [] }',
      'rolled back: the payment bounced',
      'still due in a week: true',
      "{ changed: true, state: 'pending' }",
      '/archive has it',
      '{ matched: 1, cancelled: 1, inFlight: [] }',
    ])
    expect(arrived()).toEqual(['POST /archive'])
    expect(requests[0]).toMatchObject({ headers: { 'x-reason': 'moved', 'content-type': 'application/json' } })
    expect(requests[0]!.text()).toBe('{"order":17}')
  })

  test('redrive', async (context) => {
    const { program, arrived } = await start(context, 'redrive')
    expect(await linesOf(program)).toEqual([
      'would be sent again: { matched: 3, redriven: 0 }',
      'so far: { matched: 3, redriven: 3 }',
      'attempts: 1: 500, 2: 500, 3: 200',
      'urgent ones: { matched: 0, redriven: 0 }',
    ])
    expect(
      arrived()
        .filter((one) => one.startsWith('GET /mended'))
        .sort(),
    ).toEqual([1, 2, 3].map((number) => `GET /mended/${number}`))
  })

  test('dedupe', async (context) => {
    const { program, requests } = await start(context, 'dedupe')
    expect(await linesOf(program)).toEqual([
      'kept: true',
      'replaced: true',
      'refused: duplicate_request true',
      'sent once: true',
      'once a day: true',
    ])
    const invoices = requests.filter(({ path }) => path === '/invoices/17')
    expect(invoices.map((invoice) => invoice.text())).toEqual(['{"cents":250}'])
  })

  test('spawn-many', async (context) => {
    const { program, arrived } = await start(context, 'spawn-many')
    expect(await linesOf(program)).toEqual([
      'not today',
      'rolled back: 0',
      'spawned: 10000',
      'urgent: 10',
      'again: true 10000',
      expect.stringMatching(/^requests\[10000\]\.request\.url must be an absolute http or https URL/),
      'all in all: 10000',
    ])
    expect(arrived()).toEqual([])
  })

  test('handlers', async (context) => {
    const { program, arrived } = await start(context, 'handlers')
    expect(await linesOf(program)).toEqual([
      'handler_failed: the ledger is closed',
      "[ { entry: 'delivered with 200 at attempt 1' } ]",
      'request_failed',
      "[ { entry: 'failed with 500 at attempt 2' } ]",
    ])
    expect(arrived()).toEqual(['GET /fine', 'GET /broken', 'GET /broken'])
  })

  test('retention', async (context) => {
    const { program } = await start(context, 'retention')
    expect(await linesOf(program)).toEqual([
      'request_failed',
      'delivered: null',
      'failed: attempts_exhausted after 1 attempt',
      'its bodies are gone: true null',
    ])
  })

  test('listen', async (context) => {
    const { program, arrived } = await start(context, 'listen')
    expect(await linesOf(program)).toEqual(['answer 200'])
    expect(arrived()).toEqual(['GET /mail'])
  })

  test('encryption', async (context) => {
    const { program, requests } = await start(context, 'encryption')
    expect(await linesOf(program)).toEqual([
      'stored under key 2025 - readable: false',
      'answer 200',
      'now under key 2026 - readable: false',
      'decrypted {"amount":4000}',
      'its answer {"path":"/salaries"}',
      "found [ 'authorization', '(hidden)' ]",
    ])
    expect(requests[0]).toMatchObject({ headers: { authorization: 'Bearer 0123456789' } })
  })

  test('schedule', async (context) => {
    const { program, arrived, requests } = await start(context, 'schedule')
    expect(await linesOf(program)).toEqual([
      'paused: true',
      'fired for the time that was told: true',
      'report fires next at 00:00:00.000Z',
      'tick is paused',
      expect.stringMatching(/^schedule\.cron must be a cron expression .*hour.*expected range 0-23.*got "0 25/),
      'removed: true',
    ])
    expect(arrived()).toContain('GET /report')
    expect(arrived()[0]).toBe('POST /tick')
    expect(requests[0]!.text()).toBe('{"kind":"tick"}')
  })

  test('proxy', async (context) => {
    const { program, requests } = await start(context, 'proxy')
    expect(await linesOf(program)).toEqual([
      'tunnel to partner.example:80',
      'by the proxy: {"path":"/orders"}',
      'directly: {"path":"/orders"}',
    ])
    expect(requests[0]!.headers['host']).toBe('partner.example')
  })

  test('signing', async (context) => {
    const { program } = await start(context, 'signing')
    expect(await linesOf(program)).toEqual([
      "verified { type: 'invoice.paid', cents: 9900 }",
      'signed with 1: 200',
      "verified { type: 'invoice.paid', cents: 9900 }",
      'signed with 2: 200',
      'refused: No matching signature found',
      'signed with 1: 401',
    ])
  })

  test('status-policy', async (context) => {
    const { program } = await start(context, 'status-policy')
    expect(await linesOf(program)).toEqual([
      '/gone: rejected, status 410',
      '/broken: rejected, status 500',
      '/busy: 200 at attempt 2',
      '  at first: {"path":"/report"}',
      '/report: 200 at attempt 2',
    ])
  })

  test('late-rendering', async (context) => {
    const { program, requests } = await start(context, 'late-rendering')
    expect(await linesOf(program)).toEqual([
      'answer {"path":"/statements/ada"}',
      'stored: render://statement {"customer":"ada"}',
      "made: POST /statements/ada [ 'authorization', '(hidden)' ] 10 bytes",
    ])
    expect(requests).toMatchObject([{ headers: { authorization: 'Bearer token' } }])
    expect(requests[0]!.text()).toBe('{"open":2}')
  })

  test('destination-auth', async (context) => {
    const { program } = await start(context, 'destination-auth')
    expect(await linesOf(program)).toEqual([
      '  token 1 is given',
      '  /a answers 200',
      'attempt 1',
      '  /b answers 401',
      '  token 3 is given',
      '  /b answers 200',
      'attempt 2',
      '  token 4 is given',
      '  /contacts/17 answers 200',
      'attempt 1',
    ])
  })

  test('requeuest.config', async (context) => {
    const api = await receiver()
    context.onTestFinished(() => api.close())
    const url = await freshDatabase()
    const env = { DATABASE_URL: url, RECEIVER_URL: api.url }
    const id = await new Requeuest(connect(url)).spawn('mail', { render: 'greeting', args: { name: 'ada' } })
    const requeuest = async (...args: string[]) => {
      const { ended } = runProgram('src/cli/main.ts', [...args, '--json'], env, path.join(root, 'examples'))
      return JSON.parse((await ended).output)
    }
    expect(await requeuest('drain')).toMatchObject({ command: 'drain', data: { attempts: 1, delivered: 1 } })
    expect(api.requests.map(({ path }) => path)).toEqual(['/greetings/ada'])
    const [shown, revealed] = await Promise.all([requeuest('show', id), requeuest('show', id, '--reveal')])
    const attempt = { outcome: 'accepted', status: 200 }
    expect(shown.data.attempts).toMatchObject([{ ...attempt, headers: [['(encrypted)', expect.any(String)]] }])
    expect(revealed.data.attempts).toMatchObject([
      { ...attempt, headers: expect.arrayContaining([['Date', expect.any(String)]]) },
    ])
  })

  test('receiver', async (context) => {
    const program = runProgram('examples/receiver.ts', [], {})
    context.onTestFinished(() => program.kill('SIGKILL'))
    const url = await program.printed('RECEIVER_URL=').then((output) => /RECEIVER_URL=(\S+)/.exec(output)?.[1])
    expect(await fetch(`${url}/gone`)).toMatchObject({ status: 410 })
    await program.printed('GET /gone')
  })
})

test('every example has a test, and is short enough to read at once', () => {
  const folder = path.join(root, 'examples')
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  const tests = readFileSync(import.meta.filename, 'utf8')
  for (const name of names) {
    expect(tests, name).toContain(`  test('${name.replace('.ts', '')}', `)
    expect(readFileSync(path.join(folder, name), 'utf8').split('\n').length, name).toBeLessThanOrEqual(41)
  }
})
