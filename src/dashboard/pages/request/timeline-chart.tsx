import { durationText } from '../../../inspect/duration-text.ts'
import { toneOf } from '../../view/badge.tsx'
import { plural } from '../../view/format.ts'
import { type Placed, placed, stretchesOf, type TimelineFacts } from './timeline.ts'

const WIDTH = 1000
const HEIGHT = 76
/** Of the line that runs through the middle of all. */
const MIDDLE = 36
const LETTER = 6.4

/** The attempts and the waits between them, in the order of time. The table below says the same in words. */
export function Timeline({ facts }: { facts: TimelineFacts }) {
  const stretches = placed(stretchesOf(facts), WIDTH)
  const [first, last] = [stretches[0], stretches.at(-1)]
  // Of a single wait there is nothing to be seen.
  if (!first || !last || (stretches.length === 1 && first.kind !== 'attempt')) return null
  const span = durationText(last.untilMs - first.fromMs)
  const number = facts.attempts.length
  return (
    <figure class="timeline">
      <section class="scroll" tabindex={0} aria-label="Timeline">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={`Timeline: ${plural(number, 'attempt')} within ${span}. The attempts are listed below.`}
        >
          {stretches.map((stretch) => (
            <Mark of={stretch} />
          ))}
          <Elapsed stretches={stretches} />
        </svg>
      </section>
      <figcaption class="faint">
        {span} in all. Widths grow with the logarithm of the time, so that both milliseconds and hours are seen.
        {stretches.some(({ kind }) => kind === 'due') && ' Amber: it was due, and no worker had taken it yet.'}
      </figcaption>
    </figure>
  )
}

function Mark({ of }: { of: Placed }) {
  const { kind, x, width, number, fromMs, untilMs, outcome } = of
  const length = durationText(untilMs - fromMs)
  const isAttempt = kind === 'attempt' || kind === 'running'
  const height = isAttempt ? 28 : 6
  const label = isAttempt ? String(number) : length
  // A gap, so that neighbours are told apart.
  const shown = Math.max(1, width - 1)
  return (
    <g class={`stretch ${kind} ${outcome === null ? '' : toneOf(outcome)}`}>
      <title>{titleOf(of, length)}</title>
      <rect x={fixed(x)} y={MIDDLE - height / 2} width={fixed(shown)} height={height} rx={isAttempt ? 3 : 0} />
      {label.length * LETTER < width && (
        <text x={fixed(x + width / 2)} y={isAttempt ? MIDDLE + 4 : MIDDLE - 9} text-anchor="middle">
          {label}
        </text>
      )}
    </g>
  )
}

function titleOf({ kind, number, outcome }: Placed, length: string): string {
  switch (kind) {
    case 'attempt':
      return `Attempt ${number}: ${outcome?.replaceAll('_', ' ')}, ${length}`
    case 'running':
      return `Attempt ${number}: with a worker for ${length}`
    case 'wait':
      return `Waited ${length}`
    case 'due':
      return `Due, and not taken by a worker for ${length}`
    case 'ahead':
      return `Waits another ${length} for attempt ${number}`
  }
}

/** How long after the beginning each stretch began, where there is room to write it. */
function Elapsed({ stretches }: { stretches: readonly Placed[] }) {
  const beginMs = stretches[0]?.fromMs ?? 0
  let freeFrom = 0
  return (
    <g class="elapsed">
      {stretches.map(({ x, fromMs, kind }) => {
        const text = x === 0 ? '0' : `+${durationText(fromMs - beginMs)}`
        if (x < freeFrom || x + text.length * LETTER > WIDTH || kind === 'due') return null
        freeFrom = x + (text.length + 2) * LETTER
        return (
          <>
            <line x1={fixed(x)} x2={fixed(x)} y1={MIDDLE + 14} y2={MIDDLE + 20} />
            <text x={fixed(x)} y={MIDDLE + 32}>
              {text}
            </text>
          </>
        )
      })}
    </g>
  )
}

function fixed(value: number): string {
  return value.toFixed(1)
}
