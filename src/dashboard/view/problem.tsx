import { isInvalidInput, isRequeuestError } from '../../errors.ts'
import { Note } from './badge.tsx'
import type { Shown } from './view.ts'

export const NOT_FOUND: Shown = {
  title: 'Not found',
  status: 404,
  content: <p>There is nothing at this address.</p>,
}

/** What those see first who have mounted a dashboard below a path and have not told it. */
export const NOT_FOUND_AT_ROOT: Shown = {
  ...NOT_FOUND,
  content: (
    <>
      <p>There is nothing at this address.</p>
      <p class="faint">
        A dashboard that is mounted below a path needs that path as its option <code>basePath</code>.
      </p>
    </>
  ),
}

/** What those see first who have mounted the dashboard so that a part of its address is taken away. */
export function outside(basePath: string, path: string): Shown {
  return {
    ...NOT_FOUND,
    content: (
      <p>
        The dashboard is at <code>{basePath}</code>, its option <code>basePath</code>, but was asked for{' '}
        <code>{path}</code>.
      </p>
    ),
  }
}

/** What a visitor is told of an error. Of one that is not the library's own, nothing: it may hold anything. */
export function problemOf(error: unknown): Shown {
  if (isInvalidInput(error)) {
    return { title: 'That cannot be read', status: 400, content: <Note tone="bad">{error.message}</Note> }
  }
  if (isRequeuestError(error)) {
    return { title: 'That did not work', status: 503, content: <Note tone="bad">{error.message}</Note> }
  }
  return { title: 'Something went wrong', status: 500, content: <p>The error was reported to the application.</p> }
}
