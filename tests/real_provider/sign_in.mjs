// Signs `rosa` in by the authorization code flow with PKCE, as a browser does, and prints the access
// token and the ID token: sign_in.mjs ISSUER
import { createHash, randomBytes } from 'node:crypto';

const [issuer] = process.argv.slice(2);
const verifier = randomBytes(32).toString('base64url');
const redirect = 'http://127.0.0.1/callback';
const cookies = new Map();

async function send(url, form) {
  const headers = { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
  const body = form && new URLSearchParams(form);
  const response = await fetch(url, { headers, body, method: body ? 'POST' : 'GET', redirect: 'manual' });
  for (const cookie of response.headers.getSetCookie()) {
    const [name, ...value] = cookie.split(';')[0].split('=');
    cookies.set(name, value.join('='));
  }
  return response;
}

const query = new URLSearchParams({
  client_id: 'candor-web',
  response_type: 'code',
  redirect_uri: redirect,
  scope: 'openid',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
});
let url = `${issuer}/auth?${query}`;
for (let step = 0; !url.startsWith(redirect); step += 1) {
  if (step > 20) throw new Error(`no code after ${step} steps, at ${url}`);
  let response = await send(url);
  if (response.status === 200) {
    // The pages of the login and of the consent.
    const page = await response.text();
    const prompt = page.includes('value="login"') ? 'login' : 'consent';
    response = await send(url, { prompt, login: 'rosa', password: 'any' });
  }
  const next = response.headers.get('location');
  if (!next) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  url = new URL(next, url).href;
}
const code = new URL(url).searchParams.get('code');
if (!code) throw new Error(url);
const answer = await send(`${issuer}/token`, {
  grant_type: 'authorization_code',
  client_id: 'candor-web',
  redirect_uri: redirect,
  code,
  code_verifier: verifier,
});
const tokens = await answer.json();
if (!tokens.access_token) throw new Error(JSON.stringify(tokens));
console.log(tokens.access_token);
console.log(tokens.id_token);
