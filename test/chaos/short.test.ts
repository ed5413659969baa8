import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { check } from './checker.ts'
import { longestMs } from './lab/deadlines.ts'
import { runLab } from './lab/run.ts'
import { FAULT_KINDS } from './nemesis/kinds.ts'
import { Nemesis } from './nemesis/nemesis.ts'
import { describeRun } from './report.ts'
import { overtaken } from './scenarios/overtaken.ts'

const WORK = { requests: 1800, workers: 4, spawners: 3, seconds: 36 }

test.each([
  ['a fixed seed', 3],
  ['a random seed', randomInt(2 ** 31)],
])('keeps every promise under faults: %s, %i', { timeout: longestMs(WORK) }, async (_, seed) => {
  const history = await runLab({ seed, ...WORK }, (reach) => new Nemesis(reach, 2000))
  const verdict = check(history)
  const report = describeRun(seed, history, verdict)
  expect(verdict.violations, report).toEqual([])
  expect(verdict.totals, report).toMatchObject({ lost: [], unexpected: [] })
  // A run in which nothing was struck, or nothing was spawned, would prove nothing.
  expect(new Set(history.faults.map((fault) => fault.kind)), report).toEqual(new Set(FAULT_KINDS))
  const figures = Object.assign({}, ...verdict.findings.map((finding) => finding.figures)) as Record<string, number>
  expect(figures['acknowledged'], report).toBeGreaterThan(WORK.requests * 0.9)
  for (const seen of [
    'rolled back',
    'without an answer at first',
    'delivered',
    'cancelled',
    'in a line',
    'their attempts',
  ])
    expect(figures[seen], `${seen}\n${report}`).toBeGreaterThan(0)
})

test('what an overtaken worker reports changes nothing', { timeout: 150_000 }, async () => {
  expect((await overtaken(3)).violations).toEqual([])
})
