import type { Metadata } from "next";
import { NotFound } from "../features/shell/NotFound.tsx";

export const metadata: Metadata = { title: "No such page" };

export default function Page() {
  return <NotFound />;
}
