// A real OpenID provider on loopback, for the tests: node provider.js PORT REDIRECT_URI…. Anybody may sign in with any
// name; the name becomes the e-mail address, verified unless it begins with "unverified".
import Provider from "oidc-provider";

const [port, ...redirectUris] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "reflect", client_secret: "a secret of the tests", redirect_uris: redirectUris }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified") }),
  }),
  cookies: { keys: ["only for tests"] },
});
// Its own pages want letters of a stranger's; a test goes to nobody else.
provider.use(async (context, next) => {
  if (context.path === "/favicon.ico") return (context.status = 204);
  await next();
  if (typeof context.body === "string") context.body = context.body.replace(/@import url\([^)]*\);/, "");
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
