// PostGraphile, which makes its schema from the tables, on Node's own server.
import { createServer } from "node:http";

import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const service = makePgService({
  connectionString: process.env.DATABASE,
  schemas: ["peer"],
  poolConfig: { max: 10 },
});
const graphile = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [service],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
});
const server = createServer();
await graphile.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
