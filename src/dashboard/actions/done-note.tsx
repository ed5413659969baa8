import { Note } from '../view/badge.tsx'
import { actionNamed } from './all.ts'

/** What was done before this page was opened: nothing of the address is shown but numbers. */
export function DoneNote({ query }: { query: URLSearchParams }) {
  const action = actionNamed(query.get('done'))
  const changed = numberIn(query, 'changed')
  if (action === undefined || changed === null) return null
  return (
    <div role="status">
      <Note tone={changed > 0 ? 'good' : 'warn'}>{action.said(changed, numberIn(query, 'others') ?? 0)}</Note>
    </div>
  )
}

function numberIn(query: URLSearchParams, key: string): number | null {
  const text = query.get(key) ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}
