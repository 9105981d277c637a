/**
 * A video of one picture, in the form that Chromium's pretended camera reads (YUV4MPEG2): white, with the squares of a
 * code that a page drew as an SVG path of `M<x> <y>h1v1h-1z`.
 */
export function cameraPicture(path: string, size: number): Uint8Array {
  const [width, height] = [640, 480];
  const scale = Math.floor(Math.min(width, height) / size);
  const luma = new Uint8Array(width * height).fill(235);
  const left = Math.floor((width - size * scale) / 2);
  const top = Math.floor((height - size * scale) / 2);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let row = 0; row < scale; row += 1) {
      const start = (top + Number(y) * scale + row) * width + left + Number(x) * scale;
      luma.fill(16, start, start + scale);
    }
  const grey = new Uint8Array((width * height) / 2).fill(128);
  const text = (line: string) => new TextEncoder().encode(line);
  const frame = [text("FRAME\n"), luma, grey];
  return Buffer.concat([text(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...frame, ...frame]);
}
