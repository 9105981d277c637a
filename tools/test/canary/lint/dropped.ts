// A promise that nobody waits for. Only a lint that knows types can see it; tools/test/lint.ts checks that ours does.
async function send(): Promise<void> {
  await Promise.resolve();
}

send();
