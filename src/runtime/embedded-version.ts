// Made by `npm run embed` out of prisma/ and package.json.

export const version: string = "0.1.0"
