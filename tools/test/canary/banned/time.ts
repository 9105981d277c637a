// Ways to the platform's own time and chance. tools/test/bannedTime.ts must find each; nothing runs this file.
export function waitsInEarnest(then: () => void): number {
  setTimeout(then, 1);
  globalThis.setInterval(then, 1);
  const { now } = Date;
  const random = Math["random"]();
  const late = AbortSignal.timeout(1).aborted ? 1 : 0;
  return now() + random + late + performance.now() + Date.now() + new Date().getTime();
}
