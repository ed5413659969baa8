import type { ActivityPoint } from '../../inspect/activity.ts'
import { inWords } from './chart.tsx'

const WIDTH = 120
const HEIGHT = 24

/** A chart as small as a cell of a table, of which a page may have a hundred: all bars of a colour are one shape. */
export function Sparkline({ points }: { points: readonly ActivityPoint[] }) {
  const most = Math.max(1, ...points.map(({ attempts }) => attempts))
  const step = WIDTH / Math.max(1, points.length)
  const y = (value: number) => oneDigit(HEIGHT * (1 - value / most))
  const bars = (from: (point: ActivityPoint) => number, to: (point: ActivityPoint) => number) =>
    points
      .map((point, index) => [oneDigit(index * step), y(from(point)), y(to(point))] as const)
      .filter(([, bottom, top]) => bottom > top)
      .map(([x, bottom, top]) => `M${x} ${bottom}V${top}h${oneDigit(step * 0.8)}V${bottom}z`)
      .join('')
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={inWords(points)}
    >
      <path
        class="accepted"
        d={bars(
          () => 0,
          ({ accepted }) => accepted,
        )}
      />
      <path
        class="refused"
        d={bars(
          ({ accepted }) => accepted,
          ({ attempts }) => attempts,
        )}
      />
    </svg>
  )
}

function oneDigit(value: number): number {
  return Math.round(value * 10) / 10
}
