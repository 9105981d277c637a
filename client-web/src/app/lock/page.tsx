import type { Metadata } from "next";
import { AppLock } from "../../features/appLock/AppLock.tsx";

export const metadata: Metadata = { title: "App lock" };

export default function Page() {
  return <AppLock />;
}
