import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { freePort } from '../support/postgres.ts'
import { hasTerminal, useCommand } from './command.ts'

const database = useDatabase()
const command = useCommand()
const { json, requeuest } = command
const NOBODY = '01890000-0000-7000-8000-000000000000'

/** Spawns requests and lets them fail, as if a worker had given them up. */
async function failed(channel: string, urls: string[]): Promise<string[]> {
  const ids = await createRequeuest(database.prisma).spawnMany(channel, urls)
  const data = { state: 'failed', failureCode: 'attempts_exhausted', finishedAt: new Date() } as const
  await database.prisma.httpRequest.updateMany({ where: { id: { in: ids } }, data })
  return ids
}

const states = async () =>
  (await database.prisma.httpRequest.findMany({ orderBy: { url: 'asc' } })).map(({ state }) => state).join(' ')

test('redrive counts, refuses without --yes where nobody can be asked, and sends again', async () => {
  const [first] = await failed('a', ['https://a.example/1', 'https://a.example/2'])
  await failed('b', ['https://b.example/'])
  const where = [
    'redrive',
    '--state',
    'failed',
    '--channel',
    'a',
    '--url-contains',
    'a.example',
    '--finished-after',
    '1h',
  ]
  expect(await json(database.url, ...where, '--dry-run')).toEqual({
    code: 0,
    command: 'redrive',
    data: { matched: 2, redriven: 0 },
  })
  const refused = await requeuest(database.url, ...where)
  expect(refused).toMatchObject({
    code: 2,
    output: '',
    errors: expect.stringContaining('Redrive 2 requests? There is no terminal'),
  })
  expect(await states()).toBe('failed failed failed')
  // One is no bulk.
  expect(await requeuest(database.url, 'redrive', first!)).toMatchObject({ code: 0, output: '1 request redriven.\n' })
  expect(await json(database.url, ...where, '--yes')).toMatchObject({ code: 0, data: { matched: 1, redriven: 1 } })
  expect(await states()).toBe('pending pending failed')
  expect(await requeuest(database.url, 'redrive', '--channel', 'none')).toMatchObject({
    code: 0,
    output: 'No request matches.\n',
  })
})

