// The stream from the exporter, and the one answer to "is what we show live?". Ages are counted with performance.now(),
// which nobody can set; the device's own clock is only ever believed when it says that more time has passed, as it does
// when the device has slept. After three seconds without a heartbeat nothing counts as live.

const PATH = "/api/v1/stream";
export const SILENCE = 3; // seconds
const AGAIN = 1; // seconds between two attempts
const ATTEMPT = 5; // seconds that an attempt may take until its first event
const MOST = 32 << 20; // characters of one event

const steady = () => performance.now() / 1000;
const wall = () => Date.now() / 1000;

export class Feed {
  /** `told(topic, content)` is called for every event of the state, `beat()` whenever something is live again. */
  constructor({ told, beat }) {
    this.told = told;
    this.beat = beat;
    this.offset = null; // server's time minus our steady one, by the fastest event of this connection
    this.slept = 0; // seconds that our steady clock has missed
    this.seen = { steady: steady(), wall: wall() };
    this.beatAt = null; // server's time of the last heartbeat that was in time
    this.why = "connecting";
    this.attempt = null;
    this.run();
  }

  /** The server's time of now, as far as can be known; null before it was ever heard. */
  now() {
    return this.offset === null ? null : this.offset + steady() + this.slept;
  }

  /** null while live; else since when (server's time, null for never) and why not. */
  cut() {
    this.noticeSleep();
    const now = this.now();
    if (this.beatAt === null) return { since: null, age: null, why: this.why };
    const age = now - this.beatAt;
    if (age <= SILENCE && this.why === "") return null;
    return { since: this.beatAt, age, why: this.why || "nothing arrives any more" };
  }

  /** To be called several times a second: gives up a connection that has fallen silent. */
  tick() {
    this.noticeSleep();
    const attempt = this.attempt;
    if (!attempt) return;
    const quiet = steady() - attempt.at;
    if (quiet > (attempt.heard ? SILENCE : ATTEMPT)) this.giveUp("nothing arrives any more");
  }

  async run() {
    for (;;) {
      const attempt = { at: steady(), heard: false, given: false, fresh: true, renewed: false, stop: new AbortController() };
      this.attempt = attempt;
      try {
        await this.listen(attempt);
        if (!attempt.renewed && !this.why) this.why = "the connection has ended";
      } catch (error) {
        if (!attempt.given) this.why = error instanceof Told ? error.message : "the exporter does not answer";
      }
      this.attempt = null;
      if (!attempt.renewed) await new Promise((done) => setTimeout(done, AGAIN * 1000));
    }
  }

  async listen(attempt) {
    const answer = await fetch(PATH, { cache: "no-store", signal: attempt.stop.signal });
    if (!answer.ok) throw new Told(await refusal(answer));
    let text = "";
    for await (const part of read(answer.body.pipeThrough(new TextDecoderStream()))) {
      text += part;
      const events = text.split("\n\n");
      text = events.pop();
      if (text.length > MOST) throw new Told("an event is too large");
      for (const one of events) this.take(one, attempt);
    }
  }

  take(lines, attempt) {
    const name = /^event: (.*)$/m.exec(lines)?.[1];
    const data = /^data: (.*)$/m.exec(lines)?.[1];
    this.noticeSleep();
    if (!name || !data || attempt !== this.attempt || attempt.given) return;
    const content = JSON.parse(data);
    if (name === "heartbeat") this.takeBeat(content.time, attempt);
    else if (name === "end") this.takeEnd(content.reason, attempt);
    else this.show(name, content);
  }

  /** A page that cannot show what came must not look live: its fault is told in the console, and as a cut. */
  show(name, content) {
    try {
      this.told(name, content);
    } catch (error) {
      reportError(error);
      throw new Told("this page cannot show what came, by a fault of ours");
    }
  }

  /** The exporter ends the stream of its own will: with itself, or so that we ask anew, which nobody need notice. */
  takeEnd(reason, attempt) {
    attempt.renewed = reason === "renew" && attempt.heard;
    if (!attempt.renewed) this.why = "the exporter has stopped";
  }

  takeBeat(time, attempt) {
    const offset = time - steady();
    if (attempt.fresh) {
      this.offset = offset;
      this.slept = 0;
      attempt.fresh = false;
    }
    this.offset = Math.max(this.offset, offset);
    attempt.at = steady();
    if (this.now() - time > SILENCE) {
      this.giveUp("updates arrive late");
      return;
    }
    attempt.heard = true;
    this.beatAt = time;
    this.why = "";
    this.beat();
  }

  /** What our steady clock has missed, by the wall clock; a wall clock that was merely set looks the same for a second. */
  noticeSleep() {
    const now = { steady: steady(), wall: wall() };
    const missed = now.wall - this.seen.wall - (now.steady - this.seen.steady);
    const paused = now.steady - this.seen.steady > SILENCE && this.attempt?.heard;
    this.seen = now;
    if (missed > 2) {
      this.slept += missed;
      this.giveUp("this device slept");
    } else if (paused) this.giveUp("this page was asleep");
  }

  giveUp(why) {
    this.why = why;
    if (!this.attempt || this.attempt.given) return;
    this.attempt.given = true;
    this.attempt.heard = false;
    this.attempt.stop.abort();
  }
}

class Told extends Error {}

async function refusal(answer) {
  const said = (await answer.text()).trim().split("\n")[0].slice(0, 200);
  if (answer.status === 401) return "a name and a password are asked for: load this page anew";
  return said || `the exporter answers ${answer.status}`;
}

async function* read(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
