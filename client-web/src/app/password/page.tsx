import type { Metadata } from "next";
import { ChangePassword } from "../../features/password/ChangePassword.tsx";

export const metadata: Metadata = { title: "Change password" };

export default function Page() {
  return <ChangePassword />;
}
