import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { TcpProxy } from '../proxy/proxy.ts'
import { ends, launch } from './child.ts'
import { drainingMs, longestMs, spawningMs } from './deadlines.ts'
import { toArrivals } from './history.ts'
import { between, randomOf } from './random.ts'
import { drained } from './run.ts'

test('joins the lines of the receiver', () => {
  const arrived = (token: number) => ({ what: 'arrived', token, id: 'a', body: 'a', at: token }) as const
  const arrivals = toArrivals([arrived(0), arrived(1), { what: 'answered', token: 0, answer: 200, at: 5 }])
  expect(arrivals).toEqual([
    { token: 0, id: 'a', body: 'a', at: 0, answer: 200, answeredAt: 5 },
    { token: 1, id: 'a', body: 'a', at: 1, answer: 'none', answeredAt: null },
  ])
})

test('a seed gives the same numbers again, another seed or label gives others', () => {
  const numbers = (seed: number, label: string) => {
    const random = randomOf(seed, label)
    return Array.from({ length: 20 }, () => between(random, 1, 1000))
  }
  expect(numbers(1, 'a')).toEqual(numbers(1, 'a'))
  expect(numbers(1, 'a')).not.toEqual(numbers(2, 'a'))
  expect(numbers(1, 'a')).not.toEqual(numbers(1, 'b'))
  expect(new Set(numbers(1, 'a')).size).toBeGreaterThan(15)
})

async function environment(): Promise<Record<string, string>> {
  const proxy = await TcpProxy.open(9)
  proxy.silence()
  const home = mkdtempSync(path.join(tmpdir(), 'requeuest-lab-'))
  onTestFinished(async () => {
    await proxy.close()
    rmSync(home, { recursive: true })
  })
  return {
    DATABASE_URL: `postgresql://nobody@127.0.0.1:${proxy.port}/none`,
    LAB_SEED: '1',
    LAB_NAME: 'silent',
    LAB_LOG: path.join(home, 'log'),
    LAB_DEATHS: path.join(home, 'deaths'),
    LAB_REQUESTS: '3',
    LAB_SECONDS: '0',
    LAB_RECEIVER: 'http://127.0.0.1:9',
  }
}

test('a database that falls silent a process that cannot start is killed after its time', {
  timeout: 60_000,
}, async () => {
  const starting = launch('one', 'worker', await environment(), 3000)
  await expect(starting).rejects.toThrow('one had not started after 3000 ms')
})

test('a database that falls silent a process that does not end is killed after its time, and that is said', {
  timeout: 60_000,
}, async () => {
  const spawner = await launch('one', 'spawner', await environment())
  expect(await ends(spawner, 1000)).toBe(false)
  expect(await spawner.exited).toEqual({ code: null, signal: 'SIGKILL' })
})

test('what does not become final is waited for no longer than its time', async () => {
  let asked = 0
  await drained(async () => ++asked, 400)
  expect(asked).toBeGreaterThan(0)
})

test('all times are longer with more to do, and the whole is longer than its parts', () => {
  const work = { requests: 1000, seconds: 10 }
  for (const timeOf of [spawningMs, drainingMs, longestMs]) {
    expect(timeOf({ ...work, requests: 2000 })).toBeGreaterThan(timeOf(work))
  }
  expect(longestMs(work)).toBeGreaterThan(spawningMs(work) + drainingMs(work))
})

test('the whole lab ends after its time, red, and says where it was', { timeout: 60_000 }, async () => {
  const args = ['--import', 'tsx', path.join(import.meta.dirname, '..', 'run.ts'), '--minutes', '0.005']
  const lab = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code]] = await Promise.all([text(lab.stdout), once(lab, 'exit')])
  expect(said).toContain('not over after 0.005 minutes: the great run')
  expect(code).toBe(1)
})
