import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** One tunnel that was asked for, as far as tests look at it. */
export interface SeenTunnel {
  /** Host and port, as the client named them. */
  readonly target: string;
  /** The login in clear; undefined where none came. */
  readonly login: string | undefined;
}

export interface ConnectProxy {
  readonly port: number;
  readonly tunnels: readonly SeenTunnel[];
  /** Resolves with the first tunnel that is asked for, and when its connection is closed. */
  readonly asked: Promise<void>;
  readonly left: Promise<void>;
  /** Changes where later tunnels lead. */
  readonly leadTo: (end: TunnelEnd) => void;
  close(): Promise<void>;
}

/** Where a tunnel leads: a port of this machine, a text that ends the connection, or nowhere and for ever. */
export type TunnelEnd = number | string | undefined;

/** The variables that name a proxy, in both spellings. */
const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** A proxy on loopback that takes CONNECT alone, whatever the target's name. */
export async function startConnectProxy(first: TunnelEnd): Promise<ConnectProxy> {
  let end = first;
  const tunnels: SeenTunnel[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connect", ({ url = "", headers }: IncomingMessage, socket: Socket) => {
    const [, base64] = /^Basic (.*)$/.exec(headers["proxy-authorization"] ?? "") ?? [];
    const login = base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("utf8");
    tunnels.push({ target: url, login });
    socket.on("error", () => undefined);
    socket.on("close", () => server.emit("left"));
    server.emit("asked");
    if (end === undefined) socket.on("end", () => socket.end()).resume();
    else if (typeof end === "string") socket.end(end);
    else tunnel(socket, end);
  });
  server.on("connection", (socket) => sockets.add(socket));
  const once = (event: string): Promise<void> =>
    new Promise((resolve) => server.once(event, resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    asked: once("asked"),
    left: once("left"),
    leadTo: (next) => {
      end = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function tunnel(socket: Socket, port: number): void {
  const target = connect(port, "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(target).pipe(socket);
  });
  target.on("error", () => socket.destroy());
  socket.on("close", () => target.destroy());
}

/** Sets the variables for the tests of a file, and gives them back. No other is set meanwhile. */
export function proxyVariables(): {
  readonly set: (variables: Readonly<Record<string, string>>) => void;
  readonly restore: () => void;
} {
  const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
  const clear = (): void => {
    for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
  };
  return {
    set: (variables) => {
      clear();
      Object.assign(process.env, variables);
    },
    restore: () => {
      clear();
      for (const [name, value] of Object.entries(before))
        if (value !== undefined) process.env[name] = value;
    },
  };
}
