// An OpenID provider for tests/real_provider.sh: provider.mjs PORT ALGORITHM. Its key is made anew at
// each start.
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const [port, alg] = process.argv.slice(2);
const { privateKey } = await generateKeyPair(alg, { crv: 'Ed25519', extractable: true });
const key = { ...(await exportJWK(privateKey)), kid: randomUUID(), use: 'sig', alg };
const resource = 'https://candor.city.example';

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [key] },
  cookies: { keys: [randomUUID()] },
  clients: [
    {
      client_id: 'candor-web',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
      id_token_signed_response_alg: alg,
    },
  ],
  features: {
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'openid',
        audience: 'candor',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg } },
      }),
    },
  },
  // `admin` is a role that its configuration in Candor does not let it grant.
  extraTokenClaims: () => ({
    name: 'Rosa Reviewer',
    roles: ['bca_reviewer', 'admin'],
    email: 'rosa@city.example',
    email_verified: true,
  }),
});
provider.on('server_error', (_, error) => console.error(error));
provider.listen(Number(port), '127.0.0.1');
