// The application's own instance, with its keys and renderers: what `npx requeuest drain` and `show --reveal` load from the current folder.
// In an app: import { http, Requeuest } from 'requeuest'
import { http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

// 32 bytes from your secret store; `openssl rand -base64 32` creates some.
const key = process.env['QUEUE_KEY'] ?? Buffer.alloc(32, 'example').toString('base64')

export const requeuest = new Requeuest(prisma, { network, encryption: { keys: { '2026': key }, current: '2026' } })

requeuest.renderer<{ name: string }>('greeting', ({ args }) => http.get(`${receiver}/greetings/${args.name}`))