test('what takes too long ends, by the timeout or by Ctrl-C, and finished batches stay', async () => {
  const urls = Array.from({ length: 1500 }, (_, index) => `https://a.example/${index}`)
  const ids = await failed('a', urls)
  const redrive = ['redrive', '--channel', 'a', '--yes']
  await database.prisma.$transaction(
    async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM requeuest_request WHERE id = ${ids[1499]}::uuid FOR UPDATE`
      const late = await json(database.url, 'redrive', ids[1499]!, '--statement-timeout', '300ms')
      expect(late).toMatchObject({ code: 1, error: { message: expect.stringContaining('statement timeout') } })
      const waiting = command.start(database.url, ...redrive)
      const pending = () => database.prisma.httpRequest.count({ where: { state: 'pending' } })
      await vi.waitUntil(async () => (await pending()) === 1000, { timeout: 20_000 })
      waiting.kill('SIGINT')
      expect(await waiting.ended).toMatchObject({
        code: 130,
        output: '',
        errors: expect.stringContaining('Interrupted'),
      })
    },
    { timeout: 60_000 },
  )
  expect(await json(database.url, ...redrive)).toMatchObject({ data: { matched: 500, redriven: 500 } })
})

test('cancel and clear', async () => {
  const urls = ['https://a.example/1', 'https://a.example/2', 'https://a.example/3']
  const [first] = await createRequeuest(database.prisma).spawnMany('a', urls)
  expect(await json(database.url, 'cancel', first!)).toMatchObject({ data: { matched: 1, cancelled: 1, inFlight: [] } })
  expect(await json(database.url, 'clear', '--channel', 'b', '--yes')).toMatchObject({ data: { matched: 0 } })
  expect(await json(database.url, 'clear', '--all', '--yes')).toMatchObject({ data: { matched: 2, cancelled: 2 } })
  expect(await states()).toBe('cancelled cancelled cancelled')
})

test('retarget, reschedule and show', async () => {
  const requests = createRequeuest(database.prisma)
  const id = await requests.spawn('a', { url: 'https://a.example/', headers: { authorization: 'Bearer 1' } })
  const change = [
    'retarget',
    id,
    '--url',
    'https://b.example/',
    '--header',
    'x-a: 1',
    '--header',
    'authorization: Bearer 2',
  ]
  expect(await json(database.url, ...change)).toMatchObject({ code: 0, data: { changed: true, state: 'pending' } })
  expect((await requeuest(database.url, 'reschedule', id, '--at', '2030-01-02T03:04:05Z')).output).toBe(
    `Request ${id} is due at 2030-01-02T03:04:05.000Z.\n`,
  )
  expect(await json(database.url, 'show', id)).toMatchObject({
    data: {
      url: 'https://b.example/',
      runAt: '2030-01-02T03:04:05.000Z',
      headers: [
        ['x-a', '1'],
        ['authorization', '(hidden)'],
      ],
      attempts: [],
    },
  })
  const { output } = await requeuest(database.url, 'show', id)
  expect(output).toContain(`${id}  pending\n  request   GET https://b.example/\n  channel   a, priority 5\n`)
  expect(await requeuest(database.url, 'reschedule', NOBODY, '--at', '+0s')).toMatchObject({
    code: 1,
    output: expect.stringContaining('there is no request'),
  })
})

test('pause, limits, resume and release', async () => {
  expect(await json(database.url, 'pause', '--origin', 'https://a.example/x')).toMatchObject({
    code: 0,
    data: { inFlight: 0 },
  })
  expect(await json(database.url, 'limits', '--channel', 'a', '--concurrency', '5', '--rate', '100/1m')).toMatchObject({
    code: 0,
  })
  expect((await requeuest(database.url, 'limits')).output).toMatch(
    /channel a +5 at once, 100 in 1 min\norigin https:\/\/a\.example +\d{4}-/,
  )
  expect(await json(database.url, 'limits', '--channel', 'a', '--concurrency', 'none')).toMatchObject({ code: 0 })
  expect(await database.prisma.httpLimit.findMany({ where: { kind: 'channel' } })).toMatchObject([
    { concurrency: null, rate: 100, rateIntervalMs: 60_000 },
  ])
  expect(await json(database.url, 'resume', '--origin', 'https://a.example')).toMatchObject({
    code: 0,
    data: { wasPaused: true },
  })
  expect(await json(database.url, 'release', '--channel', 'a', '--key', 'k')).toMatchObject({
    code: 0,
    data: { wasHeld: false },
  })
})

test('schedules are listed, paused, resumed and run', async () => {
  await createRequeuest(database.prisma).schedule('daily', {
    cron: '@yearly',
    channel: 'a',
    request: 'https://a.example/',
  })
  expect(await json(database.url, 'schedules', 'pause', 'daily')).toMatchObject({
    code: 0,
    command: 'schedules pause',
    data: { changed: true },
  })
  expect(await json(database.url, 'schedules', 'run', 'daily')).toMatchObject({ code: 1, data: { changed: false } })
  expect(await json(database.url, 'schedules', 'resume', 'daily')).toMatchObject({ code: 0 })
  expect(await json(database.url, 'schedules', 'run', 'daily')).toMatchObject({ code: 0, data: { changed: true } })
  const [row] = await database.prisma.httpSchedule.findMany()
  expect(row!.nextRunAt!.getTime()).toBeLessThanOrEqual(Date.now())
  expect((await requeuest(database.url, 'schedules')).output).toMatch(
    /NAME .*\ndaily +@yearly +UTC +a .* active +GET https:\/\/a\.example\/\n$/,
  )
})

test('list pages through what matches, and says where it goes on', async () => {
  await failed('a', ['https://a.example/1', 'https://a.example/2', 'https://a.example/3'])
  const page = await json<{ data: { requests: { url: string }[]; next: string } }>(
    database.url,
    'list',
    '--limit',
    '2',
    '--state',
    'failed',
  )
  expect(page.data.requests.map(({ url }) => url)).toEqual(['https://a.example/3', 'https://a.example/2'])
  const rest = await requeuest(database.url, 'list', '--before', page.data.next)
  expect(rest.output).toMatch(/^ID .*REQUEST\n.* a +failed +0 .* GET https:\/\/a\.example\/1\n$/)
  expect(rest.errors).not.toContain('--before')
})

test('stats and doctor tell of what failed, is held or is not served', async () => {
  expect(await json(database.url, 'doctor')).toEqual({ code: 0, command: 'doctor', data: { findings: [] } })
  await failed(
    'a',
    Array.from({ length: 12 }, (_, index) => `https://a.example/${index}`),
  )
  const requests = createRequeuest(database.prisma)
  await requests.spawn('b', 'https://b.example/')
  await database.prisma.httpRequest.updateMany({
    where: { channel: 'b' },
    data: { runAt: new Date(Date.now() - 120_000) },
  })
  await requests.pause({ channel: 'c' })
  await requests.spawn('c', 'https://c.example/')
  const found = await json<{ data: { findings: { check: string; advice: string }[] } }>(database.url, 'doctor')
  expect(found.code).toBe(1)
  expect(found.data.findings.map(({ check }) => check).sort()).toEqual(['failures', 'no_worker', 'paused'])
  const { output } = await requeuest(database.url, 'stats')
  expect(output).toMatch(/Channels\nCHANNEL .*\nb +1 +2(\.\d)? min .* none\nc +1 .* paused since /)
  expect(output).toMatch(/Failed requests\nORIGIN .*\n.* 12 +attempts_exhausted /)
})

test('doctor finds an index, a trigger and migrations that are missing', async () => {
  await database.prisma.$executeRaw`DROP INDEX requeuest_request_expiry_idx`
  await database.prisma.$executeRaw`ALTER TABLE requeuest_request DISABLE TRIGGER requeuest_join_line`
  try {
    const { code, output } = await requeuest(database.url, 'doctor')
    expect(code).toBe(1)
    expect(output).toMatch(
      /^drift .*index requeuest_request_expiry_idx, trigger requeuest_request\.requeuest_join_line\./m,
    )
  } finally {
    await database.prisma.$executeRaw`ALTER TABLE requeuest_request ENABLE TRIGGER requeuest_join_line`
  }
})

test('tail prints attempts as they end, until Ctrl-C', async () => {
  const receiver = await receiverOf(({ url }) => ({ status: url === '/gone' ? 410 : 200 }))
  const requests = createRequeuest(database.prisma, { retry: { maxAttempts: 1 } })
  await requests.start({ channels: ['a', 'b'] })
  const tail = command.start(database.url, 'tail', '--channel', 'a', '--since', '1m', '--json')
  await requests.spawnReturning('b', `${receiver.url}/other`)
  await requests.spawnReturning('a', `${receiver.url}/first`)
  await tail.printed('/first')
  await requests.spawnReturning('a', `${receiver.url}/gone`).catch(() => {})
  await tail.printed('/gone')
  tail.kill('SIGINT')
  const { code, output } = await tail.ended
  expect(code).toBe(130)
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.slice(0, 2)).toMatchObject([
    { channel: 'a', number: 1, outcome: 'accepted', status: 200 },
    { channel: 'a', number: 1, outcome: 'rejected', status: 410 },
  ])
  expect(lines[2]).toMatchObject({ command: 'tail', error: { code: 'interrupted' } })
})

