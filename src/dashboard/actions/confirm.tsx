import { Note } from '../view/badge.tsx'
import type { Shown, View } from '../view/view.ts'
import type { Action } from './action.ts'
import { returnAddress } from './return-address.ts'
import { TARGET_KEYS } from './targets.ts'

/** The page that says what an action will do, with the form that does it. */
export async function confirmation(
  view: View,
  action: Action,
  form: URLSearchParams,
  problem?: string,
): Promise<Shown> {
  const question = await action.ask(view, action.targetOf(form), form)
  const back = returnAddress(form.get('return'), view)
  return {
    title: question.title,
    ...(problem !== undefined && { status: 400 }),
    content: (
      <form
        method="post"
        action={view.href(`/actions/${action.name}`)}
        class="ask"
        data-still=""
        data-many={question.many === undefined ? undefined : String(question.many)}
      >
        {problem !== undefined && (
          <div role="alert">
            <Note tone="bad">{problem}</Note>
          </div>
        )}
        {question.text}
        {!question.isPointless && question.fields}
        {[...form]
          .filter(([key]) => TARGET_KEYS.includes(key))
          .map(([key, value]) => (
            <input type="hidden" name={key} value={value} />
          ))}
        <div class="actions">
          {!question.isPointless && (
            <button type="submit" class="primary">
              {question.button}
            </button>
          )}
          <a class="button" href={back}>
            Back
          </a>
        </div>
        {question.many !== undefined && <Running />}
      </form>
    ),
  }
}

/** Shown by the page's script while it is done. */
function Running() {
  return (
    <section class="running" aria-label="Progress" hidden>
      <progress aria-label="Requests that were looked at" />
      <p class="faint" data-rate />
      <p role="status" />
      <div class="actions">
        <button type="button" data-stop>
          Stop
        </button>
      </div>
    </section>
  )
}
