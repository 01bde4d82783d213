// Runs a server in several processes that share a port: node workers.mjs SERVER.mjs COUNT
import cluster from "node:cluster";

const [, , server, count] = process.argv;
if (cluster.isPrimary) {
  for (let started = 0; started < Number(count); started += 1) cluster.fork();
} else {
  await import(server);
}
