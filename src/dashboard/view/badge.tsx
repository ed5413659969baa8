import type { Content } from './html.ts'

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'plain'

const TONES: Readonly<Record<string, Tone>> = {
  delivered: 'good',
  accepted: 'good',
  failed: 'bad',
  rejected: 'bad',
  timeout: 'bad',
  network_error: 'bad',
  blocked: 'bad',
  invalid: 'bad',
  expired: 'bad',
  unprepared: 'bad',
  abandoned: 'warn',
  claimed: 'busy',
  open: 'bad',
  half_open: 'warn',
}

export function toneOf(state: string): Tone {
  return TONES[state] ?? 'plain'
}

/** A state or an outcome, which its words say as well as its colour. */
export function Badge({ of, tone = toneOf(of) }: { of: string; tone?: Tone }) {
  return <span class={`badge ${tone}`}>{of.replaceAll('_', ' ')}</span>
}

export function Note({ tone, children }: { tone: Tone; children: Content }) {
  return <p class={`note ${tone}`}>{children}</p>
}
