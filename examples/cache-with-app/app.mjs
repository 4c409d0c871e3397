// Counts its own starts in Redis. It speaks the protocol itself, so that the example needs no client;
// a real application uses one: `npm install redis`.
import { connect } from "node:net";
import { text } from "node:stream/consumers";

const { hostname, port, password } = new URL(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

try {
  console.log(`started ${await increment("starts", hostname, port)} times`);
} catch (error) {
  console.error(`Redis: ${error.message}`);
  process.exitCode = 1;
}

/** Adds 1 to a number, and returns it. In a cluster, the first server says which server has the number. */
async function increment(key, host, port, hops = 5) {
  const commands = [["INCR", key], ["QUIT"]];
  if (password !== "") commands.unshift(["AUTH", decodeURIComponent(password)]);
  const answers = await ask(host, port, commands);
  const error = answers.find((answer) => answer.startsWith("-"))?.slice(1);
  // Such as `MOVED 3999 10.0.0.2:6379`. Without a host it is a port of the same server.
  const [, otherHost, otherPort] = /^MOVED \d+ (.*):(\d+)$/.exec(error ?? "") ?? [];
  if (otherPort !== undefined && hops > 0)
    return increment(key, otherHost || host, otherPort, hops - 1);
  if (error !== undefined) throw new Error(error);
  const number = answers.find((answer) => answer.startsWith(":"));
  if (number === undefined) throw new Error(`${host}:${port} ended the connection early`);
  return Number(number.slice(1));
}

/** Sends commands, and returns their answers, each a line. */
async function ask(host, port, commands) {
  const socket = connect({ host: host.replace(/^\[|\]$/g, ""), port: Number(port) });
  socket.setTimeout(10_000, () => {
    socket.destroy(new Error(`${host}:${port} did not answer within 10 seconds`));
  });
  for (const words of commands) {
    const strings = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${words.length}\r\n${strings.join("")}`);
  }
  const answers = (await text(socket)).split("\r\n");
  // What follows the last line end is a cut answer.
  return answers.slice(0, -1);
}
