import type { RequestListener } from "node:http";
import { createServer, type Agent } from "node:https";
import type { AddressInfo } from "node:net";

import { getAdapter, type AxiosAdapter } from "axios";

/** A fake key that was made for these tests, and protects nothing. */
export const FAKE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEvDDNYMlIUVVxWGq
ltvFUxpkqoE9VCq3/sQrqS/+laqhRANCAASYQyOG2TziC2oAaqleB6jQPJhKLVYo
3LE55oV7UQKfsbW6/aNBC2bXusbpW0YV+AQezddF6XK9mPgsmMa62/An
-----END PRIVATE KEY-----`;

/** Its certificate, for `cds.invalid`, `files.cds.invalid` and `localhost`, until 2126. */
export const FAKE_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBuzCCAWGgAwIBAgIUKhB4pMgkVLeD+XvLuub+hejPwe0wCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLY2RzLmludmFsaWQwIBcNMjYxMTI2MDczMzIyWhgPMjEyNjEx
MDIwNzMzMjJaMBYxFDASBgNVBAMMC2Nkcy5pbnZhbGlkMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEmEMjhtk84gtqAGqpXgeo0DyYSi1WKNyxOeaFe1ECn7G1uv2j
QQtm17rG6VtGFfgEHs3XRelyvZj4LJjGutvwJ6OBijCBhzAdBgNVHQ4EFgQUM1nl
YYuXJwretURXLxKHTBBvi/YwHwYDVR0jBBgwFoAUM1nlYYuXJwretURXLxKHTBBv
i/YwDwYDVR0TAQH/BAUwAwEB/zA0BgNVHREELTArggtjZHMuaW52YWxpZIIRZmls
ZXMuY2RzLmludmFsaWSCCWxvY2FsaG9zdDAKBggqhkjOPQQDAgNIADBFAiBrFRVf
kefKfo/ZvZpiGDwZBb5pkVHIO6bD160utAoyHQIhAMIHFEzwMJdGaX+J6iVmv2r1
lQwxU8lfQMyPSJERbUxR
-----END CERTIFICATE-----`;

export interface TlsServer {
  readonly port: number;
  /** How many connections came. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** A server on loopback that speaks TLS with the fake certificate. */
export async function startTlsServer(answer: RequestListener): Promise<TlsServer> {
  const server = createServer({ key: FAKE_KEY, cert: FAKE_CERTIFICATE }, answer);
  let connections = 0;
  server.on("secureConnection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends over the real network, where the fake certificate is trusted, with more of axios' options. */
export function trusting(options: object = {}): AxiosAdapter {
  return (config) => {
    Object.assign((config.httpsAgent as Agent).options, { ca: FAKE_CERTIFICATE });
    return getAdapter("http")({ ...config, ...options });
  };
}
