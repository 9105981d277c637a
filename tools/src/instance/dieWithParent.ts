// Preloaded into a child that runs on Node: when the channel to its parent closes, the parent is gone, however it went.
process.channel?.unref();
process.on("disconnect", () => {
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 10_000).unref();
});
