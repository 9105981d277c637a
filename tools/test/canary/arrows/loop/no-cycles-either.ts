import "./no-cycles.ts";
export const there = true;
