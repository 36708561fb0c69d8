// Real providers on free ports, for the tests: `oidc-provider`, an OpenID Connect provider as it
// should be, and `oauth2-mock-server`, which behaves as the client's id says. Prints where they
// are, and ends with its input.

import { OAuth2Server } from 'oauth2-mock-server';
import Provider from 'oidc-provider';

const mock = new OAuth2Server();
await mock.issuer.keys.generate('RS256');
await mock.start(0, '127.0.0.1');

const clientOf = (req) => {
  const [scheme, credentials] = (req.headers.authorization ?? '').split(' ');
  if (scheme === 'Basic') return decodeURIComponent(atob(credentials).split(':')[0]);
  if (scheme === 'Bearer') return JSON.parse(Buffer.from(credentials.split('.')[1], 'base64url')).client;
  return req.body.client_id;
};

mock.service.on('beforeTokenSigning', ({ payload }, req) => {
  const client = clientOf(req);
  if (!('aud' in payload)) {
    payload.client = client;
    return;
  }
  payload.sub = 'ann-at-mock';
  payload.email = 'ann@example.org';
  payload.email_verified = client !== 'unvouched';
  payload.name = 'Ann';
  if (client === 'wrong-nonce') payload.nonce = 'another';
  if (client === 'no-nonce') delete payload.nonce;
  if (client === 'wrong-audience') payload.aud = 'somebody-else';
  if (client === 'wrong-issuer') payload.iss = 'https://evil.example';
  if (client === 'expired') payload.exp = Math.floor(Date.now() / 1000) - 3600;
});

const base64url = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');

mock.service.on('beforeResponse', (response, req) => {
  const client = clientOf(req);
  const body = response.body;
  if (client === 'no-algorithm') {
    body.id_token = `${base64url({ alg: 'none' })}.${body.id_token.split('.')[1]}.`;
  }
  if (client === 'forged') {
    const [header, payload, signature] = body.id_token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    body.id_token = `${header}.${base64url({ ...claims, sub: 'victim' })}.${signature}`;
  }
  if (client === 'naver') body.expires_in = '3600';
  if (client === 'naver-refuses' || client === 'github-refuses') {
    // as they do: with status 200
    response.body = { error: 'invalid_request', error_description: `no valid ${req.body.code}` };
  }
});

mock.service.on('beforeUserinfo', (response, req) => {
  switch (clientOf(req)) {
    case 'naver':
      response.body = {
        resultcode: '00',
        message: 'success',
        response: { id: 'naver-ann', email: 'ann@example.org', nickname: '앤' },
      };
      break;
    case 'naver-fails':
      response.body = { resultcode: '024', message: 'Authentication failed' };
      break;
    case 'kakao':
      response.body = {
        id: 4503599627370497,
        kakao_account: {
          email: 'ann@example.org',
          is_email_valid: true,
          is_email_verified: true,
          profile: { nickname: '앤' },
        },
      };
      break;
    case 'github':
      if (req.headers['user-agent'] === undefined) response.statusCode = 403;
      response.body = { id: 7, login: 'ann', email: null };
      break;
    default:
      response.body = { sub: 'ann-at-mock' };
  }
});

const make = (at) => {
  const provider = new Provider(`http://127.0.0.1:${at}`, {
    clients: [{ client_id: 'reeltime', client_secret: 'oidc-hush', redirect_uris: ['http://127.0.0.1/'] }],
    cookies: { keys: ['for a test alone'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true, name: id }),
    }),
    pkce: { required: () => true },
  });
  // the tests' own addresses, whatever their ports
  provider.Client.prototype.redirectUriAllowed = (uri) => /^http:\/\/127\.0\.0\.1:\d+\/sign-in\/oidc\/back$/.test(uri);
  return provider;
};

// the issuer is its address: it must be known before
const free = async () => {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
};
const at = await free();
await new Promise((resolve) => make(at).listen(at, '127.0.0.1', resolve));

console.log(JSON.stringify({ mock: mock.issuer.url, oidc: `http://127.0.0.1:${at}` }));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
