import { progressText } from '../../inspect/progress-text.ts'
import type { Line } from './lines.ts'

/** Shows how far an action is, and how it ended. */
export class Running {
  readonly #form: HTMLFormElement
  readonly #section: HTMLElement
  readonly #bar: HTMLProgressElement
  readonly #rate: HTMLElement
  readonly #status: HTMLElement
  readonly #stop: HTMLButtonElement
  readonly #startedAt = performance.now()
  #changed = 0
  #isOver = false

  constructor(form: HTMLFormElement, onStop: () => void) {
    const part = <E extends HTMLElement>(selector: string) => form.querySelector<E>(`.running ${selector}`) as E
    this.#form = form
    this.#section = form.querySelector<HTMLElement>('.running') as HTMLElement
    this.#bar = part('progress')
    this.#rate = part('[data-rate]')
    this.#status = part('[role=status]')
    this.#stop = part('[data-stop]')
    form.classList.add('begun')
    this.#section.hidden = false
    this.#status.textContent = 'Running. Leaving this page stops it.'
    this.#stop.addEventListener('click', onStop, { once: true })
    this.#stop.focus()
    window.addEventListener('beforeunload', this.#warn)
  }

  show(line: Line): void {
    if ('result' in line) {
      if (line.result === 'done') this.#end(line.message, line.back)
      else this.#end(`It ended after ${count(line.changed)}. ${line.message ?? ''}`)
      return
    }
    const { done, total, changed } = line
    this.#changed = changed
    this.#bar.max = total
    this.#bar.value = done
    this.#rate.textContent = progressText(done, total, performance.now() - this.#startedAt, 'done')
  }

  /** The batch that was under way is finished, and nobody is left to say so. */
  stopped(): void {
    this.#end(`Stopped. ${count(this.#changed)} at least, and what was under way.`)
  }

  /** The connection ended. */
  lost(reason = 'The connection was lost.'): void {
    if (!this.#isOver) this.#end(`${reason} ${count(this.#changed)} at least; it may have stopped there.`)
  }

  #end(message: string, back?: string): void {
    if (this.#isOver) return
    this.#isOver = true
    window.removeEventListener('beforeunload', this.#warn)
    this.#status.textContent = message
    this.#rate.textContent = ''
    this.#stop.hidden = true
    const link = this.#form.querySelector<HTMLAnchorElement>('a.button')
    if (!link) return
    if (back !== undefined) link.href = back
    this.#section.append(link)
    link.focus()
  }

  readonly #warn = (event: BeforeUnloadEvent) => event.preventDefault()
}

function count(changed: number): string {
  return `${changed.toLocaleString('en-US')} ${changed === 1 ? 'request was' : 'requests were'} changed`
}
