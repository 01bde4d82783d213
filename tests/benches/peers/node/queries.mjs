// The statements of the peers, prepared once for each connection: on their own tables, or with TABLES=candor on
// Candor's, where a filing's agreements are in its text.
import pg from "pg";

const isOnCandors = process.env.TABLES === "candor";

// Counts and amounts are text in GraphQL, as PostgreSQL sends them.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => text);
const pool = new pg.Pool({ connectionString: process.env.DATABASE, max: 10 });

async function rows(name, text, values) {
  return (await pool.query({ name, text, values })).rows;
}

function group(found, key) {
  const groups = new Map();
  for (const row of found) {
    const group = groups.get(row[key]);
    if (group) group.push(row);
    else groups.set(row[key], [row]);
  }
  return groups;
}

const [firmTable, firmName] = isOnCandors ? ["organization", "legal_name AS name"] : ["peer.firm", "name"];

export const firms = (first, after) =>
  rows(
    "firms",
    `SELECT id, ${firmName}, kind, created_at FROM ${firmTable} WHERE id > $2 ORDER BY id LIMIT $1`,
    [first, after],
  );

export const firm = async (id) =>
  (
    await rows(
      "firm",
      `SELECT id, ${firmName}, kind, created_at, updated_at FROM ${firmTable} WHERE id = $1`,
      [id],
    )
  )[0];

const newestFilingOfEach = isOnCandors
  ? `SELECT DISTINCT ON (disclosure.organization_id) disclosure.organization_id AS firm_id, id, status,
       disclosure.filed_at, statement
     FROM disclosure JOIN filing USING (id) WHERE disclosure.organization_id = ANY($1)
     ORDER BY disclosure.organization_id, disclosure.version DESC`
  : `SELECT DISTINCT ON (firm_id) firm_id, id, status, filed_at FROM peer.filing
     WHERE firm_id = ANY($1) ORDER BY firm_id, filed_at DESC`;

/** The newest filing of each firm, in the order of the ids. */
export async function newestFilings(ids) {
  const found = await rows("filings", newestFilingOfEach, [ids]);
  const byFirm = new Map(found.map((row) => [row.firm_id, row]));
  return ids.map((id) => byFirm.get(id) ?? null);
}

/** The agreements of each filing, in the order of the filings. */
export async function agreements(filings) {
  if (isOnCandors) return filings.map((filing) => JSON.parse(filing.statement).dhs.agreements);
  const ids = filings.map((filing) => filing.id);
  const found = await rows(
    "agreements",
    `SELECT filing_id, identifier, kind, component, nature_of_work FROM peer.agreement
     WHERE filing_id = ANY($1)`,
    [ids],
  );
  const byFiling = group(found, "filing_id");
  return ids.map((id) => byFiling.get(id) ?? []);
}

/** The membership of a person in a firm. */
export const membership = async (subject) =>
  (await rows("membership", "SELECT firm_id FROM peer.membership WHERE subject = $1", [subject]))[0];

export const schema = `
  type Agreement { identifier: String! kind: String! component: String! natureOfWork: String! }
  type Filing { id: ID! status: String! filedAt: String! agreements: [Agreement!]! }
  type Firm { id: ID! legalName: String! kind: String! createdAt: String! updatedAt: String! newestFiling: Filing }
  type Query { firms(first: Int = 50, after: ID = 0): [Firm!]! firm(id: ID!): Firm }
`;

export const fields = {
  Firm: {
    legalName: (row) => row.name,
    createdAt: (row) => row.created_at.toISOString(),
    updatedAt: (row) => row.updated_at.toISOString(),
  },
  Filing: { filedAt: (row) => row.filed_at.toISOString() },
  Agreement: {
    natureOfWork: (row) => (isOnCandors ? row.natureOfWork[0] : row.nature_of_work),
  },
};
