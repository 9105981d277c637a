import type { Metadata } from "next";
import { Access } from "../../features/access/Access.tsx";

export const metadata: Metadata = { title: "Access" };

export default function Page() {
  return <Access />;
}
