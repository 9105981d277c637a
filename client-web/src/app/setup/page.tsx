import type { Metadata } from "next";
import { Setup } from "../../features/encryption/Setup.tsx";

export const metadata: Metadata = { title: "Set up encryption" };

export default function Page() {
  return <Setup />;
}
