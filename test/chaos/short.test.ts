import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { check } from './checker.ts'
import { runLab } from './lab/lab.ts'
import { describeRun } from './report.ts'

test.each([
  ['a fixed seed', 3],
  ['a random seed', randomInt(2 ** 31)],
])('nothing is lost or unexplained under faults: %s, %i', { timeout: 90_000 }, async (_, seed) => {
  const history = await runLab({
    seed,
    requests: 750,
    workers: 3,
    spawners: 2,
    seconds: 7,
    faultEveryMs: 1000,
    drainMs: 40_000,
  })
  const verdict = check(history)
  expect(verdict.violations, describeRun(seed, history, verdict)).toEqual([])
  // A run in which nothing was struck, or nothing was spawned, would prove nothing.
  expect(verdict.acknowledged).toBe(750)
  expect(verdict.rolledBack).toBeGreaterThan(0)
  expect(history.faults.length).toBeGreaterThan(3)
})
