// PUT where something is to stand (a like, a follow), DELETE where it is not: what the server says
// of it then. Whoever is signed in no more signs in first.

const TIMEOUT_MS = 15_000;

export async function stand(address, isWanted) {
  const response = await fetch(address, {
    method: isWanted ? "PUT" : "DELETE",
    headers: { accept: "application/json", "idempotency-key": crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` },
    credentials: "same-origin",
    keepalive: true,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  if (response.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  throw Object.assign(new Error(`status ${response.status}`), { detail: body?.detail ?? body?.title });
}