test('wait ends when a request is final, with an exit status if that is wanted', async () => {
  const id = await createRequeuest(database.prisma).spawn('a', 'https://a.example/')
  const late = await json(database.url, 'wait', id, '--timeout', '1s')
  expect(late).toMatchObject({ code: 1, error: { message: expect.stringContaining('was not final in time') } })
  const waiting = requeuest(database.url, 'wait', id, '--exit-status')
  await database.prisma.httpRequest.update({
    where: { id },
    data: { state: 'failed', failureCode: 'expired', finishedAt: new Date() },
  })
  expect(await waiting).toMatchObject({ code: 1, output: 'failed after 0 attempts: expired\n' })
  expect(await json(database.url, 'wait', id)).toMatchObject({ code: 0, data: { state: 'failed' } })
  expect(await json(database.url, 'wait', NOBODY)).toMatchObject({ code: 1, error: { code: 'failed' } })
})

test('drain without a config sends by the default rules, and ends', async () => {
  const receiver = await receiverOf()
  await createRequeuest(database.prisma).spawnMany('a', [receiver.url, `${receiver.url}/2`], {
    retry: { maxAttempts: 1 },
  })
  const drained = await json(database.url, 'drain', '--channel', 'a', '--max-requests', '1')
  // This machine's own addresses are not allowed.
  expect(drained).toMatchObject({ code: 0, data: { attempts: 1, delivered: 0, failed: 1, stopped: 'limit' } })
  expect((await requeuest(database.url, 'drain')).output).toMatch(
    /^1 attempt: 0 delivered, 1 failed, .* Stopped: idle\.\n$/,
  )
  expect(await states()).toBe('failed failed')
})

