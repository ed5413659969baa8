// A request that is spawned repeatedly by a cron expression.
// In an app: import { http, Requeuest } from 'requeuest'
import { http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
await requeuest.start({ channels: 'all' })
const delivered = (wanted: string) =>
  new Promise<void>((resolve) => requeuest.on('delivered', ({ channel }) => channel === wanted && resolve()))

// Every second: six fields. The requests take the options of a spawn.
const request = http.post(`${receiver}/tick`, { json: { kind: 'tick' } })
const definition = { cron: '* * * * * *', timezone: 'Europe/Vienna', channel: 'ticks', request }
const next = await requeuest.schedule('tick', definition, { retry: { maxAttempts: 5 } })
await delivered('ticks')
console.log('paused:', await requeuest.pauseSchedule('tick'))
const [first] = await prisma.httpRequest.findMany({ where: { schedule: 'tick' }, orderBy: { scheduledFor: 'asc' } })
console.log('fired for the time that was told:', first?.scheduledFor?.getTime() === next?.getTime())

// A row created with Prisma is a schedule, too.
await prisma.httpSchedule.create({
  data: { name: 'report', cron: '@daily', channel: 'reports', url: `${receiver}/report`, nextRunAt: new Date() },
})
await delivered('reports')

for (const { name, nextRunAt } of await requeuest.schedules()) {
  console.log(name, nextRunAt === null ? 'is paused' : `fires next at ${nextRunAt.toISOString().slice(11)}`)
}
await requeuest.schedule('wrong', { ...definition, cron: '0 25 * * *' }).catch(({ message }) => console.log(message))
console.log('removed:', await requeuest.unschedule('tick'))

await requeuest.stop()
await prisma.$disconnect()
