// ltijs with its PostgreSQL plugin, set up as both READMEs show. Started as `node ltijs_server.js PORT`.
const Database = require('ltijs-sequelize')
const lti = require('ltijs').Provider

const env = process.env
const database = new Database(env.PGDATABASE, env.PGUSER, '', {
  host: env.PGHOST, port: Number(env.PGPORT), dialect: 'postgres', logging: false
})

lti.setup('a-key-for-the-benchmark-only', { plugin: database }, {
  appRoute: '/launch',
  loginRoute: '/login',
  cookies: { secure: true, sameSite: 'None' },
  tokenMaxAge: 60 // its default of 10 s would refuse tokens signed before a slow phase began
})
lti.onConnect((token, request, response) => response.send(
  `<!doctype html><html lang="en"><title>How are you?</title><h1>Hello, ${token.userInfo.name}</h1></html>`
))

const start = async () => {
  await lti.deploy({ serverless: true, silent: true })
  await lti.registerPlatform({
    url: env.LTI_ISSUER,
    name: 'Benchmark',
    clientId: env.LTI_CLIENT_ID,
    authenticationEndpoint: env.LTI_AUTH_URL,
    accesstokenEndpoint: env.LTI_TOKEN_URL,
    authConfig: { method: 'JWK_SET', key: env.LTI_KEYSET_URL }
  })
  lti.app.listen(Number(process.argv[2]), '127.0.0.1')
}
start()
