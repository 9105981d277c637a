import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { contentSecurityPolicy, scriptHashes } from "./csp.ts";

const hash = (script: string) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

test("each inline script of a page is allowed by its hash, and scripts of files are not counted", () => {
  const html = `<html><head><script src="/_next/a.js" async=""></script><script>self.a=[]</script></head>
    <body><script id="x">
 b("<p>") </script><script>self.a=[]</script></body></html>`;
  expect(scriptHashes(html)).toEqual([hash("self.a=[]"), hash('\n b("<p>") ')]);
});

test("no inline script runs without its hash, and nothing goes to another host", () => {
  const policy = contentSecurityPolicy(["'sha256-abc'"]);
  const scripts = policy.split("; ").find((part) => part.startsWith("script-src"));
  expect(scripts).toBe("script-src 'self' 'wasm-unsafe-eval' 'sha256-abc'");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|\*/);
});
