import type { Situation } from '../../../inspect/situation.ts'
import { Note, type Tone } from '../../view/badge.tsx'
import { plural } from '../../view/format.ts'
import type { Html } from '../../view/html.ts'
import { Time, TimeOrNone } from '../../view/time.tsx'
import type { View } from '../../view/view.ts'
import { failedBecause } from './failed-because.ts'
import { type Asked, obstaclesOf, type Step, stepOf } from './next-step.ts'
import { limitsText, Obstacles } from './obstacles.tsx'

interface NextStepProps {
  view: View
  request: Asked & { channel: string; bodiesPruned: boolean }
  situation: Situation
}

/** What becomes of the request next, and when, in a sentence; and what stands in the way. */
export function NextStep({ view, request, situation }: NextStepProps) {
  const step = stepOf(request, situation)
  const obstacles = obstaclesOf(request, situation)
  const { handler } = situation
  return (
    <Note tone={obstacles.length > 0 ? 'warn' : toneOf(step)}>
      <StepText step={step} view={view} isSent={request.attemptCount > 0} />
      {obstacles.length > 0 && (
        <>
          {step.kind === 'due' ? ' But ' : ' Besides, '}
          <Obstacles all={obstacles} view={view} channel={request.channel} origin={situation.origin} />.
        </>
      )}
      {step.kind === 'due' && obstacles.length === 0 && ` ${limitsText(situation)}`}
      {handler && (
        <>
          {` Its channel’s handler has yet to run${handler.errors > 0 ? `: it has failed ${plural(handler.errors, 'time')}, and` : ', which'} is due `}
          <Time at={handler.dueAt} />.
        </>
      )}
      {request.bodiesPruned && ' Its bodies have been deleted, so it cannot be sent again.'}
    </Note>
  )
}

function toneOf({ kind }: Step): Tone {
  if (kind === 'delivered') return 'good'
  if (kind === 'failed' || kind === 'held') return 'bad'
  return kind === 'lease_over' ? 'warn' : 'plain'
}

function StepText({ step, view, isSent }: { step: Step; view: View; isSent: boolean }): Html {
  const link = (id: string, text: string) => <a href={view.href(`/requests/${id}`)}>{text}</a>
  switch (step.kind) {
    case 'held':
      return (
        <>
          Its line was held <TimeOrNone at={step.since} />, when {link(step.by, 'a request before it')} failed. It goes
          on when the line is released or that request redriven.
        </>
      )
    case 'in_line':
      if (step.behind === null)
        return <>Nothing is before it in its line any more: a worker lets it go within seconds.</>
      return (
        <>
          It waits until those before it in its line are final. {link(step.behind.id, 'The first of them')} is{' '}
          {step.behind.state}.
        </>
      )
    case 'retry':
      return (
        <>
          It waits for its retry: attempt {step.number} is due <Time at={step.at} />.
        </>
      )
    case 'delayed':
      return (
        <>
          It is due <Time at={step.at} />, and has not been sent yet.
        </>
      )
    case 'due':
      return (
        <>
          It became due <Time at={step.since} />, and a worker takes it when its turn comes.
        </>
      )
    case 'claimed':
      return (
        <>
          The worker <bdi>{step.by}</bdi> took it <TimeOrNone at={step.since} /> and may be sending attempt{' '}
          {step.number}. Should it not report, another one takes over: its lease ends <TimeOrNone at={step.until} />.
        </>
      )
    case 'lease_over':
      return (
        <>
          The worker <bdi>{step.by}</bdi> has not reported, and its lease ended <TimeOrNone at={step.since} />. Any
          worker that runs takes the request back within seconds.
        </>
      )
    case 'delivered':
      return (
        <>
          Delivered <TimeOrNone at={step.at} /> by attempt {step.number}
          {step.status === null ? '' : `, with status ${step.status}`}. Nothing more happens.
        </>
      )
    case 'failed':
      return (
        <>
          Failed <TimeOrNone at={step.at} />: {failedBecause(step.code)}.{' '}
          {step.holdsLine
            ? 'It holds its line until it is redriven or the line is released.'
            : 'Nothing more happens unless it is redriven.'}
        </>
      )
    case 'cancelled':
      return (
        <>
          Cancelled <TimeOrNone at={step.at} />
          {isSent && ', after it had been sent'}. Nothing more happens unless it is redriven.
        </>
      )
  }
}
