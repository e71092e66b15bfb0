/** Opens the store of the folder in argv, commits one row, says so, and holds the store until it is killed. */
import pg from "pg";
import { openStore } from "../../../provider-agent/src/store/openStore.ts";

const [folder = ""] = process.argv.slice(2);
const store = await openStore({ folder, fsync: false });
const client = new pg.Client({ connectionString: store.connectionString });
await client.connect();
await client.query("CREATE TABLE IF NOT EXISTS note (text text)");
await client.query("INSERT INTO note VALUES ('committed')");
console.log("committed");
