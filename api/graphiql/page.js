// Starts GraphiQL. The token goes into the headers editor and is kept nowhere.
'use strict';

const HEADERS = '{\n  "Authorization": "Bearer "\n}';
const QUERY = [
  '# 1. candor token --role bca_reviewer',
  '# 2. Paste the token below, at Bearer.',
  '# 3. Load the schema: the round arrow.',
  '{',
  '  viewer {',
  '    __typename',
  '  }',
  '}',
  '',
].join('\n');
const NO_TOKEN =
  'No token yet: paste one behind "Bearer" in the Headers editor, then load the schema with the ' +
  'round arrow (Re-fetch GraphQL schema).';

const send = GraphiQL.createFetcher({ url: '/graphql' });

// Asks the service, unless there is no token: nothing is answered without one.
function fetcher(request, options) {
  const headers = Object.entries(options?.headers ?? {});
  const hasToken = headers.some(
    ([name, value]) => name.toLowerCase() === 'authorization' && /^Bearer \S/i.test(value),
  );
  return hasToken ? send(request, options) : { errors: [{ message: NO_TOKEN }] };
}

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: QUERY,
    defaultHeaders: HEADERS,
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
  }),
);
