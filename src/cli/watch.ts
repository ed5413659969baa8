import { setTimeout as sleep } from 'node:timers/promises'
import { printJson, printText } from './output.ts'

const CLEAR = '\u{1b}[H\u{1b}[2J'

/** Looks again and again until Ctrl-C: on a terminal each look takes the place of the one before, with `--json` it is a line. */
export async function watch<T>(
  everyMs: number,
  isJson: boolean,
  signal: AbortSignal,
  look: () => Promise<{ data: T; text: () => string | Promise<string> }>,
): Promise<never> {
  for (;;) {
    const { data, text } = await look()
    if (isJson) printJson(data)
    else {
      const shown = await text()
      if (process.stdout.isTTY) process.stdout.write(CLEAR)
      printText(shown)
    }
    await sleep(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
