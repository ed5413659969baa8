-- What it takes to send a request could not be had, such as the keys to sign it with. Nothing was sent.
ALTER TYPE "requeuest_attempt_outcome" ADD VALUE IF NOT EXISTS 'unprepared';
