// A folder -> its files on a free port of 127.0.0.1, as a static host has them.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

export async function serveFolder(folder) {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => response.writeHead(400).end("bad request"));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
}

async function answer(folder, request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const asked = path.join(folder, path.normalize(decodeURIComponent(pathname)));
  const file = asked.endsWith(path.sep) ? path.join(asked, "index.html") : asked;
  const there = await stat(file).then((found) => found.isFile(), () => false);
  if (!there) return response.writeHead(404).end("not found");
  const type = TYPES[path.extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, "cache-control": "max-age=600" });
  createReadStream(file).pipe(response);
}
