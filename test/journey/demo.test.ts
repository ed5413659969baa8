import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, inject, type TestContext, test } from 'vitest'
import { readArguments, UsageError } from '../../examples/demo/arguments.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { asAdmin, createDatabase } from '../support/databases.ts'
import { startReceiver } from '../support/receiver.ts'
import { root, runProgram } from './programs.ts'

const home = mkdtempSync(path.join(tmpdir(), 'requeuest-demo-'))
// Postgres, which does not run as root, has to reach its own folder in here.
chmodSync(home, 0o755)
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Starts the demo with a folder of its own for temporary files. */
function startDemo(context: TestContext, args: string[] = [], env: Record<string, string> = {}) {
  const folder = mkdtempSync(path.join(home, 'tmp-'))
  chmodSync(folder, 0o755)
  const program = runProgram('examples/demo/main.ts', args, { TMPDIR: folder, ...env })
  context.onTestFinished(() => program.kill('SIGKILL'))
  /** What the demo keeps there; other programs have folders of their own in it. */
  const kept = () => readdirSync(folder).filter((name) => name.startsWith('requeuest-'))
  const serverPid = () =>
    Number.parseInt(readFileSync(path.join(folder, `${kept()[0]}`, 'data', 'postmaster.pid'), 'utf8'), 10)
  return { ...program, kept, serverPid }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('npm run demo', { timeout: 40_000 }, () => {
  test('shows each refusal, delivers, and leaves nothing behind', async (context) => {
    const demo = startDemo(context, [], { TZ: 'Asia/Tokyo' })
    await demo.printed('receiver')
    const readyAt = performance.now()
    const pid = demo.serverPid()
    expect(isRunning(pid)).toBe(true)
    const { code, output, errors } = await demo.ended

    expect(code, `${output}\n${errors}`).toBe(0)
    // How long it takes to start is up to the machine; all in all it shall be over within 20 s.
    expect(performance.now() - readyAt).toBeLessThan(14_000)
    const attempts = output.split('\n').filter((line) => /POST \/invoices +attempt/.test(line))
    expect(attempts).toHaveLength(4)
    expect(attempts[0]).toMatch(/attempt 1 .* status 503, next in 0\.3 s$/)
    expect(attempts[1]).toMatch(/attempt 2 {2}timeout, next in 0\.6 s$/)
    expect(attempts[2]).toMatch(/attempt 3 {2}connection_reset, next in 1\.2 s$/)
    expect(attempts[3]).toMatch(/attempt 4 {2}status 200, took \d+ ms$/)
    expect(output).toMatch(/│ POST \/invoices {2}delivered +│\n│ 1 .*│ rejected +│ 503 +│\n/)
    expect(output).toMatch(/│ 4 .*│ accepted +│ 200 \{"invoice":17,"paid":true\} │/)
    expect(output).toMatch(/│ PUT \/customers\/42 {2}delivered +│\n│ 1 /)
    expect(output).not.toMatch(/│ POST \/rolled-back/)
    for (const line of output.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80)
    expect(output).not.toContain('\u001b')
    expectTimesIn('Asia/Tokyo', output)
    expect(isRunning(pid)).toBe(false)
    expect(demo.kept()).toEqual([])
  })

  test('begins by saying what it is, before the seconds that its client and its database take', async () => {
    expect(packageJson.scripts.demo).toMatch(/^node examples\/demo\/hello\.mjs && /)
    const { stdout } = await promisify(execFile)(process.execPath, ['examples/demo/hello.mjs'], { cwd: root })
    expect(stdout).toContain('Ctrl-C ends it and takes back what is not delivered.')
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('uses DATABASE_URL, whatever time zone it is in, and says where the rows are', async (context) => {
    const url = await createDatabase(inject('serverUrl'), 'demo_story')
    await asAdmin(url, (client) => client.query("ALTER DATABASE demo_story SET timezone TO 'Asia/Tokyo'"))
    const { code, output, errors } = await startDemo(context, [], { DATABASE_URL: url, TZ: 'Europe/Berlin' }).ended
    expect(code, `${output}\n${errors}`).toBe(0)
    expect(output).toContain('DATABASE_URL, migrated')
    expectTimesIn('Europe/Berlin', output)
    const channel = /channel '(demo-\w+)'/.exec(output)?.[1]
    const { rows } = await asAdmin(url, (client) =>
      client.query('SELECT channel, state, attempt_count FROM requeuest_request ORDER BY id'),
    )
    expect(rows).toEqual([
      { channel, state: 'delivered', attempt_count: 4 },
      { channel, state: 'delivered', attempt_count: 1 },
    ])
  })

  test('sends a GET to the URLs that it is given, on whatever address they are', async (context) => {
    const receiver = await startReceiver()
    context.onTestFinished(() => receiver.stop())
    const url = await createDatabase(inject('serverUrl'), 'demo_urls')
    const urls = [`${receiver.url}/one?a=1`, `${receiver.url}/two`]
    const { code, output, errors } = await startDemo(context, urls, { DATABASE_URL: url }).ended
    expect(code, `${output}\n${errors}`).toBe(0)
    expect(receiver.requests.map((request) => `${request.method} ${request.url}`).sort()).toEqual([
      'GET /one?a=1',
      'GET /two',
    ])
    expect(output).toContain('Every request arrived.')
  })

  test('fails, with the reason, when a URL does not answer', async (context) => {
    const receiver = await startReceiver(() => ({ status: 418 }))
    context.onTestFinished(() => receiver.stop())
    const closed = await startReceiver()
    await closed.stop()
    const url = await createDatabase(inject('serverUrl'), 'demo_failure')
    const { code, output } = await startDemo(context, [receiver.url, closed.url], { DATABASE_URL: url }).ended
    expect(code).toBe(1)
    expect(output).toContain(`GET ${receiver.url}/ failed: attempts_exhausted, last attempt: status 418`)
    expect(output).toMatch(
      new RegExp(
        `GET ${closed.url}/ failed: attempts_exhausted, last attempt: .*ECONNREFUSED 127.0.0.1:${closed.port}`,
      ),
    )
    expect(output).not.toContain('Every request arrived.')
  })

  test('stops cleanly on SIGINT in the middle of an attempt', async (context) => {
    const receiver = await startReceiver(() => ({ how: 'hang' }))
    context.onTestFinished(() => receiver.stop())
    const demo = startDemo(context, [receiver.url])
    await receiver.waitForRequests(1)
    const pid = demo.serverPid()
    demo.kill('SIGINT')
    const { code, errors, output } = await demo.ended
    expect({ code, errors }).toEqual({ code: 130, errors: '' })
    expect(output).toContain('\nCtrl-C: the worker stops, and what is not delivered is taken back.\n')
    expect(isRunning(pid)).toBe(false)
    expect(demo.kept()).toEqual([])
  })

  test('takes back what is not delivered when it is ended', async (context) => {
    const receiver = await startReceiver(() => ({ how: 'hang' }))
    context.onTestFinished(() => receiver.stop())
    const url = await createDatabase(inject('serverUrl'), 'demo_ended')
    const demo = startDemo(context, [receiver.url], { DATABASE_URL: url })
    await receiver.waitForRequests(1)
    demo.kill('SIGTERM')
    const { code, errors } = await demo.ended
    expect({ code, errors }).toEqual({ code: 143, errors: '' })
    const { rows } = await asAdmin(url, (client) => client.query('SELECT state FROM requeuest_request'))
    expect(rows).toEqual([{ state: 'cancelled' }])
  })

  test('refuses what it cannot do, and removes what it had started', async (context) => {
    const demo = startDemo(context, ['http://user:secret@127.0.0.1/'])
    const { code, output, errors } = await demo.ended
    expect(code).toBe(2)
    expect(errors).toContain('user or password')
    expect(errors).not.toContain('secret')
    expect(output).toContain('database')
    expect(demo.kept()).toEqual([])
  })

  test('explains itself when it is called wrongly', async (context) => {
    const { code, output, errors } = await startDemo(context, ['nonsense']).ended
    expect({ code, output }).toEqual({ code: 2, output: '' })
    expect(errors).toContain('"nonsense" is not an absolute http or https URL.')
    expect(errors).toContain('Usage: npm run demo')
  })

  test('says why a database cannot be migrated', async (context) => {
    const DATABASE_URL = 'postgresql://nobody:nothing@127.0.0.1:1/none'
    const { code, errors } = await startDemo(context, [], { DATABASE_URL }).ended
    expect(code).toBe(1)
    expect(errors).toContain("P1001: Can't reach database server")
  })
})

test.each<[args: string[], environment: NodeJS.ProcessEnv, message: string]>([
  [['ftp://example.com'], {}, '"ftp://example.com" is not an absolute http or https URL.'],
  [['http://fine.example', '/not'], {}, '"/not" is not an absolute http or https URL.'],
  [['--fast'], {}, "Unknown option '--fast'"],
  [[], { DATABASE_URL: 'mysql://localhost/x' }, 'DATABASE_URL is not a URL such as postgresql://'],
])('%j with %j is wrong usage', (args, environment, message) => {
  expect(() => readArguments(args, environment)).toThrow(UsageError)
  expect(() => readArguments(args, environment)).toThrow(message)
})

/** The live lines and the table tell the same time, and it is the present one in that zone. */
function expectTimesIn(timeZone: string, output: string): void {
  const now = secondsOf(new Date().toLocaleTimeString('en-GB', { timeZone }))
  const times = output.match(/\d\d:\d\d:\d\d\.\d{3}/g) ?? []
  expect(times).toHaveLength(10)
  for (const time of times) {
    const ago = (now - secondsOf(time) + 86_400) % 86_400
    expect(ago, `${time} in ${timeZone}`).toBeLessThan(30)
  }
  expect(output).toContain(`times in ${timeZone}`)
}

function secondsOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number)
  return hours * 3600 + minutes * 60 + Math.floor(seconds)
}
