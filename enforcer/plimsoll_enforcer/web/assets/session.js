// Who is signed in, and how the enforcer is asked. The token lives in this tab's session storage and travels as a bearer
// header; there are no cookies. An answer that is not the enforcer's counts as none.

const TOKEN = "plimsoll.operator.token";
const NAME = "plimsoll.operator.name";
const SIGNED_OUT = "signed-out";
const others = new BroadcastChannel("plimsoll.operator");
const TOKEN_FORM = /^[\x21-\x7e]{1,512}$/;

/** No answer came: nobody knows what became of the question. */
export class Lost extends Error {}

export const token = () => sessionStorage.getItem(TOKEN) ?? "";
export const operator = () => sessionStorage.getItem(NAME) ?? "";

export function rememberOperator(name) {
  sessionStorage.setItem(NAME, name.trim());
}

/** Whether this can be a token at all; what cannot must not even be sent. */
export const fits = (given) => TOKEN_FORM.test(given);

export function signIn(given, name) {
  sessionStorage.setItem(TOKEN, given);
  rememberOperator(name);
}

export function signOut() {
  sessionStorage.removeItem(TOKEN);
}

/** Sign out every other tab of this browser too: one that was duplicated holds a copy of the token. */
export const signOutEverywhere = () => others.postMessage(SIGNED_OUT);

/** Call `done` once another tab says so. */
export function whenSignedOutElsewhere(done) {
  others.addEventListener("message", ({ data }) => data === SIGNED_OUT && done());
}

/**
 * Ask the enforcer; with a `body` it is told to do something.
 *
 * Gives the status and the answer's JSON; throws Lost where none came within `seconds`.
 */
export async function ask(path, { body, seconds = 5, as = token() } = {}) {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), seconds * 1000);
  try {
    const answer = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${as}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: ending.signal,
    });
    return { status: answer.status, said: await objectOf(answer) };
  } catch (error) {
    if (error instanceof Lost) throw error;
    throw new Lost(ending.signal.aborted ? `no answer within ${seconds} s` : "no connection to it");
  } finally {
    clearTimeout(timer);
  }
}

async function objectOf(answer) {
  const text = await answer.text();
  try {
    const said = JSON.parse(text);
    if (typeof said === "object" && said !== null) return said;
  } catch {
    // told below
  }
  throw new Lost(`answer ${answer.status}, which is not the enforcer's`);
}

/** What went wrong in words, of an answer that is no success. */
export function refusal({ status, said }) {
  const told = typeof said?.error === "string" ? said.error : `answer ${status}`;
  if (status === 401) return "This token is wrong. Nothing was done.";
  if (status === 429) return "Too many wrong tokens were tried. Wait a few seconds, then try again.";
  return `The enforcer refuses: ${told}.`;
}
