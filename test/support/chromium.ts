import { spawnSync } from 'node:child_process'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

const found = NAMES.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)

export const hasChromium = found !== undefined

/** A browser that asks nobody but the pages' own server. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = spawnSync('which', [found as string], { encoding: 'utf8' }).stdout.trim()
  const quiet = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((name) => `--disable-${name}`)
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] })
}
