// GraphQL Yoga with dataloader, on Node's own server.
import { createServer } from "node:http";

import DataLoader from "dataloader";
import { createSchema, createYoga } from "graphql-yoga";

import { agreements, fields, firm, firms, newestFilings, schema } from "./queries.mjs";

const resolvers = {
  Query: {
    firms: (_, { first, after }) => firms(first, after),
    firm: (_, { id }) => firm(id),
  },
  Firm: { ...fields.Firm, newestFiling: (row, _, context) => context.filings.load(row.id) },
  Filing: { ...fields.Filing, agreements: (row, _, context) => context.agreements.load(row) },
  Agreement: fields.Agreement,
};
const yoga = createYoga({
  schema: createSchema({ typeDefs: schema, resolvers }),
  context: () => ({
    filings: new DataLoader(newestFilings),
    agreements: new DataLoader(agreements),
  }),
  logging: false,
  graphiql: false,
  landingPage: false,
});
createServer(yoga).listen(Number(process.env.PORT), "127.0.0.1");
