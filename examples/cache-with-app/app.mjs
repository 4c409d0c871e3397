// Counts its own starts in Redis. It speaks the protocol itself, so that the example needs no client;
// a real application uses one: `npm install redis`.
import { connect } from "node:net";

const url = new URL(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
const socket = connect(Number(url.port), url.hostname);
const command = (...words) =>
  `*${words.length}\r\n` +
  words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("");

socket.write(command("AUTH", decodeURIComponent(url.password)));
socket.write(command("INCR", "starts"));
socket.write(command("QUIT"));
let answer = "";
socket.on("data", (part) => (answer += part));
socket.on("error", (error) => fail(error.message));
socket.on("close", () => {
  const starts = /:(\d+)/.exec(answer)?.[1];
  if (starts === undefined) fail(answer);
  else console.log(`started ${starts} times`);
});

function fail(reason) {
  console.error(`Redis: ${reason}`);
  process.exitCode = 1;
}
