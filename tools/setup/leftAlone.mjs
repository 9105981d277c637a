// npm runs a script below a shell, and a SIGTERM that reaches npm ends that shell and nothing below it: what runs there
// would go on, with npm's prompt back and the port taken.

const lookEvery = 500;

/** From now on, this process gets a SIGTERM when whoever started it is gone. Does nothing outside of an npm script. */
export function endWithParent() {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, lookEvery);
  // It alone keeps nothing running.
  timer.unref();
}
