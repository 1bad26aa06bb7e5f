// The wire to the local Telegram: requests with an answer, and the stream of what happens.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;

/** Fetch JSON; throws an Error with a Chinese sentence when the server cannot be reached. */
export async function read(path) {
  const response = await reach(path, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`演示服务器没有给出数据（${response.status}），请稍后再试。`);
  return response.json();
}

/** Post an object (as JSON) or a FormData; throws an Error with the server's own sentence when refused. */
export async function post(path, content) {
  const form = content instanceof FormData;
  const response = await reach(path, {
    method: "POST",
    headers: form ? {} : { "content-type": "application/json" },
    body: form ? content : JSON.stringify(content),
  });
  const answer = await response.json().catch(() => ({ ok: false }));
  if (!answer.ok) throw new Error(answer.error ?? `没有成功（${response.status}），请再试一次。`);
  return answer;
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Error("连不上演示服务器，请确认它还在运行。");
  }
}

/**
 * Follow the stream for ever: `opened` after every (re)connection, `happened` with each event,
 * `lost` when the line breaks. Waits longer after each failure, five seconds at most.
 */
export function follow({ opened, happened, lost }) {
  let wait = FIRST_WAIT_MS;
  const connect = () => {
    const stream = new EventSource("/page/stream");
    stream.onopen = () => {
      wait = FIRST_WAIT_MS;
      opened();
    };
    stream.onmessage = (event) => happened(JSON.parse(event.data));
    stream.onerror = () => {
      stream.close();
      lost();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  connect();
}
