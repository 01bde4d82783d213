// Starts GraphiQL. The token goes into the headers editor and is kept nowhere.
'use strict';

const HEADERS = '{\n  "Authorization": "Bearer "\n}';
const QUERY = [
  '# 1. Make a token, as in: candor token --role bca_reviewer',
  '# 2. Paste it after "Bearer " in the Headers editor below.',
  '# 3. Load the schema with the round arrow (Re-fetch GraphQL schema).',
  '{',
  '  viewer {',
  '    __typename',
  '  }',
  '}',
  '',
].join('\n');

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
    defaultQuery: QUERY,
    defaultHeaders: HEADERS,
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
  }),
);
