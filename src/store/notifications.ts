import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** What workers of this database listen to. The payload is the name of a channel. */
export const TOPIC = 'requeuest'

/** Tells whoever listens that something was spawned into these channels. */
export function notifyChannels(db: PrismaTransactionLike, channels: readonly string[]) {
  return db.$executeRaw`SELECT /* requeuest:notifyChannels */ pg_notify(${TOPIC}, channel) FROM unnest(${textList(channels)}::text[]) AS spawned (channel)`
}

/** @param topic - letters, digits and underscores only */
export function listenTo(topic: string): string {
  return `LISTEN /* requeuest:listenTo */ ${topic}`
}

/** Tells who listens to this topic, and nothing else. */
export function notifyTopic(db: PrismaTransactionLike, topic: string) {
  return db.$executeRaw`SELECT /* requeuest:notifyTopic */ pg_notify(${topic}, '')`
}
