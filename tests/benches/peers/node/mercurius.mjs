// Mercurius on Fastify: compiled queries, loaders, prepared statements. With PUBLIC_KEY it verifies a
// token of each request (cached, as fast-jwt does) and reads a membership.
import { createVerifier } from "fast-jwt";
import Fastify from "fastify";
import mercurius from "mercurius";

import { agreements, fields, firm, firms, membership, newestFilings, schema } from "./queries.mjs";

const server = Fastify();
const verify = process.env.PUBLIC_KEY && createVerifier({ key: process.env.PUBLIC_KEY, cache: true });

async function context(request) {
  if (!verify) return {};
  const { sub } = verify(request.headers.authorization.slice("Bearer ".length));
  return { membership: await membership(sub) };
}

server.register(mercurius, {
  schema,
  context,
  jit: 1,
  resolvers: {
    Query: {
      firms: (_, { first, after }) => firms(first, after),
      firm: (_, { id }) => firm(id),
    },
    ...fields,
  },
  loaders: {
    Firm: { newestFiling: (queries) => newestFilings(queries.map(({ obj }) => obj.id)) },
    Filing: { agreements: (queries) => agreements(queries.map(({ obj }) => obj)) },
  },
});
await server.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
