ALTER TABLE "orders" ADD COLUMN "request_id" UUID;
CREATE UNIQUE INDEX "orders_request_id_key" ON "orders" ("request_id");
ALTER TABLE "orders" ADD CONSTRAINT "orders_request_id_fkey" FOREIGN KEY ("request_id")
  REFERENCES "requeuest_request" ("id") ON DELETE SET NULL ON UPDATE CASCADE;
