/** Takes one job of the queue `lots` over the connection in argv, says so, and never finishes it. */
import { createPostgresBackend, withBackend } from "bullmq";
import { leaseOptions } from "../fixture.ts";

const [connection = "{}"] = process.argv.slice(2);
const { Worker } = withBackend(createPostgresBackend);
const worker = new Worker("lots", takeForEver, {
  connection: JSON.parse(connection),
  ...leaseOptions,
});
worker.on("error", (error) => console.error(error));

async function takeForEver(): Promise<void> {
  console.log("taken");
  await new Promise(() => {});
}
