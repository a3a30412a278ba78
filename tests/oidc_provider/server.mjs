// An OpenID provider on 127.0.0.1 for tests and the demo: made-up people, levels of assurance, keys that can be changed.
//
// usage: node server.mjs PORT CLIENTS.json    (a list of OpenID client metadata)
// It says {"ready": true} on its output. POST /test/rotate gives it a new signing key. It ends with its standard input.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const clients = JSON.parse(readFileSync(process.argv[3], 'utf-8'));
const people = JSON.parse(readFileSync(new URL('people.json', import.meta.url), 'utf-8'));
const issuer = `http://127.0.0.1:${port}`;
const ACR = { account: 'urn:test:account', 'real-name': 'urn:test:real-name', 'real-person': 'urn:test:real-person' };
const AMR = { account: ['pwd'], 'real-name': ['pwd'], 'real-person': ['pwd', 'face'] };
const PROFILE = ['name', 'id_number', 'phone_number', 'employee_no', 'uscc', 'org_name'];

function signingKey() {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return { ...jwk, use: 'sig', alg: 'RS256', kid: randomBytes(6).toString('hex') };
}

async function findAccount(ctx, sub) {
  const person = people.find((each) => each.sub === sub);
  return person && { accountId: sub, claims: () => ({ ...person, levels: undefined }) };
}

/** Consent is given beforehand: the provincial system and this platform belong to one government. */
async function loadExistingGrant(ctx) {
  const { client, session, provider, params } = ctx.oidc;
  const known = session.grantIdFor(client.clientId);
  const grant = (known && (await provider.Grant.find(known))) || new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  await grant.save();
  return grant;
}

function page(title, body) {
  return `<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1>${body}</html>`;
}

const cookieKeys = [randomBytes(16).toString('hex')];

function makeProvider() {
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys: [signingKey()] },
    cookies: { keys: cookieKeys },
    findAccount,
    // Its own guard refuses 127.0.0.1, where the deployment under test listens.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    loadExistingGrant,
    acrValues: Object.values(ACR),
    scopes: ['openid', 'offline_access', 'population.read', 'population.write'],
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], profile: PROFILE, sid: null, iss: null },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => { ctx.body = page('退出统一身份认证', `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">退出</button>`); },
        postLogoutSuccessSource: (ctx) => { ctx.body = page('已退出统一身份认证', ''); },
      },
    },
    interactions: { url: (ctx, interaction) => `/log-in/${interaction.uid}` },
    ttl: { AccessToken: 300, ClientCredentials: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
  });
  provider.on('backchannel.error', (ctx, error, client) => console.error('backchannel', client.clientId, error.message, String(error.cause)));
  provider.on('server_error', (ctx, error) => console.error('server', error));
  return provider;
}

let provider = makeProvider();
let callback = provider.callback();

function read(request) {
  return new Promise((resolve) => {
    let text = '';
    request.on('data', (piece) => { text += piece; });
    request.on('end', () => resolve(new URLSearchParams(text)));
  });
}

async function logIn(request, response) {
  const { params, uid } = await provider.interactionDetails(request, response);
  const asked = (params.acr_values ?? '').split(' ').filter(Boolean);
  if (request.method !== 'POST') {
    const levels = Object.entries(ACR).map(([level, acr], index) => {
      const chosen = asked.length > 0 ? acr === asked[0] : index === 0;
      return `<label><input type="radio" name="level" value="${level}"${chosen ? ' checked' : ''}> ${level}</label>`;
    });
    const persons = people.map((each) => `<button type="submit" name="sub" value="${each.sub}">${each.name}</button>`);
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page('统一身份认证（测试）', `<form method="post" action="/log-in/${uid}"><p>${levels.join(' ')}</p><p>${persons.join(' ')}</p><button type="submit" name="refuse" value="1">拒绝</button></form>`));
    return;
  }
  const form = await read(request);
  const person = people.find((each) => each.sub === form.get('sub'));
  const level = form.get('level') ?? 'account';
  if (form.get('refuse') || !person) {
    await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'refused' });
    return;
  }
  const reached = person.levels.includes(level) ? level : person.levels.at(-1);
  const login = { accountId: person.sub, acr: ACR[reached], amr: AMR[reached], remember: true };
  await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
}

const server = createServer(async (request, response) => {
  try {
    if (request.url.startsWith('/log-in/')) await logIn(request, response);
    else if (request.url === '/test/rotate' && request.method === 'POST') {
      provider = makeProvider();
      callback = provider.callback();
      response.end('{}');
    } else callback(request, response);
  } catch (error) {
    console.error(error);
    response.statusCode = 400;
    response.end(page('登录已失效', ''));
  }
});
server.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ ready: true })));
process.stdin.on('end', () => process.exit(0)).resume();
