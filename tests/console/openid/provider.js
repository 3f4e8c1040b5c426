// A certified OpenID provider with three people: sam (call centre), root (administrators) and nora (of no group). Any password will do.
// node provider.js PORT CONSOLE_URL
import { Provider } from "oidc-provider";

const [port, console_url] = process.argv.slice(2);
const groups = { sam: ["call-centre"], root: ["hearback-admins", "call-centre"], nora: ["museums"] };
const names = { sam: "Sam", root: "Ruth", nora: "Nora" };

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: "hearback",
      client_secret: "a secret that both know",
      redirect_uris: [`${console_url}/sign-in/openid/callback`],
      post_logout_redirect_uris: [`${console_url}/sign-in`],
    },
  ],
  claims: { openid: ["sub"], profile: ["preferred_username", "given_name", "groups"], email: ["email"] },
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
  ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
  async findAccount(context, id) {
    return {
      accountId: id,
      async claims() {
        return { sub: id, groups: groups[id] ?? [], preferred_username: id, given_name: names[id], email: `${id}@council.example` };
      },
    };
  },
});

provider.listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
