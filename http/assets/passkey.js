// <form data-passkey="sign-in" data-next="/…" data-failed="…" hidden><button>…</form>
// <form data-passkey="add" data-again="/sign-in/again?…" data-failed="…" hidden>…name…</form>
// Shown where the browser knows passkeys; it asks for one, and we say what came of it.

import { toast } from "./toast.js";

const SIGN_IN = "/api/v1/sessions/passkey";
const ADD = "/api/v1/me/passkeys";

export function enhancePasskeys(root) {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  for (const form of root.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form);
    });
  }
}

async function run(form) {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    await (form.dataset.passkey === "add" ? add(form) : signIn(form));
  } catch (error) {
    button.disabled = false;
    if (error.type === "/problems/sign-in-again") location.assign(form.dataset.again);
    // whoever closes the browser's window has changed their mind
    else if (error.name !== "NotAllowedError" && error.name !== "AbortError") {
      toast(error.title ?? form.dataset.failed);
    }
  }
}

async function signIn(form) {
  const { token, options } = await send(`${SIGN_IN}/challenge`);
  const { publicKey } = options;
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.allowCredentials = [];
  const key = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = key.response;
  const response = {
    authenticatorData: text(authenticatorData),
    clientDataJSON: text(clientDataJSON),
    signature: text(signature),
    userHandle: userHandle && text(userHandle),
  };
  await send(SIGN_IN, { token, credential: credential(key, response) });
  location.assign(form.dataset.next);
}

async function add(form) {
  const { token, options } = await send(`${ADD}/challenge`);
  const { publicKey } = options;
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.user.id = bytes(publicKey.user.id);
  for (const known of publicKey.excludeCredentials ?? []) known.id = bytes(known.id);
  const key = await navigator.credentials.create({ publicKey });
  const { attestationObject, clientDataJSON } = key.response;
  const response = {
    attestationObject: text(attestationObject),
    clientDataJSON: text(clientDataJSON),
    transports: key.response.getTransports?.() ?? [],
  };
  const name = new FormData(form).get("name");
  await send(ADD, { token, name, credential: credential(key, response) });
  location.reload();
}

function credential(key, response) {
  const extensions = {};
  return { id: key.id, rawId: text(key.rawId), type: key.type, response, extensions };
}

async function send(path, body = {}) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const said = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw said;
  return said;
}

// base64url, both ways

function bytes(encoded) {
  const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
