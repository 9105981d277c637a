import "./no-cycles-either.ts";
export const here = true;
