// Something to send for whoever has nothing at hand: a picture, a voice, a video and a file, made on the spot.

const WIDE = 640;
const HIGH = 480;
const VOICE_SECONDS = 3;
const VOICE_RATE = 8000;
const VIDEO_MS = 1000;

export const PLACE = { latitude: 22.5431, longitude: 114.0579 };
export const STICKER = "👍";

/** A scratched car door; `phase` from 0 to 1 moves the light over it. */
function drawDoor(canvas, phase) {
  const pen = canvas.getContext("2d");
  pen.setTransform(canvas.width / WIDE, 0, 0, canvas.height / HIGH, 0, 0);
  const paint = pen.createLinearGradient(phase * WIDE - WIDE / 2, 0, phase * WIDE + WIDE / 2, HIGH);
  [[0, "#2b5f8a"], [0.5, "#6fa3cb"], [1, "#234d70"]].forEach(([at, colour]) => paint.addColorStop(at, colour));
  pen.fillStyle = paint;
  pen.fillRect(0, 0, WIDE, HIGH);
  pen.fillStyle = "#1b2c38";
  pen.beginPath();
  pen.moveTo(40, 0);
  pen.lineTo(600, 0);
  pen.lineTo(560, 120);
  pen.lineTo(90, 120);
  pen.fill();
  pen.strokeStyle = "rgb(10 25 38 / 55%)";
  pen.lineWidth = 4;
  pen.strokeRect(60, 130, 500, 420);
  pen.fillStyle = "#d8e3ea";
  pen.beginPath();
  pen.roundRect(430, 175, 100, 24, 12);
  pen.fill();
  scratch(pen);
}

function scratch(pen) {
  pen.lineCap = "round";
  [[120, 330, 400, 290, 5], [150, 348, 360, 316, 3], [210, 352, 430, 322, 2]].forEach(([x, y, toX, toY, width]) => {
    pen.strokeStyle = "#eef1f2";
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.bezierCurveTo(x + 90, y - 26, toX - 80, toY + 18, toX, toY);
    pen.stroke();
  });
}

function sheet(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

/** A picture of the damage. */
export async function photo() {
  const canvas = sheet(WIDE, HIGH);
  drawDoor(canvas, 0.4);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  return new File([blob], "车门划痕.jpg", { type: "image/jpeg" });
}

/** Three seconds of a rattle, as plain sound samples. */
export async function voice() {
  const count = VOICE_SECONDS * VOICE_RATE;
  const data = new DataView(new ArrayBuffer(44 + count * 2));
  const write = (at, letters) => [...letters].forEach((letter, place) => data.setUint8(at + place, letter.charCodeAt(0)));
  write(0, "RIFF");
  data.setUint32(4, 36 + count * 2, true);
  write(8, "WAVEfmt ");
  [[16, 16], [28, VOICE_RATE * 2], [24, VOICE_RATE], [40, count * 2]].forEach(([at, value]) => data.setUint32(at, value, true));
  [[20, 1], [22, 1], [32, 2], [34, 16]].forEach(([at, value]) => data.setUint16(at, value, true));
  write(36, "data");
  for (let at = 0; at < count; at += 1) {
    const time = at / VOICE_RATE;
    const beat = Math.exp(-9 * ((time * 5) % 1));
    data.setInt16(44 + at * 2, 6000 * beat * Math.sin(2 * Math.PI * 190 * time), true);
  }
  return { file: new File([data], "异响.wav", { type: "audio/wav" }), seconds: VOICE_SECONDS };
}

/** A second of light moving over the scratch. */
export async function video() {
  if (typeof MediaRecorder === "undefined") throw new Error("这个浏览器录不了示例视频，请换一个浏览器。");
  const canvas = sheet(WIDE / 2, HIGH / 2);
  drawDoor(canvas, 0);
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
  const pieces = [];
  recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
  const stopped = new Promise((done) => recorder.addEventListener("stop", done, { once: true }));
  const begun = performance.now();
  const drawing = setInterval(() => drawDoor(canvas, (performance.now() - begun) / VIDEO_MS), 50);
  recorder.start();
  setTimeout(() => recorder.stop(), VIDEO_MS);
  await stopped;
  clearInterval(drawing);
  return { file: new File(pieces, "划痕.webm", { type: "video/webm" }), seconds: VIDEO_MS / 1000 };
}

/** A short list, as a text file. */
export async function paper() {
  const lines = ["维修清单（示例）", "左前门：补漆一幅", "右后轮：动平衡", ""];
  return new File([lines.join("\n")], "维修清单.txt", { type: "text/plain" });
}
