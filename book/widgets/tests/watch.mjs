// A page -> what it did that no page of the book may do.

const watched = new WeakMap();

export function watch(page, allow) {
  const found = [];
  watched.set(page, { found, allow });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      found.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on("pageerror", (error) => found.push(`page error: ${error.stack ?? error}`));
  page.on("crash", () => found.push("the page crashed"));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const ours = ["127.0.0.1", "localhost"].includes(url.hostname);
    if (!ours && !["file:", "data:", "blob:", "about:"].includes(url.protocol)) {
      found.push(`third-party request: ${url}`);
    }
  });
  page.on("requestfailed", (request) => {
    // ABORTED is the page's own doing: it closed a stream, it went elsewhere.
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") found.push(`request failed: ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) found.push(`status ${response.status()}: ${response.url()}`);
  });
}

// All that was seen so far. The page answers once, so that what it said
// before has arrived.
export async function seen(page) {
  if (!page.isClosed()) await page.title().catch(() => "");
  return watched.get(page).found;
}

export function forget(page) {
  watched.get(page).found.length = 0;
}

// Without what this test is about.
export async function complaints(page) {
  const { allow } = watched.get(page);
  return (await seen(page)).filter((text) => !allow.some((pattern) => pattern.test(text)));
}
