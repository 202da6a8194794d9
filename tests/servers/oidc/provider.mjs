// A certified OpenID provider on loopback: node provider.mjs FOLDER PORT CLIENT_ID SECRET REDIRECT_URI
// Its own pages take any name as log-in; the account NAME has the address NAME@lakeside.example, verified
// unless the name begins with "unverified". Says "ready" once it listens.
const [folder, port, client_id, client_secret, redirect_uri] = process.argv.slice(2);
const { default: Provider } = await import(`${folder}/node_modules/oidc-provider/lib/index.js`);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id, client_secret, redirect_uris: [redirect_uri] }],
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@lakeside.example`, email_verified: !id.startsWith('unverified') }),
  }),
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['of the tests'] },
  pkce: { required: () => true },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
