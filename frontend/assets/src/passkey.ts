// Passkeys (WebAuthn). The forms are hidden where the browser has none; everything else signs in without script.

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

interface Named { id: string; type: PublicKeyCredentialType; transports?: AuthenticatorTransport[] }
const named = (all?: Named[]) => all?.map((c) => ({ ...c, id: bytes(c.id) }));

async function post(url: string, body?: unknown): Promise<any> {
  const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: body === undefined ? null : JSON.stringify(body) });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.message ?? "");
  return said;
}

function bind(form: HTMLFormElement, work: () => Promise<string>): void {
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  const err = form.querySelector<HTMLElement>("[role=alert]");
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (err) err.hidden = true;
    try {
      location.assign(await work());
    } catch (cause) {
      // What the browser itself says is for programmers; what the server says is for people.
      const said = cause instanceof DOMException || !(cause instanceof Error) ? "" : cause.message;
      if (err) {
        err.textContent = said || (form.dataset.passkeyFailed ?? "");
        err.hidden = false;
      }
    }
  });
}

export function passkeys(root: Document): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    bind(form, async () => {
      const url = form.dataset.passkey ?? "";
      const asked = (await post(url + "/challenge")).publicKey;
      const got = (await navigator.credentials.get({
        publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
      })) as PublicKeyCredential;
      const r = got.response as AuthenticatorAssertionResponse;
      const said = await post(url + "?next=" + encodeURIComponent(form.dataset.passkeyNext ?? "/"), {
        id: got.id, rawId: text(got.rawId), type: got.type,
        response: { authenticatorData: text(r.authenticatorData), clientDataJSON: text(r.clientDataJSON), signature: text(r.signature), userHandle: r.userHandle ? text(r.userHandle) : undefined },
      });
      return said.next;
    });
  }
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-passkey-new]")) {
    bind(form, async () => {
      const url = form.dataset.passkeyNew ?? "";
      const asked = (await post(url + "/challenge")).publicKey;
      const made = (await navigator.credentials.create({
        publicKey: { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: named(asked.excludeCredentials) },
      })) as PublicKeyCredential;
      const r = made.response as AuthenticatorAttestationResponse;
      const name = new FormData(form).get("name");
      const said = await post(url + "?name=" + encodeURIComponent(String(name ?? "")), {
        id: made.id, rawId: text(made.rawId), type: made.type,
        response: { attestationObject: text(r.attestationObject), clientDataJSON: text(r.clientDataJSON), transports: r.getTransports?.() ?? [] },
      });
      return said.next;
    });
  }
}
