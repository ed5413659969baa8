// The first step of `npm run demo`, because the next ones, Prisma's client and a database, take some seconds.
process.stdout.write(`Requeuest's demo: each request until it is delivered. It takes about 15 seconds.
Ctrl-C ends it and takes back what is not delivered.

`)
