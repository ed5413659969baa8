CREATE TABLE "orders" (
  "id" SERIAL NOT NULL,
  "number" TEXT NOT NULL,
  "open" BOOLEAN NOT NULL DEFAULT true,
  CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "orders_number_key" ON "orders" ("number");
CREATE INDEX "orders_open_idx" ON "orders" ("number") WHERE ("open" = true);
