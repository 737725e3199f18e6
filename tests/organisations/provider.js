// SPDX-License-Identifier: Apache-2.0
// EXERCISE: a provider on this machine alone; whoever types a name there is that person.
//   node provider.js PORT REDIRECT_URI
import {Provider} from "oidc-provider";

const [port, back] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: ["truceline", "another-service"].map((name) => ({
    client_id: name,
    client_secret: `EXERCISE secret of ${name}: +/=%&`,
    redirect_uris: [back],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  })),
  cookies: {keys: ["EXERCISE"]},
  pkce: {required: () => true},
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
