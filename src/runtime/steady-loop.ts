import { Loop } from './loop.ts'

/** Repeats work that nothing depends on: what fails is done again at the same pace, and of failures in a row the first is reported. */
export function steadyLoop(
  run: () => Promise<void>,
  waitMs: () => number,
  onError: (error: unknown, failures: number) => number,
): Loop {
  let isFailing = false
  const runOnce = async () => {
    await run()
    isFailing = false
    return waitMs()
  }
  return new Loop(runOnce, (error) => {
    if (!isFailing) onError(error, 1)
    isFailing = true
    return waitMs()
  })
}
