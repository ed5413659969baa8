import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import type { Results } from '../../bench/harness/results.ts'

const bench = path.resolve(import.meta.dirname, '../../bench/main.ts')

it('measures a small drain of Requeuest against no queue at all', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'requeuest-bench-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'results.json')
  const options = ['--n', '200', '--warmup', '20', '--reps', '1', '--systems', 'undici,requeuest', '--json', file]
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', bench, 'w1-drain', ...options])
  expect(stdout).toContain('Requeuest ÷ it')

  const { contests, versions } = JSON.parse(readFileSync(file, 'utf8')) as Results
  const [requeuest, undici] = contests[0]!.entrants
  expect(versions['node']).toBe(process.version)
  expect(requeuest).toMatchObject({ system: 'requeuest', ratios: { rate: null } })
  expect(requeuest!.runs).toHaveLength(2)
  expect(undici!.runs).toHaveLength(1)
  for (const run of requeuest!.runs) {
    expect(run['rate']).toBeGreaterThan(0)
    expect(run['workerCpu']).toBeGreaterThan(0)
    expect(run['wal']).toBeGreaterThan(200)
    expect(run['rss']).toBeGreaterThan(20)
  }
  expect(undici!.spreads).toMatchObject({ storeCpu: null, wal: null })
  expect(undici!.ratios['rate']?.median).toBeGreaterThan(0)
})