test.runIf(hasTerminal)('the end of input at the question changes nothing, as a no does', async () => {
  await createRequeuest(database.prisma).spawnMany('a', ['https://a.example/1', 'https://a.example/2'])
  const asking = command.onTerminal(database.url, 'clear', '--all')
  await asking.printed('Cancel 2 requests? [y/N]')
  asking.type('\u{4}')
  expect(await asking.ended).toMatchObject({ code: 2, output: expect.stringContaining('Nothing was changed.') })
  expect(await states()).toBe('pending pending')
})

test('listen answers as it is told and prints what arrives', async () => {
  const port = await freePort()
  const listening = command.start('', 'listen', '--port', String(port), '--reply', '503,reset,200:1ms')
  const url = `http://127.0.0.1:${port}`
  await vi.waitUntil(
    () =>
      fetch(url, { method: 'HEAD' }).then(
        () => true,
        () => false,
      ),
    { timeout: 20_000 },
  )
  await expect(fetch(`${url}/gone`)).rejects.toThrow()
  for (const body of ['hello', 'again']) {
    expect((await fetch(`${url}/a?b=1`, { method: 'POST', body })).status).toBe(200)
  }
  expect(await listening.printed('  again\n')).toMatch(
    / HEAD \/ 503\n.* GET \/gone reset\n.* POST \/a\?b=1 200:1ms\n.*\n {2}hello\n/s,
  )
  listening.kill('SIGINT')
  expect(await listening.ended).toMatchObject({
    code: 130,
    errors: expect.stringContaining(`allow: ['127.0.0.1:${port}']`),
  })
})

test.each(['', '20', '200,never', '200:soon', '200:1'])('listen refuses the replies %j', async (replies) => {
  expect(await requeuest('', 'listen', '--reply', replies)).toMatchObject({
    code: 2,
    errors: expect.stringContaining('503,silence,reset,200:2s'),
  })
})

test('what is wrong with the command line ends with 2, a database that is not there with 3', async () => {
  const port = await freePort()
  const [unknown, state, nothing, both, gone] = await Promise.all([
    requeuest(database.url, 'redrive', '--stat', 'failed'),
    requeuest(database.url, 'redrive', '--state', 'pending'),
    requeuest(database.url, 'cancel'),
    requeuest(database.url, 'pause', '--channel', 'a', '--origin', 'https://a.example'),
    json(`postgresql://me:s3cret@127.0.0.1:${port}/db`, 'stats'),
  ])
  expect(unknown).toMatchObject({ code: 2, output: '', errors: expect.stringContaining("unknown option '--stat'") })
  expect(state).toMatchObject({ code: 2, errors: expect.stringContaining('one of failed, cancelled') })
  expect(nothing).toMatchObject({ code: 2, errors: expect.stringContaining('Say which requests') })
  expect(both).toMatchObject({ code: 2, errors: expect.stringContaining('cannot be used with') })
  expect(gone).toMatchObject({
    code: 3,
    error: { code: 'no_connection', message: expect.stringContaining('ECONNREFUSED') },
  })
  expect(JSON.stringify(gone)).not.toContain('s3cret')
})

test.each([
  [['requeuest', 'sched'], 'schedules'],
  [['requeuest', 'schedules', 'pa'], 'pause'],
  [['requeuest', 'redrive', '--channel', 'a', '--max'], '--max-attempts'],
])('bash completes %j', async (words, completed) => {
  const { output } = await requeuest('', 'completion', 'bash')
  const program = `${output}COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _requeuest; echo "\${COMPREPLY[*]}"`
  expect((await promisify(execFile)('bash', ['-c', program])).stdout).toBe(`${completed}\n`)
})

test('each shell gets a script with all commands and options', async () => {
  const scripts = await Promise.all(['bash', 'zsh', 'fish'].map((shell) => requeuest('', 'completion', shell)))
  for (const { code, output } of scripts) {
    expect(code).toBe(0)
    for (const part of ['redrive', 'url-starts-with', '/schedules/pause']) expect(output).toContain(part)
  }
})
