import { readLines } from './lines.ts'
import { Running } from './running.ts'

/** Sends the forms of actions once, and those that change many requests with progress, which can be stopped. */
export function watchActions(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (!form.matches('form.ask')) return
    if (form.dataset['many'] === undefined) {
      // Not before the form is read.
      setTimeout(() => lock(form, true))
      return
    }
    event.preventDefault()
    void send(form)
  })
  // A page that the browser has kept comes back as it was left.
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll<HTMLFormElement>('form.ask')) lock(form, false)
  })
}

function lock(form: HTMLFormElement, isLocked: boolean): void {
  for (const button of form.querySelectorAll<HTMLButtonElement>('button[type=submit]')) button.disabled = isLocked
}

async function send(form: HTMLFormElement): Promise<void> {
  const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>)
  const stop = new AbortController()
  const running = new Running(form, () => stop.abort())
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      body,
      headers: { accept: 'application/x-ndjson' },
      signal: stop.signal,
    })
    if (!response.ok || response.body === null) throw new Error(`The server answered ${response.status}.`)
    for await (const line of readLines(response.body)) running.show(line)
    running.lost()
  } catch (error) {
    if (stop.signal.aborted) running.stopped()
    else running.lost(error instanceof Error ? error.message : undefined)
  }
}
