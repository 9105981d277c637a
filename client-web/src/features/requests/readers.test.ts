import { expect, test } from "vitest";
import { readersSentence } from "./readers.ts";

const role = (name: string, inEveryRequest: boolean) => ({
  id: name,
  name,
  everything: false,
  inEveryRequest,
  groups: [],
});

test("[P2] a new request's page names every role that reads it", () => {
  expect(readersSentence([role("Admin", true), role("Dispatcher", true), role("Responder", false)])).toBe(
    "The people you add can read it, and so can everybody with the role “Admin” or “Dispatcher”.",
  );
  expect(readersSentence([role("Admin", true)])).toMatch(/the role “Admin”\.$/);
  expect(readersSentence(undefined)).toBe("The people you add can read it.");
});
