import type { ActivityPoint } from '../../inspect/activity.ts'
import { durationText } from '../../inspect/duration-text.ts'
import { numberText, plural } from './format.ts'
import { Time } from './time.tsx'

const WIDTH = 600
const HEIGHT = 120

/** How many attempts were accepted and were not, a bar a step. */
export function ThroughputChart({
  points,
  stepMs,
  label,
}: {
  points: readonly ActivityPoint[]
  stepMs: number
  label: string
}) {
  const most = Math.max(1, ...points.map(({ attempts }) => attempts))
  return (
    <figure class="chart">
      <figcaption>
        {label}
        <span class="faint">{`${numberText(most)} in ${durationText(stepMs)} at most`}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={inWords(points)}>
        <Bars points={points} most={most} />
      </svg>
      <Axis points={points} />
    </figure>
  )
}

/** How long half of the attempts took at most, and 95 % of them, a line each. */
export function LatencyChart({ points }: { points: readonly ActivityPoint[] }) {
  const most = Math.max(1, ...points.map(({ p95Ms }) => p95Ms ?? 0))
  return (
    <figure class="chart">
      <figcaption>
        <span>
          Latency <span class="legend">p50</span>
          <span class="legend high">p95</span>
        </span>
        <span class="faint">{`${durationText(most)} at most`}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Latency: p95 up to ${durationText(most)}`}
      >
        <path
          class="p95"
          d={lineOf(
            points.map(({ p95Ms }) => p95Ms),
            most,
          )}
        />
        <path
          class="p50"
          d={lineOf(
            points.map(({ p50Ms }) => p50Ms),
            most,
          )}
        />
      </svg>
      <Axis points={points} />
    </figure>
  )
}

function Bars({ points, most }: { points: readonly ActivityPoint[]; most: number }) {
  const step = WIDTH / Math.max(1, points.length)
  const y = (value: number) => round((value / most) * HEIGHT)
  return (
    <>
      {points.map(({ at, attempts, accepted }, index) =>
        attempts === 0 ? null : (
          <g>
            <title>{`${at.toISOString().slice(11, 16)} UTC: ${plural(attempts, 'attempt')}, ${numberText(attempts - accepted)} not accepted`}</title>
            <rect
              class="accepted"
              x={round(index * step)}
              y={HEIGHT - y(accepted)}
              width={round(step * 0.8)}
              height={y(accepted)}
            />
            <rect
              class="refused"
              x={round(index * step)}
              y={HEIGHT - y(attempts)}
              width={round(step * 0.8)}
              height={y(attempts - accepted)}
            />
          </g>
        ),
      )}
    </>
  )
}

function Axis({ points }: { points: readonly ActivityPoint[] }) {
  const [first] = points
  return (
    <p class="axis">
      {first && <Time at={first.at} />}
      <span>now</span>
    </p>
  )
}

/** A line with gaps where there is no value. A value alone is a dot, drawn by the round ends of lines. */
function lineOf(values: readonly (number | null)[], most: number): string {
  const step = WIDTH / Math.max(1, values.length)
  return values
    .map((value, index) => {
      if (value === null) return ''
      const isStart = (values[index - 1] ?? null) === null
      return `${isStart ? 'M' : 'L'}${round((index + 0.4) * step)} ${round(HEIGHT - 2 - (value / most) * (HEIGHT - 4))}${isStart ? 'h0' : ''}`
    })
    .join('')
}

/** For those who do not see the chart. */
export function inWords(points: readonly ActivityPoint[]): string {
  const attempts = points.reduce((sum, point) => sum + point.attempts, 0)
  const accepted = points.reduce((sum, point) => sum + point.accepted, 0)
  return `${plural(attempts, 'attempt')}, ${numberText(attempts - accepted)} not accepted`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
